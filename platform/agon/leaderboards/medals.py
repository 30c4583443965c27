"""Medals by the thresholds that Kaggle publishes.

Source: kaggle.com/progression, "Competitions". With fewer than 100 teams the first 10 % have gold, the
first 20 % silver, the first 40 % bronze; from 100 on gold goes to ten teams, from 250 on to ten and
0.2 % more, silver and bronze to fifty and a hundred, from 1,000 on to 5 % and 10 %.
"""

from __future__ import annotations

import math

from agon.leaderboards.models import Medal


def thresholds(teams: int) -> dict[Medal, int]:
    """The last rank that has each medal, in a competition with so many teams.

    A share that is no whole number counts as the next one, so that the first of three has gold.
    """

    def share(percent: int) -> int:
        return math.ceil(teams * percent / 100)

    if teams < 100:
        return {Medal.GOLD: share(10), Medal.SILVER: share(20), Medal.BRONZE: share(40)}
    if teams < 250:
        return {Medal.GOLD: 10, Medal.SILVER: share(20), Medal.BRONZE: share(40)}
    gold = 10 + teams // 500
    if teams < 1000:
        return {Medal.GOLD: gold, Medal.SILVER: 50, Medal.BRONZE: 100}
    return {Medal.GOLD: gold, Medal.SILVER: share(5), Medal.BRONZE: share(10)}


def medal_of(rank: int, teams: int) -> Medal | None:
    """The medal of a rank, if it has one; ties at a threshold all have it."""
    return next((medal for medal, last in thresholds(teams).items() if rank <= last), None)
