"""Files as strangers send them, for twenty seconds; `make fuzz` does it for ten minutes."""

import time

import pytest

from tests.fuzz.campaign import campaign, goals

pytestmark = pytest.mark.slow


def test_no_file_crashes_hangs_or_surprises_the_readers():
    outcome = campaign(seconds=20, seed=time.time_ns() % 2**31, guided=False)
    assert outcome.found == []
    assert outcome.sent["Hypothesis"] > 100
    assert all(
        goal["met"] for name, goal in goals(outcome, minutes=10).items() if name != "minutes"
    )
