"""Reads about rescoring that several services and pages share."""

from __future__ import annotations

from collections import Counter
from dataclasses import astuple, dataclass

from django.db.models import Count, Exists, OuterRef, QuerySet

from agon.competitions.models import Phase
from agon.submissions.models import (
    OPEN_STATES,
    UNFINISHED_ITEMS,
    Attempt,
    Rescore,
    RescoreItem,
    State,
    Submission,
)

RESCORED_STATES = (State.SCORED, State.REJECTED, State.FAILED)
"""What is scored anew: whatever has ended, and still has its file."""


def basis_of(phase_id: int) -> int | None:
    """The published rescore whose solution and metrics count now; None for those from the start."""
    published = Rescore.objects.filter(
        phase_id=phase_id, state=Rescore.State.PUBLISHED, changes=True
    )
    return published.order_by("-ended_at", "-id").values_list("pk", flat=True).first()


def open_rescore_of(phase: Phase) -> Rescore | None:
    return Rescore.objects.filter(phase=phase, state__in=OPEN_STATES).first()


def left_out(rescore: Rescore) -> QuerySet[Submission]:
    """Submissions that have ended and that a rescore of a whole phase does not know yet."""
    known = RescoreItem.objects.filter(rescore=rescore, submission=OuterRef("pk"))
    return Submission.objects.filter(
        ~Exists(known), phase_id=rescore.phase_id, state__in=RESCORED_STATES
    ).order_by("pk")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rescore is."""

    total: int
    waiting: int
    in_flight: int
    scored: int
    rejected: int
    failed: int

    @property
    def done(self) -> int:
        return self.scored + self.rejected + self.failed

    @property
    def version(self) -> str:
        """Changes with whatever a page shows of it."""
        return "-".join(str(number) for number in astuple(self))

    @property
    def percent(self) -> int:
        return 100 if not self.total else 100 * self.done // self.total


def progress_of(rescore: Rescore) -> Progress:
    states = RescoreItem.State
    counted = Counter(
        dict(rescore.items.order_by().values_list("state").annotate(number=Count("pk")))
    )
    return Progress(
        total=sum(counted.values()),
        waiting=counted[states.WAITING],
        in_flight=counted[states.SENT] + counted[states.RUNNING],
        scored=counted[states.SCORED],
        rejected=counted[states.REJECTED],
        failed=counted[states.FAILED],
    )


def outdated(phase: Phase) -> int:
    """How many scores were made by an older solution than the one of now."""
    newest = phase.solutions.first()
    if newest is None or newest.version == 1:
        return 0
    whole = Rescore.objects.filter(phase=phase, whole=True, state=Rescore.State.PUBLISHED)
    last = whole.order_by("-ended_at", "-id").first()
    attempts = Attempt.objects.filter(
        submission__phase=phase, submission__state=State.SCORED, outcome=State.SCORED
    ).exclude(solution=newest)
    if last is not None and last.solution_id == newest.pk:
        attempts = attempts.filter(ended_at__gt=last.ended_at)
    renewed = Attempt.objects.filter(
        submission=OuterRef("submission"), outcome=State.SCORED, solution=newest
    )
    return attempts.filter(~Exists(renewed)).values("submission").distinct().count()


def unfinished_items(rescore: Rescore) -> QuerySet[RescoreItem]:
    return rescore.items.filter(state__in=UNFINISHED_ITEMS)


def history_of(submission: Submission) -> QuerySet[RescoreItem]:
    """What it was before each rescore that was published, the latest first."""
    published = submission.rescores.filter(
        rescore__state=Rescore.State.PUBLISHED, finished_at__isnull=False
    )
    return published.select_related("rescore").order_by("-rescore__ended_at", "-pk")
