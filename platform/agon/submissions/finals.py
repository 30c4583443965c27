"""Which of a team's submissions decide its place on the private board.

A team chooses up to `Phase.final_count` of them until the close. Places that it leaves free are
filled with its best ones by the public score, so choosing fewer never costs anything: the best
private score among all of them counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from agon.competitions import rules as competition_rules
from agon.competitions.models import Phase
from agon.competitions.rules import Reader
from agon.submissions.errors import SubmissionRefused
from agon.submissions.models import UNFINISHED, State, Submission, SubmissionQuerySet
from agon.teams.models import Team


def finals_among(phase: Phase, scored: Sequence[Submission]) -> list[Submission]:
    """The final ones of a team's scored submissions, which come with the best public one first."""
    chosen = [submission for submission in scored if submission.is_chosen]
    others = [submission for submission in scored if not submission.is_chosen]
    return [*chosen, *others][: phase.final_count]


def choosable(team: Team, phase: Phase) -> SubmissionQuerySet:
    """Those that can be final ones: in time, allowed, and with a score or waiting for one."""
    return Submission.objects.filter(
        team=team,
        phase=phase,
        is_late=False,
        disqualified_at__isnull=True,
        state__in=[State.SCORED, *UNFINISHED],
    )


def finals_of(team: Team, phase: Phase) -> list[Submission]:
    """The final ones as they are now: what `finals_among` finds, in one query."""
    return list(
        choosable(team, phase)
        .scored()
        .order_by("-is_chosen", F("public_key").asc(nulls_last=True), "created_at", "id")[
            : phase.final_count
        ]
    )


def are_locked(phase: Phase, *, at: datetime) -> bool:
    """Whether it is too late to choose, by the server's clock."""
    return phase.results_published_at is not None or (
        phase.closes is not None and at >= phase.closes
    )


def check_may_choose(user: Reader, phase: Phase, *, at: datetime) -> None:
    """Raise `SubmissionRefused` unless this person may choose for their team at this moment."""
    if not competition_rules.is_participant(user, phase.competition):
        raise SubmissionRefused("not_joined", _("Only who takes part chooses final submissions."))
    if are_locked(phase, at=at):
        raise SubmissionRefused(
            "closed", _("The competition has ended; what was chosen before its close counts.")
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """What a team can choose, what it has chosen, and what counts as things are.

    Attributes:
        submissions: The best public ones first; those that wait for their score at the end.
        counting: The numbers of those that would decide if the phase closed now.
    """

    submissions: list[Submission]
    counting: frozenset[int]
    most: int
    is_locked: bool

    @property
    def chosen(self) -> int:
        return sum(submission.is_chosen for submission in self.submissions)

    @property
    def left(self) -> int:
        return max(self.most - self.chosen, 0)


def choice_of(team: Team, phase: Phase) -> Choice:
    found = list(
        choosable(team, phase)
        .select_related("submitted_by")
        .order_by(F("public_key").asc(nulls_last=True), "created_at", "id")
    )
    scored = [submission for submission in found if submission.state == State.SCORED]
    return Choice(
        submissions=found,
        counting=frozenset(submission.pk for submission in finals_among(phase, scored)),
        most=phase.final_count,
        is_locked=are_locked(phase, at=timezone.now()),
    )
