"""Hosts' scoring programs, from job to result, in real sandboxes."""

import functools
import json
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest
from scoring_files import zipped

from scoring.contract import (
    Abilities,
    Layout,
    Limits,
    MetricSpec,
    Outcome,
    Owner,
    ScoringJob,
    Split,
    SubmissionKind,
)
from scoring.errors import BrokenCompetition
from scoring.scoringprograms import chosen, read_scores
from scoring.worker import ScoringWorker

pytestmark = pytest.mark.timeout(180)

# Reads what the command names, as programs for CodaLab do.
BY_ARGUMENTS = """
import os, sys
source, target = sys.argv[1:]
truth = open(os.path.join(source, "ref", "answer.txt")).read().split()
given = open(os.path.join(source, "res", "answer.txt")).read().split()
right = sum(a == b for a, b in zip(truth, given))
with open(os.path.join(target, "scores.txt"), "w") as stream:
    stream.write(f"correct: {right}\\nshare: {right / len(truth)}\\n")
"""
# Looks in fixed places, as programs for Codabench do.
BY_FIXED_PLACES = """
import json
from helper import compare
truth = open("/app/input/ref/answer.txt").read().split()
given = open("/app/input/res/answer.txt").read().split()
json.dump(compare(truth, given), open("/app/output/scores.json", "w"))
"""
HELPER = """
def compare(truth, given):
    right = sum(a == b for a, b in zip(truth, given))
    return {"correct": right, "share": right / len(truth)}
"""
REFUSING = """
class ParticipantVisibleError(Exception):
    pass
raise ParticipantVisibleError("answer.txt needs one word a line")
"""
CURIOUS = """
import os, socket
try:
    socket.create_connection(("127.0.0.1", 1), timeout=1)
except OSError as error:
    reached = 0.0
else:
    reached = 1.0
os.makedirs("/app/output", exist_ok=True)
open("/app/output/scores.txt", "w").write(f"correct: {reached}\\nshare: {len(os.listdir('/app/input/res'))}")
"""
REFERENCE = zipped(("answer.txt", b"a b c d"))
SUBMISSION = zipped(("answer.txt", b"a b x d"))
METRICS = (
    MetricSpec(name="right_answers", target="correct", prediction=()),
    MetricSpec(name="share", target="share", prediction=()),
)


@functools.cache
def worker_in(folder, abilities):
    return ScoringWorker(folder, name="test", abilities=abilities)


def run_job(folder, abilities, job):
    return worker_in(folder, abilities).run(job, lambda *_: None)


@pytest.fixture(scope="module")
def worker_process():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield pool


@pytest.fixture
def run(worker_process, tmp_path_factory, storage):
    folder = tmp_path_factory.getbasetemp() / "scoring-programs"

    def run_there(program, command="python3 $program/score.py $input $output", **changes):
        files = program if isinstance(program, tuple) else (("score.py", program.encode()),)
        values = {
            "submission": 1,
            "attempt": 1,
            "token": "t",
            "kind": SubmissionKind.FILES,
            "submission_file": storage.put(SUBMISSION, "mine.zip"),
            "solution_file": storage.put(REFERENCE, "reference.zip"),
            "scoring_program": storage.put(zipped(*files), "program.zip"),
            "command": command,
            "layout": Layout(id_column="id", columns={}),
            "metrics": METRICS,
            "limits": Limits(seconds=20, memory_bytes=1024**3),
            "expires_at": time.time() + 120,
        }
        job = ScoringJob(**{**values, **changes})
        abilities = Abilities(sandbox="full")
        return worker_process.submit(run_job, folder, abilities, job).result(timeout=120)

    return run_there


def scores_of(result):
    assert result.outcome is Outcome.SCORED, result.problems
    return {(score.metric, score.split): score.value for score in result.scores}


BOTH = {
    ("right_answers", Split.PUBLIC): 3.0,
    ("right_answers", Split.PRIVATE): 3.0,
    ("share", Split.PUBLIC): 0.75,
    ("share", Split.PRIVATE): 0.75,
}


def test_a_program_that_is_told_its_folders_scores_on_both_boards(run):
    result = run(BY_ARGUMENTS)
    assert scores_of(result) == BOTH
    assert "program:" in result.scores[0].signature


def test_a_program_that_knows_its_folders_finds_them_and_its_own_modules(run):
    files = (("run.py", BY_FIXED_PLACES.encode()), ("helper.py", HELPER.encode()))
    assert scores_of(run(files, "python run.py --codabench")) == BOTH


def test_codabench_s_own_paths_in_the_command_are_right_here_too(run):
    command = "python3 /app/program/score.py /app/input/ /app/output/"
    assert scores_of(run(BY_ARGUMENTS, command)) == BOTH


def test_what_a_program_refuses_is_the_participants(run):
    result = run(REFUSING)
    assert (result.outcome, result.owner) == (Outcome.REJECTED, Owner.PARTICIPANT)
    (problem,) = result.problems
    assert problem.code == "scorer_refused"
    assert problem.params == {"reason": "answer.txt needs one word a line"}
    assert not problem.examples


@pytest.mark.parametrize(
    ("program", "command", "code", "told"),
    [
        ("raise KeyError('row 7')", "python3 $program/score.py", "scorer_failed", "row 7"),
        ("print 'old'", "python $program/score.py", "scorer_failed", "SyntaxError"),
        ("pass", "python3 $program/score.py", "scorer_no_scores", None),
        ("pass", "Rscript $program/score.R", "scorer_failed", "Rscript"),
        ("pass", "python3 'open", "scorer_failed", "No closing quotation"),
        ("import time; time.sleep(60)", "python3 score.py", "scorer_failed", "seconds allowed"),
    ],
)
def test_a_program_that_fails_is_the_hosts(run, program, command, code, told):
    limits = Limits(seconds=3, memory_bytes=1024**3)
    result = run(program, command, limits=limits)
    assert (result.outcome, result.owner) == (Outcome.FAILED, Owner.HOST)
    assert [problem.code for problem in result.problems] == [code]
    assert told is None or told in result.problems[0].params["reason"]


def test_a_score_that_the_program_did_not_write_is_named(run):
    absent = (MetricSpec(name="f1", target="f1-score", prediction=()),)
    (problem,) = run(BY_ARGUMENTS, metrics=absent).problems
    assert (problem.code, problem.params) == (
        "scorer_score",
        {"key": "f1-score", "found": "nothing"},
    )


def test_an_archive_that_is_none_is_its_owners(run, storage):
    result = run(BY_ARGUMENTS, submission_file=storage.put(b"no zip file", "mine.zip"))
    assert (result.owner, result.problems[0].code) == (Owner.PARTICIPANT, "files_archive")
    result = run(BY_ARGUMENTS, solution_file=storage.put(b"no zip file", "reference.zip"))
    assert (result.owner, result.problems[0].code) == (Owner.HOST, "scorer_archive")


def test_a_program_has_no_way_out(run):
    assert scores_of(run(CURIOUS))["right_answers", Split.PUBLIC] == 0.0


def test_a_worker_without_a_sandbox_never_runs_one(storage, tmp_path, run):
    job_result = run(BY_ARGUMENTS)
    assert job_result.outcome is Outcome.SCORED
    bare = ScoringWorker(tmp_path, name="bare", abilities=Abilities())
    job = ScoringJob(
        submission=1,
        attempt=1,
        token="t",
        kind=SubmissionKind.FILES,
        submission_file=storage.put(SUBMISSION, "mine.zip"),
        solution_file=storage.put(REFERENCE, "reference.zip"),
        scoring_program=storage.put(zipped(("score.py", b"")), "program.zip"),
        command="python3 score.py",
        layout=Layout(id_column="id", columns={}),
        metrics=METRICS,
        expires_at=time.time() + 60,
    )
    result = bare.run(job, lambda *_: None)
    assert (result.owner, result.problems[0].code) == (Owner.PLATFORM, "worker_without_sandbox")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("scores.json", json.dumps({"a": 1, "b": "0.5", "c": [1]}).encode()),
        ("scores.txt", b"a: 1\n\nb:0.5\nc : [1]\n"),
    ],
)
def test_both_kinds_of_scores_files_are_read(name, content):
    assert chosen(read_scores(name, content), ["a", "b"]) == {"a": 1.0, "b": 0.5}


@pytest.mark.parametrize("value", [None, True, "x", "nan", "inf", [1], 10**400])
def test_what_is_no_finite_number_is_no_score(value):
    with pytest.raises(BrokenCompetition, match="“a”"):
        chosen({"a": value} if value is not None else {}, ["a"])


@pytest.mark.parametrize("content", [b"[1, 2]", b"{", b"7", b"[" * 100_000, b"\xff"])
def test_a_scores_file_that_is_no_object_is_the_hosts(content):
    with pytest.raises(BrokenCompetition):
        read_scores("scores.json", content)
