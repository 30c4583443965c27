"""Keeping the leaderboard in step with the scored submissions.

A team's standing is a pure function of its scored submissions, so the kept board can be made anew
and compared: the public standing is its best public score, the first to reach it; the private one
is the best private score among its final submissions (`agon.submissions.finals`). What came late
stands nowhere. A host's baseline stands by the same rules, beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from django.db import transaction
from django.db.models import F, FilteredRelation, Q, QuerySet

from agon.competitions.models import Phase
from agon.leaderboards import services as leaderboards
from agon.leaderboards.models import Board
from agon.leaderboards.queries import top_of
from agon.leaderboards.services import Standing
from agon.submissions.comparison import groups_of_ties
from agon.submissions.finals import finals_among
from agon.submissions.models import Submission, SubmissionQuerySet
from agon.submissions.scores import replicates_of
from agon.teams.models import Team
from scoring.contract import Split


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
            for s in finals_among(phase, submissions)
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
        low=best.low,
        high=best.high,
    )


def taking_part(phase: Phase) -> SubmissionQuerySet:
    """The submissions that may stand on the phase's boards once they have a score."""
    return Submission.objects.filter(
        phase=phase,
        is_late=False,
        disqualified_at__isnull=True,
        team__disqualified_at__isnull=True,
    )


def in_order(phase: Phase, split: Split) -> QuerySet[Submission]:
    """The phase's scored submissions of teams that take part, each team's best public one first.

    Each comes with the interval of its ranking score on the split.
    """
    ranking = Q(
        scores__metric=phase.metrics[0]["name"],
        scores__split=split.value,
        scores__is_current=True,
    )
    return (
        taking_part(phase)
        .scored()
        .alias(ranking=FilteredRelation("scores", condition=ranking))
        .annotate(low=F("ranking__low"), high=F("ranking__high"))  # type: ignore[no-redef]
        .order_by("team_id", F("public_key").asc(nulls_last=True), "created_at", "id")
        .only(
            *("id", "team_id", "phase_id", "created_at", "is_chosen"),
            *("public_score", "private_score", "public_key"),
        )
    )


def update_board(*, phase: Phase, team: Team) -> None:
    """Place a team anew on both splits; part of the transaction that recorded a score.

    The board's lock comes before the read: of two results of one team the second sees the first.
    """
    for split in Split:
        board = leaderboards.lock_board(phase=phase, split=split)
        standing = standing_of(phase, split, in_order(phase, split).filter(team=team))
        if team.is_host_baseline:
            leaderboards.place_baseline(board=board, team_id=team.pk, standing=standing)
        elif leaderboards.place(board=board, team_id=team.pk, standing=standing):
            _renew_ties(board)


def _renew_ties(board: Board) -> None:
    """Look for ties anew where the first entries are no longer those of the last look."""
    top = top_of(board)
    if [submission_id for submission_id, _key in top] != board.top:
        leaderboards.keep_ties(board=board, top=top, groups=_ties_among(board, top))


def _ties_among(board: Board, top: Sequence[tuple[int, float]]) -> list[range]:
    """Which of the first entries can't be told apart; a pure function of their submissions."""
    submission_ids = [submission_id for submission_id, _key in top]
    replicated = replicates_of(
        submission_ids, metric=board.phase.metrics[0]["name"], split=board.split
    )
    return groups_of_ties([replicated.get(submission_id) for submission_id in submission_ids])


def all_standings(
    phase: Phase, split: Split, *, baselines: bool = False
) -> Iterator[tuple[int, Standing]]:
    """Every team's standing, or every baseline's, from nothing but the scored submissions."""
    rows = in_order(phase, split).filter(team__is_host_baseline=baselines).iterator(chunk_size=5000)
    for team_id, scored in groupby(rows, key=attrgetter("team_id")):
        standing = standing_of(phase, split, scored)
        if standing is not None:
            yield team_id, standing


@transaction.atomic
def rebuild(*, phase: Phase) -> None:
    """Make both boards of a phase anew."""
    for split in Split:
        board = leaderboards.lock_board(phase=phase, split=split)
        leaderboards.rebuild(
            board=board,
            standings=all_standings(phase, split),
            baselines=all_standings(phase, split, baselines=True),
        )
        top = top_of(board)
        leaderboards.keep_ties(board=board, top=top, groups=_ties_among(board, top))


@transaction.atomic
def differences(*, phase: Phase) -> list[str]:
    """How the kept boards differ from rebuilt ones; nothing, if all is well."""
    found: list[str] = []
    for split in Split:
        board = leaderboards.lock_board(phase=phase, split=split)
        found += leaderboards.differences(
            board=board,
            standings=all_standings(phase, split),
            baselines=all_standings(phase, split, baselines=True),
        )
        top = top_of(board)
        if board.ties != leaderboards.ties_as_kept(top, _ties_among(board, top)):
            found.append(f"{split} board: its ties are not those of its first entries.")
    return found
