"""How the scores of a board are spread, with the hosts' baselines in between.

Drawn from worse on the left to better on the right, whatever the metric's direction. A large board
is drawn from its buckets, so that the chart costs no more than a page of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from agon.common.scores import score_text
from agon.leaderboards.models import LOWEST, Baseline, Board

BARS = 32
WIDTH = 640
HEIGHT = 120
GAP = 2
SHOWN = 0.95
"""The share of the teams, from the best, that the chart must show; worse ones share the first bar."""

READ_WHOLE = 2_000
"""A board of at most this many teams is drawn from each one's score."""

SHORTEST = 2.0
"""A bar that stands for anybody at all can be seen."""


@dataclass(frozen=True, slots=True)
class Bar:
    """Teams whose scores are close to each other; `count` is rounded on a board of many thousands."""

    x: float
    y: float
    width: float
    height: float
    count: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Line:
    """A score that is marked: the best baseline, the median of them, or the reader's own."""

    kind: str
    x: float
    score: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a key stands on the drawing, and how its score is written."""

    best: float
    worst: float
    decimals: int
    higher_is_better: bool

    @property
    def _length(self) -> float:
        """Halved first: the distance of two floats may be more than a float can hold."""
        return self.worst / 2 - self.best / 2

    def share(self, key: float) -> float:
        return min(max((self.worst / 2 - key / 2) / self._length, 0.0), 1.0)

    def bar(self, key: float) -> int:
        return min(int(self.share(key) * BARS), BARS - 1)

    def text(self, key: float) -> str:
        return score_text(-key if self.higher_is_better else key, self.decimals)

    def text_at(self, share: float) -> str:
        return self.text(2 * (self.worst / 2 - share * self._length))

    def line(self, kind: str, key: float, name: str = "") -> Line:
        return Line(kind, round(self.share(key) * WIDTH, 2), self.text(key), name)


@dataclass(frozen=True, slots=True)
class Chart:
    """What the template draws; all in units of the drawing."""

    bars: list[Bar]
    lines: list[Line]
    worst: str
    best: str
    half: str
    leaves_out: bool
    scale: Scale
    width: int = WIDTH
    height: int = HEIGHT

    def with_mine(self, key: float | None) -> Chart:
        """The chart for a reader whose team stands at a key, if they have one."""
        if key is None:
            return self
        return replace(self, lines=[*self.lines, self.scale.line("mine", key)])


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Teams whose keys lie from `first` to `last`."""

    first: float
    last: float
    count: int


def chart_of(board: Board, baselines: Sequence[Baseline]) -> Chart | None:
    """The chart of a board; None where there is nothing yet that could differ.

    Args:
        board: The board.
        baselines: Its baselines, the best first.
    """
    stretches = _stretches(board)
    keys = [stretch.first for stretch in stretches] + [one.key for one in baselines]
    if not stretches or min(keys) == max(keys):
        return None
    best = min(keys)
    worst = max(_key_at(stretches, SHOWN), *(one.key for one in baselines), best)
    if best == worst:
        worst = max(keys)
    scale = Scale(best, worst, board.phase.decimals, board.phase.primary_metric.higher_is_better)
    return Chart(
        bars=list(_bars(scale, stretches)),
        lines=list(_lines(scale, baselines)),
        worst=scale.text(worst),
        best=scale.text(best),
        half=scale.text(_key_at(stretches, 0.5)),
        leaves_out=stretches[-1].last > worst,
        scale=scale,
    )


def _stretches(board: Board) -> list[_Stretch]:
    """Every entry for itself, or those of each bucket together; from the best."""
    entries = board.entries.order_by("key")
    if board.teams <= READ_WHOLE:
        return [_Stretch(key, key, 1) for key in entries.values_list("key", flat=True)]
    lowest, highest = entries.values_list("key", flat=True)[:1], entries.reverse()[:1]
    first, last = lowest[0], highest[0].key
    buckets = list(board.buckets.order_by("lower").values_list("lower", "count"))
    starts = [first if lower == LOWEST else lower for lower, _count in buckets]
    return [
        _Stretch(start, max(end, start), count)
        for start, end, (_lower, count) in zip(starts, [*starts[1:], last], buckets, strict=True)
        if count
    ]


def _key_at(stretches: Sequence[_Stretch], share: float) -> float:
    """The key of the team that this share of them, from the best, leads up to."""
    wanted = share * sum(stretch.count for stretch in stretches)
    seen = 0
    for stretch in stretches:
        seen += stretch.count
        if seen >= wanted:
            return stretch.last
    return stretches[-1].last


def _bars(scale: Scale, stretches: Sequence[_Stretch]) -> Iterator[Bar]:
    counts = [0.0] * BARS
    for stretch in stretches:
        left, right = scale.bar(stretch.last), scale.bar(stretch.first)
        for number in range(left, right + 1):
            counts[number] += stretch.count / (right - left + 1)
    most = max(counts)
    width = WIDTH / BARS
    for number, count in enumerate(counts):
        if count:
            height = max(count / most * HEIGHT, SHORTEST)
            yield Bar(
                x=round(number * width + GAP / 2, 2),
                y=round(HEIGHT - height, 2),
                width=round(width - GAP, 2),
                height=round(height, 2),
                count=max(round(count), 1),
                first=scale.text_at(number / BARS),
                last=scale.text_at((number + 1) / BARS),
            )


def _lines(scale: Scale, baselines: Sequence[Baseline]) -> Iterator[Line]:
    if baselines:
        yield scale.line("best", baselines[0].key, baselines[0].team.name)
    if len(baselines) > 1:
        yield scale.line("median", median(baseline.key for baseline in baselines))
