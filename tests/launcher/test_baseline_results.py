"""Whether a notebook has reached its goal, by what the site says of its submissions."""

from __future__ import annotations

import pytest

from launcher.baseline_results import Result
from launcher.expectations import Quick

GOAL = Quick(floor=0.9, seconds=60)
TITLE = "Convolutional network"


def submission(pk=1, kind="predictions", private=0.95, state="scored", problems=()):
    scores = [{"metric": "accuracy", "split": "public", "value": 0.99}]
    if private is not None:
        scores.append({"metric": "accuracy", "split": "private", "value": private})
    return {
        "id": pk,
        "kind": kind,
        "state": state,
        "scores": scores if state == "scored" else [],
        "problems": [{"sentence": sentence} for sentence in problems],
    }


def result_of(*submissions, goal=GOAL):
    result = Result("mnist/cnn", goal, seconds=12.34)
    result.take(submissions, "accuracy")
    return result


def test_the_private_score_of_the_predictions_is_what_counts():
    result = result_of(submission(2, private=0.95), submission(1, kind="model", private=0.94))
    assert result.is_met
    assert result.submission == 2
    assert result.document() == {
        "goal": 0.9,
        "comparison": "at least",
        "measured": 0.95,
        "met": True,
        "seconds": 12.3,
        "by_kind": {"model": 0.94, "predictions": 0.95},
    }


def test_an_error_must_stay_below_its_ceiling():
    goal = Quick(ceiling=0.6, seconds=60)
    assert result_of(submission(private=0.5), goal=goal).is_met
    assert not result_of(submission(private=0.7), goal=goal).is_met


def test_of_several_files_the_best_counts():
    networks = submission(1, private=0.95), submission(2, private=0.2)
    assert result_of(*networks).submission == 1
    error = Quick(ceiling=0.6, seconds=60)
    assert result_of(*networks, goal=error).submission == 2


@pytest.mark.parametrize(
    ("submissions", "reason"),
    [
        ([], "it submitted nothing"),
        ([submission(private=0.8)], "accuracy 0.8 is not at least 0.9"),
        ([submission(private=None)], "its predictions has no private accuracy"),
        (
            [
                submission(),
                submission(2, kind="model", state="rejected", problems=["It is empty."]),
            ],
            "its model was rejected: It is empty.",
        ),
        ([submission(state="failed")], "its predictions was failed: no reason was given"),
    ],
)
def test_what_is_missing_is_said_and_the_goal_is_missed(submissions, reason):
    result = result_of(*submissions)
    assert not result.is_met
    assert reason in result.document()["reason"]


@pytest.mark.parametrize(
    "rows",
    [[], [{"team": TITLE, "is_baseline": False}], [{"team": "Another", "is_baseline": True}]],
)
def test_its_row_must_stand_on_the_board_as_a_marked_baseline(rows):
    result = result_of(submission())
    result.check_board(rows, TITLE)
    assert not result.is_met
    assert "no marked baseline" in result.document()["reason"]


def test_a_marked_row_is_enough():
    result = result_of(submission())
    result.check_board([{"team": TITLE, "is_baseline": True}], TITLE)
    assert result.is_met
