"""What a page of a board shows beside its entries: the hosts' baselines, and the chart.

Neither depends on the reader or the page, so both are kept in the cache for as long as the board stays
as it is; a page then costs no more queries than without them.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache

from agon.leaderboards.chart import Chart, chart_of
from agon.leaderboards.models import Baseline, Board

KEPT_SECONDS = 60
"""A baseline's new name does not change the board's version; it shows after this time."""


@dataclass(frozen=True, slots=True)
class Aside:
    baselines: list[Baseline]
    chart: Chart | None


def aside_of(board: Board) -> Aside:
    key = f"board-aside:{board.pk}:{board.version}:{board.updated_at.timestamp()}"
    kept: Aside | None = cache.get(key)
    if kept is None:
        baselines = baselines_of(board)
        kept = Aside(baselines, chart_of(board, baselines))
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def baselines_of(board: Board) -> list[Baseline]:
    """The hosts' baselines on a board, the best first."""
    found = Baseline.objects.filter(board=board).select_related("team")
    return list(found.order_by("key", "reached_at", "team_id"))
