"""Carrying each team's best submission to a phase over into the next, when that one opens."""

from __future__ import annotations

import logging

from django.core.files.base import File
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.utils import timezone

from agon.competitions.models import Phase
from agon.leaderboards.models import Baseline, Entry
from agon.submissions.models import UNFINISHED, Submission
from agon.submissions.services.attempts import start_attempt
from agon.teams.models import Team
from scoring.contract import Split

logger = logging.getLogger(__name__)


def carry_due() -> int:
    """Carry over into every phase that has opened and is to start so; how many submissions were made."""
    due = Phase.objects.filter(
        carries_best=True, carried_at__isnull=True, opens_at__lte=timezone.now()
    ).select_related("competition")
    return sum(carry_over(phase=phase) for phase in due)


def carry_over(*, phase: Phase) -> int:
    """Submit each team's best file of the phase before to this one; what it made counts no quota.

    What was accepted before the close is scored first, so until then nothing is carried. Begun anew
    after an interruption, it goes on where it was: the database lets a submission over only once.
    """
    before = phase.competition.phases.filter(order__lt=phase.order).last()
    if before is None or not phase.solutions.exists():
        return 0
    if Submission.objects.filter(phase=before, state__in=UNFINISHED, is_late=False).exists():
        return 0
    carried = 0
    for submission in _best_of(before):
        carried += _carry(submission, phase)
    Phase.objects.filter(pk=phase.pk, carried_at__isnull=True).update(carried_at=timezone.now())
    logger.info("Carried %s submissions over into %s", carried, phase)
    return carried


def _best_of(phase: Phase) -> list[Submission]:
    public = {"board__phase": phase, "board__split": Split.PUBLIC.value}
    ids = [
        *Entry.objects.filter(**public).values_list("submission", flat=True),
        *Baseline.objects.filter(**public).values_list("submission", flat=True),
    ]
    return list(Submission.objects.filter(pk__in=ids).select_related("team").order_by("pk"))


def _carry(submission: Submission, phase: Phase) -> bool:
    """A copy of its own of the file, so that each submission can go without the other."""
    made = Submission.objects.filter(phase=phase, carried_from=submission)
    if submission.submission_kind not in phase.submission_kinds or made.exists():
        return False
    with submission.file.open("rb") as stream:
        folder = timezone.now().strftime("submissions/%Y/%m/%d")
        stored = storages["default"].save(f"{folder}/{submission.sha256}", File(stream))
    try:
        with transaction.atomic():
            Team.objects.select_for_update().get(pk=submission.team_id)
            mine = Submission.objects.filter(team=submission.team_id, phase=phase)
            last = mine.order_by("-number").first()
            copy = Submission.objects.create(
                phase=phase,
                team=submission.team,
                submitted_by=submission.submitted_by,
                number=last.number + 1 if last else 1,
                kind=submission.kind,
                format=submission.format,
                note=submission.note,
                file=stored,
                file_name=submission.file_name,
                sha256=submission.sha256,
                size=submission.size,
                counted=False,
                carried_from=submission,
            )
            start_attempt(submission=copy)
    except IntegrityError:  # another sweeper was faster
        storages["default"].delete(stored)
        return False
    return True
