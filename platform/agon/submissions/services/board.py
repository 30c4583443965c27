"""Keeping the leaderboard in step with the scored submissions.

A team's standing is a pure function of its scored submissions, so the kept board can be made anew
and compared: the public standing is its best public score, the first to reach it; the private one
is the best private score among its two submissions with the best public scores, until teams
choose for themselves which ones count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter

from django.db import transaction
from django.db.models import F, QuerySet

from agon.competitions.models import Phase
from agon.leaderboards import services as leaderboards
from agon.leaderboards.services import Standing
from agon.submissions.models import Submission
from agon.teams.models import Team
from scoring.contract import Split

CHOSEN = 2


def standing_of(phase: Phase, split: Split, scored: Iterable[Submission]) -> Standing | None:
    """A team's place from its scored submissions, which come in the order of `in_order`."""
    submissions = list(scored)
    if split is Split.PUBLIC:
        placed = [
            (phase.sort_key(s.public_score), s) for s in submissions if s.public_score is not None
        ]
    else:
        placed = [
            (phase.sort_key(s.private_score), s)
            for s in submissions[:CHOSEN]
            if s.private_score is not None
        ]
    if not placed:
        return None
    _key, best = min(placed, key=lambda pair: (pair[0], pair[1].created_at, pair[1].pk))
    value = best.public_score if split is Split.PUBLIC else best.private_score
    if value is None:
        return None
    return Standing(
        submission_id=best.pk,
        value=value,
        reached_at=best.created_at,
        submission_count=len(submissions),
    )


def in_order(phase: Phase) -> QuerySet[Submission]:
    """The phase's scored submissions of teams that take part, each team's best public one first."""
    return (
        Submission.objects.scored()
        .filter(phase=phase, team__disqualified_at__isnull=True)
        .order_by("team_id", F("public_key").asc(nulls_last=True), "created_at", "id")
        .only(
            "id", "team_id", "phase_id", "public_score", "private_score", "public_key", "created_at"
        )
    )


def update_board(*, phase: Phase, team: Team) -> None:
    """Place a team anew on both splits; part of the transaction that recorded a score.

    The board's lock comes before the read: of two results of one team the second sees the first.
    """
    for split in Split:
        board = leaderboards.lock_board(phase=phase, split=split)
        standing = standing_of(phase, split, in_order(phase).filter(team=team))
        leaderboards.place(board=board, team_id=team.pk, standing=standing)


def all_standings(phase: Phase, split: Split) -> Iterator[tuple[int, Standing]]:
    """Every team's standing, computed from nothing but the scored submissions."""
    rows = in_order(phase).iterator(chunk_size=5000)
    for team_id, scored in groupby(rows, key=attrgetter("team_id")):
        standing = standing_of(phase, split, scored)
        if standing is not None:
            yield team_id, standing


@transaction.atomic
def rebuild(*, phase: Phase) -> None:
    """Make both boards of a phase anew."""
    for split in Split:
        board = leaderboards.lock_board(phase=phase, split=split)
        leaderboards.rebuild(board=board, standings=all_standings(phase, split))


@transaction.atomic
def differences(*, phase: Phase) -> list[str]:
    """How the kept boards differ from rebuilt ones; nothing, if all is well."""
    found: list[str] = []
    for split in Split:
        board = leaderboards.lock_board(phase=phase, split=split)
        found += leaderboards.differences(board=board, standings=all_standings(phase, split))
    return found
