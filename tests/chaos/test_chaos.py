"""A short chaos run; `make chaos` is the long one."""

import pytest

from tests.chaos.run import run

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.timeout(600),
    # A socket to a process that was killed in mid-answer may be closed by the collector alone.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def test_nothing_is_stuck_lost_or_counted_twice_whatever_is_killed(tmp_path):
    outcome = run(teams=15, each=8, seed=7, folder=tmp_path)
    assert sum(outcome.kills.values()) >= 5
    assert sum(outcome.meddled.values()) >= 5
    assert sum(outcome.states.values()) >= 100
    missed = {name: goal for name, goal in outcome.goals().items() if not goal["met"]}
    assert missed == {}
