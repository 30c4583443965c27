"""The host's own metric: scores for each split, and faults with the right owner."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bare import Said, run_bare, runtimes

from scoring.contract import Limits, Split
from scoring.errors import BrokenCompetition, InvalidSubmission
from scoring.hostmetrics import host_scores

__all__ = ["run_bare", "runtimes"]

METRIC = """
class ParticipantVisibleError(Exception):
    pass

def score(solution, submission, row_id_column_name):
    if (submission["answer"] < 0).any():
        raise ParticipantVisibleError("Answers must not be negative.")
    return abs(solution["truth"] - submission["answer"]).mean() / (submission["answer"] != 99).all()
"""


@pytest.fixture
def scores(run_bare, tmp_path):
    def scored(answers, *, metric=METRIC, change=lambda said: said):
        files = {
            "metric.py": metric,
            "solution.csv": "id,truth\n1,1\n2,2\n3,3\n",
            "submission.csv": "id,answer\n"
            + "".join(f"{n},{a}\n" for n, a in enumerate(answers, 1)),
        }
        for name, content in files.items():
            (tmp_path / name).write_text(content)

        def run(task, _on_progress):
            content = {name: path.read_bytes() for name, path in task.files.items()}
            return change(run_bare(task.runtime, content, task.request))

        return host_scores(
            run,
            metric=tmp_path / "metric.py",
            solution=tmp_path / "solution.csv",
            submission=tmp_path / "submission.csv",
            id_column="id",
            splits={Split.PUBLIC: np.array([0, 2]), Split.PRIVATE: [1]},
            limits=Limits(),
        )

    return scored


def test_each_split_has_its_score(scores):
    assert scores([1, 5, 4]) == {Split.PUBLIC: 0.5, Split.PRIVATE: 3.0}


def test_the_participant_reads_what_is_meant_for_participants(scores):
    with pytest.raises(InvalidSubmission, match="refused the predictions: Answers must not"):
        scores([1, -5, 4])


def test_the_host_reads_the_rest(scores):
    with pytest.raises(BrokenCompetition, match="no finite number"):
        scores([99, 5, 4])
    with pytest.raises(BrokenCompetition, match="line 1: ZeroDivisionError"):
        scores([1, 2, 3], metric="1 / 0")


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"scores": np.zeros(3)},
        {"scores": np.zeros(2, np.float32)},
        {"scores": np.array([0.0, np.nan])},
    ],
)
def test_what_comes_out_is_not_believed(scores, arrays):
    with pytest.raises(BrokenCompetition):
        scores([1, 2, 3], change=lambda said: replace(Said(), arrays=arrays))
