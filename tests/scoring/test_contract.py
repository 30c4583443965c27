"""The messages survive the wire, and refuse what must not cross it."""

import base64
import json
import math

import pytest
from pydantic import ValidationError

from scoring.contract import ReportedProblem, Score, ScoringJob, ScoringResult

JOB = {
    "version": 3,
    "submission": 3,
    "attempt": 1,
    "token": "t",
    "submission_file": {"url": "http://x/a", "name": "a.csv", "sha256": "a" * 64, "size": 3},
    "solution_file": {"url": "http://x/b", "name": "b.csv", "sha256": "b" * 64, "size": 3},
    "layout": {"id_column": "id", "columns": {"label": "integer"}},
    "metrics": [{"name": "accuracy", "target": "label", "prediction": ["label"]}],
    "expires_at": 1.0,
}
SCORE = {"metric": "accuracy", "split": "public", "value": 0.5, "rows": 2, "signature": "s"}


def test_a_job_survives_the_wire():
    job = ScoringJob.model_validate(JOB)
    assert ScoringJob.model_validate(json.loads(json.dumps(job.to_json()))) == job


def test_a_result_survives_the_wire():
    problem = ReportedProblem(code="missing_ids", count=2, examples=("id 4", "id 5"))
    result = ScoringResult(
        token="t", outcome="scored", scores=(Score(**SCORE),), problems=(problem,)
    )
    assert ScoringResult.model_validate(json.loads(json.dumps(result.to_json()))) == result


def test_a_vector_of_replicates_survives_the_wire():
    vector = bytes(range(256)) * 32
    score = Score(**SCORE, low=0.4, high=0.6, replicates=base64.b64encode(vector))
    sent = json.loads(json.dumps(score.to_json()))
    assert Score.model_validate(sent).replicates == vector


@pytest.mark.parametrize("target", ["label", ["label"]])
def test_one_truth_column_may_be_given_as_a_name(target):
    job = ScoringJob.model_validate({**JOB, "metrics": [{**JOB["metrics"][0], "target": target}]})
    assert job.metrics[0].target == ("label",)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_score_is_finite_or_there_is_none(value):
    with pytest.raises(ValidationError):
        Score(**{**SCORE, "value": value})


def test_an_unknown_version_is_refused():
    with pytest.raises(ValidationError):
        ScoringJob.model_validate({**JOB, "version": 1})


def test_an_unknown_field_is_refused():
    with pytest.raises(ValidationError):
        ScoringJob.model_validate({**JOB, "extra": True})
