"""Attempts: making the next one, and ending a submission that gets no more."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from agon.submissions import queue
from agon.submissions.models import UNFINISHED, Attempt, Kind, State, Submission
from agon.submissions.rescoring import basis_of
from agon.submissions.services.telling import tell_failed
from scoring.contract import Owner, ReportedProblem


def start_attempt(*, submission: Submission) -> Attempt:
    """The next attempt of a submission; the first one's message goes out at the commit.

    So does the first one by a new solution or new metrics. Later ones wait for the sweeper, UNSENT_SECONDS later: a worker that fails at once is always the
    one that is free, and would use up all attempts of a whole queue within seconds.

    The caller holds the submission's row; the database refuses a second attempt that lives.
    """
    solution = submission.phase.solutions.order_by("-version").first()
    if solution is None:
        raise ValueError("a phase without a solution accepts no submissions")
    inputs = None
    if submission.kind in {Kind.MODEL, Kind.CODE}:
        inputs = submission.phase.inputs_files.order_by("-version").first()
    basis = basis_of(submission.phase_id)
    is_first = not submission.attempts.filter(basis=basis).exists()
    attempt = Attempt.objects.create(
        submission=submission,
        number=submission.attempts.count() + 1,
        token=secrets.token_urlsafe(32),
        solution=solution,
        inputs=inputs,
        basis_id=basis,
        capability=submission.capability.value,
    )
    if is_first:
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
    tries = submission.attempts.filter(basis=last.basis_id).count()
    if tries < settings.MAX_ATTEMPTS:
        Submission.objects.filter(pk=submission.pk, state__in=UNFINISHED).update(state=State.QUEUED)
        start_attempt(submission=submission)
        return
    fail(submission=submission, owner=Owner.PLATFORM, problems=[problem])


def start_again(*, submission: Submission) -> None:
    """Score it by the solution and metrics of now; what it was until then is forgotten."""
    Submission.objects.filter(pk=submission.pk).update(
        state=State.QUEUED,
        finished_at=None,
        owner="",
        problems=[],
        public_score=None,
        private_score=None,
        public_key=None,
    )
    start_attempt(submission=submission)


def fail(*, submission: Submission, owner: Owner, problems: list[ReportedProblem]) -> bool:
    """End a submission through no fault of its sender; the quota comes back."""
    failed = Submission.objects.filter(pk=submission.pk, state__in=UNFINISHED).update(
        state=State.FAILED,
        finished_at=timezone.now(),
        owner=owner.value,
        problems=[problem.to_json() for problem in problems],
        counted=False,
    )
    if failed:
        tell_failed(submission=submission, owner=owner, problems=problems)
    return bool(failed)
