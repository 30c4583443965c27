"""Attempts: making the next one, and ending a submission that gets no more."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from agon.submissions import queue
from agon.submissions.models import UNFINISHED, Attempt, Kind, State, Submission
from scoring.contract import Owner, ReportedProblem


def start_attempt(*, submission: Submission) -> Attempt:
    """The next attempt of a submission; the first one's message goes out at the commit.

    Later ones wait for the sweeper, UNSENT_SECONDS later: a worker that fails at once is always the
    one that is free, and would use up all attempts of a whole queue within seconds.

    The caller holds the submission's row; the database refuses a second attempt that lives.
    """
    solution = submission.phase.solutions.order_by("-version").first()
    if solution is None:
        raise ValueError("a phase without a solution accepts no submissions")
    inputs = None
    if submission.kind != Kind.PREDICTIONS:
        inputs = submission.phase.inputs_files.order_by("-version").first()
    attempt = Attempt.objects.create(
        submission=submission,
        number=submission.attempts.count() + 1,
        token=secrets.token_urlsafe(32),
        solution=solution,
        inputs=inputs,
        capability=submission.capability.value,
    )
    if attempt.number == 1:
        # Robust: whatever goes wrong with the bell, the submission is accepted.
        transaction.on_commit(lambda: _ring(attempt.pk), robust=True)
    return attempt


def _ring(attempt_id: int) -> None:
    queue.ring(attempt_id)


def end_attempt(*, attempt: Attempt, outcome: str) -> bool:
    """Mark an attempt as ended; from now on nothing that it says has an effect."""
    return bool(
        Attempt.objects.filter(pk=attempt.pk, ended_at__isnull=True).update(
            ended_at=timezone.now(), outcome=outcome
        )
    )


def try_again(*, submission: Submission, last: Attempt, problem: ReportedProblem) -> None:
    """After the platform's fault: the next attempt, or after the last one a free failure."""
    if last.number < settings.MAX_ATTEMPTS:
        Submission.objects.filter(pk=submission.pk, state__in=UNFINISHED).update(state=State.QUEUED)
        start_attempt(submission=submission)
        return
    fail(submission=submission, owner=Owner.PLATFORM, problems=[problem])


def fail(*, submission: Submission, owner: Owner, problems: list[ReportedProblem]) -> bool:
    """End a submission through no fault of its sender; the quota comes back."""
    return bool(
        Submission.objects.filter(pk=submission.pk, state__in=UNFINISHED).update(
            state=State.FAILED,
            finished_at=timezone.now(),
            owner=owner.value,
            problems=[problem.to_json() for problem in problems],
            counted=False,
        )
    )
