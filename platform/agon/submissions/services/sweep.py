"""The sweeper: every submission that has not ended has an owner and a deadline.

It may run in any number of processes at once; each step takes its row by a conditional update or
under a lock that others skip, so a row that two sweepers want is done once.

Deadlines: an attempt may wait for a worker for QUEUE_DEADLINE_SECONDS; a running one must give a
sign of life within LEASE_SECONDS; there are at most MAX_ATTEMPTS of them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from agon.submissions import queue
from agon.submissions.models import UNFINISHED, Attempt, Kind, Submission, Worker
from agon.submissions.services.attempts import end_attempt, fail, start_attempt, try_again
from agon.submissions.services.carrying import carry_due
from agon.submissions.services.rescore_jobs import sweep_rescores
from agon.submissions.workers import may_be_sent, readiness
from scoring.contract import Capability, Owner, ReportedProblem

logger = logging.getLogger(__name__)

BATCH = 500
LONGEST_BACKOFF = 6  # rings grow apart to 2**6 times UNSENT_SECONDS
WORKERS_ARE_FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(slots=True)
class Swept:
    """What one sweep did."""

    rung: int = 0
    expired: int = 0
    abandoned: int = 0
    adopted: int = 0
    rescored: int = 0
    carried: int = 0

    @property
    def anything(self) -> bool:
        return any(
            (self.rung, self.expired, self.abandoned, self.adopted, self.rescored, self.carried)
        )


def sweep() -> Swept:
    """Look once at all that has not ended, and move on what is stuck."""
    now = timezone.now()
    swept = Swept()
    swept.expired = _each(_expired(now), _expire)
    swept.abandoned = _each(_waited_too_long(now), _abandon)
    swept.adopted = _each(_without_attempt(), _adopt)
    swept.rung = sum(_ring(attempt_id) for attempt_id in list(_unheard(now)))
    swept.rescored = sweep_rescores()
    swept.carried = carry_due()
    Worker.objects.filter(last_seen_at__lt=now - WORKERS_ARE_FORGOTTEN_AFTER).delete()
    if swept.anything:
        logger.info("Swept: %s", swept)
    return swept


def _ring(attempt_id: int) -> bool:
    """One attempt that cannot be rung must not keep the bell from the others."""
    try:
        return queue.ring(attempt_id)
    except DatabaseError:
        raise
    except Exception:
        logger.exception("Attempt %s cannot be sent.", attempt_id)
        return False


def _each(submission_ids: Iterable[int], act: Callable[[Submission], bool]) -> int:
    """Lock each submission in a transaction of its own, passing over those that somebody has."""
    done = 0
    skip = connection.features.has_select_for_update_skip_locked
    for submission_id in list(submission_ids):
        with transaction.atomic():
            submission = (
                Submission.objects.select_for_update(skip_locked=skip, of=("self",) if skip else ())
                .select_related("phase__competition")
                .filter(pk=submission_id, state__in=UNFINISHED)
                .first()
            )
            done += submission is not None and act(submission)
    return done


def _live_attempt(submission: Submission) -> Attempt | None:
    return submission.attempts.filter(ended_at__isnull=True).first()


def _expired(now: datetime) -> QuerySet[Attempt, int]:
    return Attempt.objects.filter(ended_at__isnull=True, lease_expires_at__lt=now).values_list(
        "submission_id", flat=True
    )[:BATCH]


def _expire(submission: Submission) -> bool:
    """The worker fell silent: its attempt is over, and somebody else tries."""
    attempt = _live_attempt(submission)
    if attempt is None or attempt.lease_expires_at is None:
        return False
    if attempt.lease_expires_at >= timezone.now() or not end_attempt(
        attempt=attempt, outcome="lost"
    ):
        return False
    try_again(submission=submission, last=attempt, problem=ReportedProblem(code="worker_lost"))
    return True


def _waited_too_long(now: datetime) -> QuerySet[Attempt, int]:
    limit = now - timedelta(seconds=settings.QUEUE_DEADLINE_SECONDS)
    return Attempt.objects.filter(
        ended_at__isnull=True, started_at__isnull=True, created_at__lt=limit
    ).values_list("submission_id", flat=True)[:BATCH]


def _abandon(submission: Submission) -> bool:
    """No worker took it in all this time: an end with a reason, and the quota back."""
    attempt = _live_attempt(submission)
    if attempt is None or attempt.started_at is not None:
        return False
    end_attempt(attempt=attempt, outcome="abandoned")
    minutes = settings.QUEUE_DEADLINE_SECONDS // 60
    code = "no_worker" if may_be_sent(submission) else "no_sandbox"
    problem = ReportedProblem(code=code, params={"minutes": minutes})
    return fail(submission=submission, owner=Owner.PLATFORM, problems=[problem])


def _without_attempt() -> QuerySet[Submission, int]:
    """Nothing should ever make one of these; if something does, it is not the sender's loss."""
    live = Attempt.objects.filter(submission=OuterRef("pk"), ended_at__isnull=True)
    return (
        Submission.objects.unfinished().filter(~Exists(live)).values_list("pk", flat=True)[:BATCH]
    )


def _adopt(submission: Submission) -> bool:
    if _live_attempt(submission) is not None:
        return False
    start_attempt(submission=submission)
    return True


def _unheard(now: datetime) -> Iterable[int]:
    """Attempts whose message is probably lost: never sent, or passed over.

    A message that merely waits its turn looks just like a lost one, and ringing again for each
    would fill a long queue with doubles. It counts as lost when the broker's queue is empty, or
    when one that was sent later has been taken; and each ring doubles the wait for the next.
    """
    patience = timedelta(seconds=settings.UNSENT_SECONDS)
    unheard = Attempt.objects.filter(
        ended_at__isnull=True, started_at__isnull=True, created_at__lt=now - patience
    )
    for capability in Capability:
        waiting = queue.waiting(capability)
        if waiting is None:
            continue
        if not unheard.filter(capability=capability.value).exists():
            continue
        overtaken = Attempt.objects.filter(
            capability=capability.value, started_at__isnull=False
        ).aggregate(latest=Max("sent_at"))["latest"]
        mine = unheard.filter(capability=capability.value)
        if not readiness(capability.value, ()).is_ready:
            # What nobody can run must not stand in the way of what somebody can.
            mine = mine.filter(submission__kind=Kind.PREDICTIONS, submission__phase__own_metrics={})
        for attempt in mine.order_by("created_at")[:BATCH]:
            if attempt.sent_at is None:
                yield attempt.pk
                continue
            wait = patience * 2 ** min(attempt.rings - 1, LONGEST_BACKOFF)
            lost = waiting.first == 0 or (
                overtaken is not None and attempt.sent_at < overtaken - patience
            )
            if lost and attempt.sent_at < now - wait:
                yield attempt.pk
