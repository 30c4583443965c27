"""Every write to the kept leaderboards.

`submissions` calls these inside the transaction that records a score, under the lock of the
board's row. What a standing is, it computes itself; here it is placed, counted and compared.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, zip_longest
from typing import Any

from django.db import transaction
from django.db.models import F, Manager, QuerySet
from django.utils import timezone

from agon.competitions.models import Phase
from agon.leaderboards.models import LOWEST, Baseline, Board, Bucket, Entry, Placed
from scoring.contract import Split

FULL = 1_000
"""A bucket with more entries than this is split, where its keys are not all equal."""

BATCH = 2_000
MOST_DIFFERENCES = 20


@dataclass(frozen=True, slots=True)
class Standing:
    """A team's place on one board, as computed from its scored submissions."""

    submission_id: int
    value: float
    reached_at: datetime
    submission_count: int
    low: float | None = None
    high: float | None = None


Standings = Iterable[tuple[int, Standing]]
"""Teams by their number, each with its standing."""


def lock_board(*, phase: Phase, split: Split) -> Board:
    """The board, its row locked until the caller's transaction ends."""
    Board.objects.get_or_create(phase=phase, split=split.value)
    board = Board.objects.select_for_update().get(phase=phase, split=split.value)
    board.phase = phase
    return board


@transaction.atomic
def place(*, board: Board, team_id: int, standing: Standing | None) -> bool:
    """Give a team its place, or take it away; False where nothing had to change."""
    entry = Entry.objects.filter(board=board, team_id=team_id).first()
    old_key = entry.key if entry else None
    if standing is None:
        if entry is None:
            return False
        entry.delete()
        _leave(board, entry.key)
    else:
        wanted = Entry(board=board, team_id=team_id, **_fields(board, standing))
        if entry is not None and _same(entry, wanted):
            return False
        wanted.pk = entry.pk if entry else None
        wanted.save(force_update=entry is not None, force_insert=entry is None)
        if old_key is None:
            _enter(board, wanted.key)
        elif old_key != wanted.key:
            _leave(board, old_key)
            _enter(board, wanted.key)
    change = (standing is not None) - (old_key is not None)
    Board.objects.filter(pk=board.pk).update(
        teams=F("teams") + change, version=F("version") + 1, updated_at=timezone.now()
    )
    return True


@transaction.atomic
def place_baseline(*, board: Board, team_id: int, standing: Standing | None) -> bool:
    """Give a host's baseline its place beside the entries, or take it away; False as in `place`."""
    baseline = Baseline.objects.filter(board=board, team_id=team_id).first()
    if standing is None:
        if baseline is None:
            return False
        baseline.delete()
    else:
        wanted = Baseline(board=board, team_id=team_id, **_fields(board, standing))
        if baseline is not None and _same(baseline, wanted):
            return False
        wanted.pk = baseline.pk if baseline else None
        wanted.save(force_update=baseline is not None, force_insert=baseline is None)
    Board.objects.filter(pk=board.pk).update(version=F("version") + 1, updated_at=timezone.now())
    return True


def keep_ties(*, board: Board, top: Sequence[tuple[int, float]], groups: Iterable[range]) -> None:
    """Keep which of the first entries can't be told apart.

    Part of the transaction that changed the entries, under the board's lock, so it needs no
    version of its own.

    Args:
        board: The board.
        top: What `top_of` gave.
        groups: Stretches of `top`, as places from 0.
    """
    Board.objects.filter(pk=board.pk).update(
        top=[submission_id for submission_id, _key in top], ties=ties_as_kept(top, groups)
    )


def ties_as_kept(top: Sequence[tuple[int, float]], groups: Iterable[range]) -> list[dict[str, Any]]:
    """Groups with the ranks that their first and last entries share with their equals."""
    ranks: dict[float, int] = {}
    for number, (_submission_id, key) in enumerate(top, start=1):
        ranks.setdefault(key, number)
    return [
        {
            "first": ranks[top[group[0]][1]],
            "last": ranks[top[group[-1]][1]],
            "submissions": [top[number][0] for number in group],
        }
        for group in groups
    ]


def _fields(board: Board, standing: Standing) -> dict[str, Any]:
    if not math.isfinite(standing.value):
        raise ValueError("only finite scores enter a board")
    return {
        "key": board.phase.sort_key(standing.value),
        "value": standing.value,
        "reached_at": standing.reached_at,
        "submission_id": standing.submission_id,
        "submission_count": standing.submission_count,
        "low": standing.low,
        "high": standing.high,
    }


def _same(one: Placed, other: Placed) -> bool:
    fields = ("key", "value", "low", "high", "reached_at", "submission_id", "submission_count")
    return all(getattr(one, field) == getattr(other, field) for field in fields)


def _bucket_of(board: Board, key: float) -> Bucket:
    """The bucket whose stretch holds the key; a board has one from below every key."""
    bucket = board.buckets.filter(lower__lte=key).order_by("-lower").first()
    return bucket or Bucket.objects.create(board=board, lower=LOWEST)


def _enter(board: Board, key: float) -> None:
    bucket = _bucket_of(board, key)
    bucket.count += 1
    bucket.save(update_fields=["count"])
    if bucket.count > FULL:
        _split(board, bucket)


def _leave(board: Board, key: float) -> None:
    Bucket.objects.filter(pk=_bucket_of(board, key).pk).update(count=F("count") - 1)


def _inside(board: Board, lower: float, following: float | None) -> QuerySet[Entry]:
    """The entries of one bucket's stretch."""
    inside = board.entries.filter(key__gte=lower)
    return inside if following is None else inside.filter(key__lt=following)


def _split(board: Board, bucket: Bucket) -> None:
    """Cut a full bucket in two at its median key; one whose keys are all equal stays whole."""
    following = board.buckets.filter(lower__gt=bucket.lower).order_by("lower").first()
    inside = _inside(board, bucket.lower, following.lower if following else None)
    cut = _cut(inside)
    if cut is None:
        return
    upper = inside.filter(key__gte=cut).count()
    Bucket.objects.create(board=board, lower=cut, count=upper)
    bucket.count -= upper
    bucket.save(update_fields=["count"])


def _cut(inside: QuerySet[Entry]) -> float | None:
    """The median key, or the next above it where nothing would stay below.

    A bucket of equal keys may grow without end: two looks at its ends say that it is one.
    """
    keys = inside.order_by("key").values_list("key", flat=True)
    lowest, highest = keys.first(), keys.last()
    if lowest is None or lowest == highest:
        return None
    median = keys[keys.count() // 2]
    return median if median > lowest else keys.filter(key__gt=lowest).first()


@transaction.atomic
def rebuild(*, board: Board, standings: Standings, baselines: Standings = ()) -> None:
    """Make the board anew from every team's standing; streams, so its size does not matter."""
    board.entries.all().delete()
    board.baselines.all().delete()
    board.buckets.all().delete()
    teams = 0
    stream = iter(standings)
    while batch := [
        Entry(board=board, team_id=team_id, **_fields(board, standing))
        for team_id, standing in islice(stream, BATCH)
    ]:
        Entry.objects.bulk_create(batch)
        teams += len(batch)
    Baseline.objects.bulk_create(
        Baseline(board=board, team_id=team_id, **_fields(board, standing))
        for team_id, standing in baselines
    )
    Bucket.objects.bulk_create(_buckets(board), batch_size=BATCH)
    Board.objects.filter(pk=board.pk).update(
        teams=teams, version=F("version") + 1, updated_at=timezone.now()
    )


def _buckets(board: Board) -> Iterable[Bucket]:
    """Buckets of about half of what is full, cut only between distinct keys."""
    bucket = Bucket(board=board, lower=LOWEST)
    previous: float | None = None
    keys = board.entries.order_by("key").values_list("key", flat=True)
    for key in keys.iterator(chunk_size=BATCH):
        if bucket.count >= FULL // 2 and key != previous:
            yield bucket
            bucket = Bucket(board=board, lower=key)
        bucket.count += 1
        previous = key
    yield bucket


def differences(*, board: Board, standings: Standings, baselines: Standings = ()) -> list[str]:
    """How the kept board differs from what it should be, in sentences; empty when it does not."""
    name = f"{board.split} board"
    found = _misplaced(board, f"{name}: team", board.entries, standings)
    found += _misplaced(board, f"{name}: baseline", board.baselines, baselines)
    total = board.entries.count()
    if board.teams != total:
        found.append(f"{name}: says {board.teams} teams and has {total} entries.")
    found += _bucket_differences(board, name)
    return found[:MOST_DIFFERENCES]


def _misplaced(
    board: Board, who: str, rows: Manager[Entry] | Manager[Baseline], standings: Standings
) -> list[str]:
    kept: dict[int, Placed] = {row.team_id: row for row in rows.all().iterator(chunk_size=BATCH)}
    found: list[str] = []
    for team_id, standing in standings:
        placed = kept.pop(team_id, None)
        if placed is None:
            found.append(f"{who} {team_id} is missing; it should have {standing.value}.")
        elif not _same(placed, Entry(**_fields(board, standing))):
            found.append(
                f"{who} {team_id} stands at {placed.value} by submission {placed.submission_id}; "
                f"it should be {standing.value} by submission {standing.submission_id}."
            )
    return found + [f"{who} {team_id} stands there and should not." for team_id in kept]


def _bucket_differences(board: Board, name: str) -> list[str]:
    found = []
    buckets = list(board.buckets.order_by("lower"))
    ends = [bucket.lower for bucket in buckets[1:]]
    for bucket, end in zip_longest(buckets, ends):
        counted = _inside(board, bucket.lower, end).count()
        if counted != bucket.count:
            found.append(
                f"{name}: the bucket from {bucket.lower} says {bucket.count} entries and has {counted}."
            )
    if (not buckets or buckets[0].lower != LOWEST) and board.entries.exists():
        found.append(f"{name}: has entries and no bucket from the lowest key on.")
    return found
