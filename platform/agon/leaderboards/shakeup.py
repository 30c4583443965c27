"""How ranks moved from the public rows to the private ones, as a drawing and in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agon.leaderboards.models import FinalStanding

WIDTH = 640
HEIGHT = 360
EDGE = 12
MOST_LINES = 200
"""More lines than this would be a black surface; the first of the final ranking are drawn."""


@dataclass(frozen=True, slots=True)
class Line:
    """One team, from its rank on the public rows on the left to its final one on the right."""

    team: str
    before: int
    after: int
    y1: float
    y2: float
    is_mine: bool

    @property
    def direction(self) -> str:
        if self.before == self.after:
            return "same"
        return "up" if self.after < self.before else "down"


@dataclass(frozen=True, slots=True)
class ShakeUp:
    lines: list[Line]
    teams: int
    moved: int
    width: int = WIDTH
    height: int = HEIGHT
    left: int = EDGE
    right: int = WIDTH - EDGE


def shake_up(standings: Sequence[FinalStanding], *, my_team: int | None = None) -> ShakeUp | None:
    """The drawing of a phase's final standings; None where there is nothing to compare."""
    known = [one for one in standings if one.public_rank is not None]
    if len(known) < 2:
        return None
    drawn = known[:MOST_LINES]
    lowest = max(max(one.rank, one.public_rank or 0) for one in drawn)

    def y(rank: int) -> float:
        return round(EDGE + (HEIGHT - 2 * EDGE) * (rank - 1) / max(lowest - 1, 1), 2)

    lines = [
        Line(
            team=one.team.name,
            before=one.public_rank or 0,
            after=one.rank,
            y1=y(one.public_rank or 0),
            y2=y(one.rank),
            is_mine=one.team_id == my_team,
        )
        for one in drawn
    ]
    moved = sum(one.rank != one.public_rank for one in known)
    return ShakeUp(lines, len(known), moved)
