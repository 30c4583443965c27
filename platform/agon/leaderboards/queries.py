"""Pages of a board and ranks on it, at a cost that does not grow with the board.

A page is read from the index by where it begins (keyset), never by counting rows from the top. A
rank is the sum of the better buckets and a count inside one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from heapq import merge

from django.db.models import Count, Q, QuerySet

from agon.common.scores import interval_texts, score_text
from agon.competitions.models import Phase
from agon.leaderboards.aside import aside_of, baselines_of
from agon.leaderboards.chart import Chart
from agon.leaderboards.cursors import Cursor
from agon.leaderboards.models import Baseline, Board, Entry
from scoring.contract import Split

PAGE_SIZE = 50
TOP = 100
"""Ties are looked for among this many first entries."""


@dataclass(frozen=True, slots=True)
class Tie:
    """A stretch of the board whose members can't be told apart on this test set."""

    first: int
    last: int
    submissions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the board as it is shown; a host's baseline has no rank."""

    rank: int | None
    entry: Entry | Baseline
    score: str
    is_mine: bool = False
    tie: Tie | None = None
    interval: tuple[str, str] | None = None

    @property
    def opens_tie(self) -> bool:
        return self.tie is not None and self.entry.submission_id == self.tie.submissions[0]

    @property
    def closes_tie(self) -> bool:
        return self.tie is not None and self.entry.submission_id == self.tie.submissions[-1]

    @property
    def team(self) -> str:
        return self.entry.team.name

    @property
    def is_host_baseline(self) -> bool:
        return isinstance(self.entry, Baseline)

    @property
    def submission_count(self) -> int:
        return self.entry.submission_count

    @property
    def reached_at(self) -> datetime:
        return self.entry.reached_at


@dataclass(frozen=True, slots=True)
class BoardPage:
    """One page, the reader's own row, and where the neighbouring pages begin."""

    rows: list[Row]
    my_row: Row | None
    teams: int
    previous: Cursor | None
    next: Cursor | None
    chart: Chart | None

    @property
    def ties(self) -> list[Tie]:
        """Those that this page shows a part of, from the top."""
        found = {row.tie.submissions[0]: row.tie for row in self.rows if row.tie is not None}
        return list(found.values())

    @property
    def has_intervals(self) -> bool:
        return any(row.interval for row in self.rows)


@dataclass(frozen=True, slots=True)
class Place:
    """Which page is wanted; with nothing set, the first."""

    after: Cursor | None = None
    before: Cursor | None = None
    last: bool = False
    rank: int | None = None


class Buckets:
    """How many stand in each stretch of a board; read once, when first needed."""

    def __init__(self, board: Board) -> None:
        self._board = board

    @cached_property
    def counts(self) -> list[tuple[float, int]]:
        return list(self._board.buckets.order_by("lower").values_list("lower", "count"))


class Ranks:
    """Ranks of a few keys of one board, for two queries in all; for none where there are no keys."""

    def __init__(self, board: Board, buckets: Buckets, *keys: float | None) -> None:
        self._board = board
        self._buckets = buckets
        self._keys = sorted({key for key in keys if key is not None})

    def _before(self, key: float) -> tuple[int, float]:
        """How many stand in better buckets, and where the key's own bucket begins."""
        better, lower = 0, -math.inf
        count_here = 0
        for start, count in self._buckets.counts:
            if start > key:
                break
            better, lower, count_here = better + count_here, start, count
        return better, lower

    @cached_property
    def ranks(self) -> dict[float, int]:
        """1 and the number of entries with a better key, so that ties share a rank."""
        if not self._keys:
            return {}
        before = [self._before(key) for key in self._keys]
        stretches = [
            Q(key__gte=lower, key__lt=key)
            for key, (_, lower) in zip(self._keys, before, strict=True)
        ]
        wanted = Q(pk__in=[])
        for stretch in stretches:
            wanted |= stretch
        inside = self._board.entries.filter(wanted).aggregate(
            **{f"n{i}": Count("pk", filter=stretch) for i, stretch in enumerate(stretches)}
        )
        return {
            key: 1 + better + inside[f"n{i}"]
            for i, (key, (better, _)) in enumerate(zip(self._keys, before, strict=True))
        }

    def __getitem__(self, key: float) -> int:
        return self.ranks[key]

    def get(self, key: float, otherwise: int) -> int:
        return self.ranks.get(key, otherwise)


def board_of(phase: Phase, split: Split) -> Board | None:
    """The board, or None where nothing has been scored yet."""
    board = Board.objects.filter(phase=phase, split=split.value).first()
    if board is not None:
        board.phase = phase
    return board


def top_of(board: Board) -> list[tuple[int, float]]:
    """The submission and the key of each of the first entries, in their order."""
    entries = board.entries.order_by("key", "reached_at", "team_id")[:TOP]
    return list(entries.values_list("submission_id", "key"))


def page(board: Board, *, place: Place, user_id: int | None) -> BoardPage:
    """A page of the board with ranks, and the reader's own row where it is elsewhere."""
    buckets = Buckets(board)
    stretch = _stretch(board, place, buckets)
    if not stretch.entries and board.teams:  # everybody behind the cursor has moved since
        stretch = _stretch(board, Place(), buckets)
    entries = stretch.entries
    mine = _entry_of(board, user_id)
    elsewhere = mine if mine not in entries else None
    first, second = _first_two_keys(entries) if stretch.has_previous else (None, None)
    ranks = Ranks(board, buckets, first, second, elsewhere.key if elsewhere else None)
    ties = ties_by_submission(board)
    ranked = [
        _row(board, rank, entry, ties, is_mine=entry == mine)
        for rank, entry in zip(_ranks_down(entries, ranks), entries, strict=True)
    ]
    aside = aside_of(board)
    unranked = [
        _row(board, None, baseline, {}) for baseline in aside.baselines if stretch.holds(baseline)
    ]
    return BoardPage(
        rows=list(merge(ranked, unranked, key=_place_of)),
        my_row=(
            _row(board, ranks[elsewhere.key], elsewhere, ties, is_mine=True) if elsewhere else None
        ),
        teams=board.teams,
        previous=Cursor.at(entries[0]) if stretch.has_previous and entries else None,
        next=Cursor.at(entries[-1]) if stretch.end is not None and entries else None,
        chart=aside.chart.with_mine(mine.key if mine else None) if aside.chart else None,
    )


def ties_by_submission(board: Board) -> dict[int, Tie]:
    """The board's ties by each of their members."""
    ties = (Tie(kept["first"], kept["last"], tuple(kept["submissions"])) for kept in board.ties)
    return {submission_id: tie for tie in ties for submission_id in tie.submissions}


def _row(
    board: Board,
    rank: int | None,
    entry: Entry | Baseline,
    ties: Mapping[int, Tie],
    *,
    is_mine: bool = False,
) -> Row:
    decimals = board.phase.decimals
    return Row(
        rank,
        entry,
        score_text(entry.value, decimals),
        is_mine,
        ties.get(entry.submission_id),
        interval_texts(entry.low, entry.high, decimals),
    )


def _first_two_keys(entries: Sequence[Entry]) -> tuple[float | None, float | None]:
    """The keys whose ranks a page below the first must look up.

    From the second distinct key on places are counted: no tie reaches across the page's top then.
    """
    first = entries[0].key if entries else None
    return first, next((entry.key for entry in entries if entry.key != first), None)


def _ranks_down(entries: Sequence[Entry], ranks: Ranks) -> Iterator[int]:
    """Each entry's shared rank: looked up where it was asked for, else counted from there."""
    rank = place = 0
    previous: float | None = None
    for entry in entries:
        place += 1
        if entry.key != previous:
            rank = place = ranks.get(entry.key, place)
            previous = entry.key
        yield rank


def _ordered(board: Board) -> QuerySet[Entry]:
    return board.entries.select_related("team").order_by("key", "reached_at", "team_id")


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The entries of a page.

    Attributes:
        entries: In the board's order.
        has_previous: Whether there are pages before it.
        end: Where the next page begins, if there is one.
    """

    entries: list[Entry]
    has_previous: bool
    end: Cursor | None

    def holds(self, baseline: Baseline) -> bool:
        """Whether it stands here: behind one of the entries, or on the first page before them."""
        place = Cursor.at(baseline).place
        if self.has_previous and self.entries and place < Cursor.at(self.entries[0]).place:
            return False
        return self.end is None or place < self.end.place


def _stretch(board: Board, place: Place, buckets: Buckets) -> _Stretch:
    ordered = _ordered(board)
    if place.last or place.before:
        backwards = ordered.filter(place.before.before) if place.before else ordered
        found = list(backwards.reverse()[: PAGE_SIZE + 1])
        return _Stretch(found[:PAGE_SIZE][::-1], len(found) > PAGE_SIZE, place.before)
    if place.rank is not None and place.rank > 1:
        return _forwards(_from_rank(board, place.rank, buckets), has_previous=True)
    forwards = ordered.filter(place.after.behind) if place.after else ordered
    return _forwards(list(forwards[: PAGE_SIZE + 1]), has_previous=place.after is not None)


def _forwards(found: list[Entry], *, has_previous: bool) -> _Stretch:
    """A page of what was found, the first entry of the next one included."""
    end = Cursor.at(found[PAGE_SIZE]) if len(found) > PAGE_SIZE else None
    return _Stretch(found[:PAGE_SIZE], has_previous, end)


def _from_rank(board: Board, rank: int, buckets: Buckets) -> list[Entry]:
    """What begins at a place counted from the top, found through the buckets."""
    skip = max(min(rank, board.teams) - 1, 0)
    lower = -math.inf
    for start, count in buckets.counts:
        lower = start
        if skip < count:
            break
        skip -= count
    return list(_ordered(board).filter(key__gte=lower)[skip : skip + PAGE_SIZE + 1])


def _place_of(row: Row) -> tuple[float, datetime, int]:
    return Cursor.at(row.entry).place


def _entry_of(board: Board, user_id: int | None) -> Entry | None:
    if user_id is None:
        return None
    return board.entries.filter(team__memberships__user_id=user_id).select_related("team").first()


def all_rows(board: Board) -> Iterator[Row]:
    """The whole board in order with shared ranks, for export; streams."""
    unranked = (_row(board, None, baseline, {}) for baseline in baselines_of(board))
    yield from merge(_ranked_rows(board), unranked, key=_place_of)


def _ranked_rows(board: Board) -> Iterator[Row]:
    rank = 0
    previous: float | None = None
    for place, entry in enumerate(_ordered(board).iterator(chunk_size=2000), start=1):
        if entry.key != previous:
            rank, previous = place, entry.key
        yield _row(board, rank, entry, {})
