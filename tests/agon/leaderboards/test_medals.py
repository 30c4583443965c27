"""Who has a medal, by the published thresholds."""

import pytest

from agon.leaderboards.medals import medal_of, thresholds
from agon.leaderboards.models import Medal


@pytest.mark.parametrize(
    ("teams", "gold", "silver", "bronze"),
    [
        (1, 1, 1, 1),
        (10, 1, 2, 4),
        (50, 5, 10, 20),
        (99, 10, 20, 40),
        (100, 10, 20, 40),
        (249, 10, 50, 100),
        (250, 10, 50, 100),
        (500, 11, 50, 100),
        (999, 11, 50, 100),
        (1000, 12, 50, 100),
        (5000, 20, 250, 500),
    ],
)
def test_the_last_rank_of_each_medal(teams, gold, silver, bronze):
    assert thresholds(teams) == {Medal.GOLD: gold, Medal.SILVER: silver, Medal.BRONZE: bronze}


def test_who_shares_the_last_rank_shares_the_medal():
    assert medal_of(10, 100) is Medal.GOLD
    assert medal_of(11, 100) is Medal.SILVER
    assert medal_of(41, 100) is None
