"""A job from beginning to end: every end has an owner, and nothing leaks."""

import json
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import polars as pl
import pytest
from scoring_files import ACCURACY, LAYOUT, PERFECT, SOLUTION, run_job

from scoring.contract import Limits, MetricSpec, Outcome, Owner, ScoringJob, Stage
from scoring.worker import prepared_path


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def warm_process():
    """A process of its own, as a worker is: this one has polars' threads running already."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield pool


def job_of(storage, submission=PERFECT, solution=SOLUTION, **changes):
    values = {
        "submission": 1,
        "attempt": 1,
        "token": "t",
        "submission_file": storage.put(submission, "mine.csv"),
        "solution_file": storage.put(solution, "solution.csv"),
        "layout": LAYOUT,
        "metrics": ACCURACY,
        "limits": Limits(seconds=20),
        "expires_at": time.time() + 30,
    }
    return ScoringJob(**{**values, **changes})


@pytest.fixture
def run(warm_process, cache):
    def run_there(job):
        result, stages = warm_process.submit(run_job, cache, job).result(timeout=60)
        assert stages[0] is Stage.FETCHING
        return result

    return run_there


def test_a_job_is_scored_again_and_again(run, cache, storage):
    job = job_of(storage)
    results = [run(job) for _ in range(3)]
    assert {result.outcome for result in results} == {Outcome.SCORED}
    assert {tuple(score.value for score in result.scores) for result in results} == {(1.0, 1.0)}
    signature = results[0].scores[0].signature.split("|")
    assert signature[:4] == ["accuracy", "{}", "public", "rows:2"]
    assert signature[5] == f"submission:{job.submission_file.sha256[:16]}"


def test_a_damaged_prepared_solution_is_made_again(run, cache, storage):
    job = job_of(storage)
    prepared = prepared_path(job, cache)
    prepared.parent.mkdir()
    prepared.write_bytes(b"torn")
    assert run(job).outcome is Outcome.SCORED
    assert prepared.stat().st_size > 4


def test_a_bad_file_is_the_participants_and_the_worker_lives_on(run, cache, storage):
    result = run(job_of(storage, submission=b"id,label\n1,cat\n"))
    assert (result.outcome, result.owner) == (Outcome.REJECTED, Owner.PARTICIPANT)
    assert [problem.code for problem in result.problems] == ["wrong_type", "missing_ids"]
    assert run(job_of(storage)).outcome is Outcome.SCORED


def test_a_bad_solution_is_the_hosts(run, cache, storage):
    solution = SOLUTION.replace(b"2,8", b"2,secret")
    result = run(job_of(storage, solution=solution))
    assert (result.outcome, result.owner) == (Outcome.FAILED, Owner.HOST)
    assert "secret" not in json.dumps(result.to_json())


def test_a_file_that_is_gone_is_the_platforms(run, cache, storage):
    job = job_of(storage)
    storage.answers = [404]
    result = run(job)
    assert (result.outcome, result.owner) == (Outcome.FAILED, Owner.PLATFORM)
    assert result.problems[0].code == "file_gone"


def test_what_nobody_foresaw_is_the_platforms_and_is_told_by_reference_only(run, storage):
    metrics = (MetricSpec(name="accuracy", target="label", prediction=("absent",)),)
    result = run(job_of(storage, metrics=metrics))
    assert (result.outcome, result.owner) == (Outcome.FAILED, Owner.PLATFORM)
    assert result.problems[0].code == "platform_error"
    assert set(result.problems[0].params) == {"reference"}
    assert "absent" not in json.dumps(result.to_json())


def test_a_process_that_used_polars_does_not_blame_the_file(cache, storage):
    pl.DataFrame({"a": range(100_000)}).sort("a")
    result, _ = run_job(cache, job_of(storage))
    assert (result.outcome, result.owner) == (Outcome.FAILED, Owner.PLATFORM)


def test_nothing_of_a_submission_stays(run, cache, storage):
    run(job_of(storage))
    assert not list(cache.glob("incoming-*"))
