"""What workers report: heartbeats, results and that they are alive.

A message may come twice, late, out of order or from nobody we know. It has an effect only if its
token is that of an attempt that still lives; everything else is dropped with a line in the log.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from agon.leaderboards.services import lock_board
from agon.submissions.models import UNFINISHED, Attempt, State, Submission, Worker
from agon.submissions.rescoring import basis_of
from agon.submissions.services import rescore_jobs
from agon.submissions.services.attempts import fail, start_again, try_again
from agon.submissions.services.board import update_board
from agon.submissions.services.keeping import keep_scores
from agon.submissions.services.telling import tell_rejected, tell_scored
from scoring.contract import (
    Heartbeat,
    Outcome,
    Owner,
    ReportedProblem,
    ScoringResult,
    Split,
    WorkerReport,
)

logger = logging.getLogger(__name__)


class _NotLive(Exception):
    """The attempt ended before this message could take effect; undo and forget it."""


def record_worker(*, report: WorkerReport) -> None:
    """Remember that a worker is there."""
    now = timezone.now()
    Worker.objects.update_or_create(
        name=report.worker,
        defaults={
            "capability": report.capability.value,
            "abilities": report.abilities.to_json(),
            "last_seen_at": now,
        },
    )


def record_heartbeat(*, heartbeat: Heartbeat) -> bool:
    """Note where a live attempt is, and extend its lease."""
    now = timezone.now()
    attempt = Attempt.objects.filter(token=heartbeat.token, ended_at__isnull=True).first()
    if attempt is None:
        return rescore_jobs.record_heartbeat(heartbeat=heartbeat)
    with transaction.atomic():
        # The submission's row comes first in every transaction, so none waits for another in a ring.
        Submission.objects.filter(pk=attempt.submission_id, state=State.QUEUED).update(
            state=State.RUNNING
        )
        alive = Attempt.objects.filter(pk=attempt.pk, ended_at__isnull=True).update(
            stage=heartbeat.stage.value,
            progress=heartbeat.progress,
            worker=heartbeat.worker,
            started_at=Coalesce("started_at", now),
            lease_expires_at=now + timedelta(seconds=settings.LEASE_SECONDS),
        )
        if not alive:
            transaction.set_rollback(True)
    return bool(alive)


def record_result(*, result: ScoringResult) -> bool:
    """End an attempt with its result; False when the message has no effect.

    Scores, board, state and attempt change together or not at all.
    """
    attempt = (
        Attempt.objects.filter(token=result.token)
        .select_related("submission__phase__competition", "submission__team")
        .first()
    )
    if attempt is None:
        if rescore_jobs.record_result(result=result):
            return True
        logger.warning("A result with an unknown token was dropped (worker %s).", result.worker)
        return False
    try:
        with transaction.atomic():
            _take(attempt, result)
    except _NotLive:
        logger.info("A late or doubled result of attempt %s was dropped.", attempt.pk)
        return False
    return True


def _take(attempt: Attempt, result: ScoringResult) -> None:
    """Apply a result inside the transaction, or raise `_NotLive`."""
    submission = Submission.objects.select_for_update().get(pk=attempt.submission_id)
    submission.phase = attempt.submission.phase
    if submission.team_id == attempt.submission.team_id:  # teams may have merged meanwhile
        submission.team = attempt.submission.team
    ended = Attempt.objects.filter(pk=attempt.pk, ended_at__isnull=True).update(
        ended_at=timezone.now(),
        started_at=Coalesce("started_at", timezone.now()),
        outcome=result.outcome.value,
        worker=result.worker,
        seconds=result.seconds,
    )
    if not ended or submission.is_finished:
        raise _NotLive
    # Whoever publishes a rescore holds the board, so what counts does not change under this result.
    lock_board(phase=submission.phase, split=Split.PUBLIC)
    if attempt.basis_id != basis_of(submission.phase_id):
        start_again(submission=submission)
    elif result.outcome is Outcome.SCORED:
        _score(submission, attempt, result)
    elif result.outcome is Outcome.REJECTED:
        _reject(submission, result)
    elif result.owner is Owner.HOST:
        fail(submission=submission, owner=Owner.HOST, problems=list(result.problems))
    else:
        problem = result.problems[0] if result.problems else ReportedProblem(code="platform_error")
        try_again(submission=submission, last=attempt, problem=problem)


def _score(submission: Submission, attempt: Attempt, result: ScoringResult) -> None:
    phase = submission.phase
    primary = phase.metric_specs[0].name
    ranked = {score.split: score.value for score in result.scores if score.metric == primary}
    if not ranked:
        logger.error("Attempt %s reported no score of the metric that ranks.", attempt.pk)
        try_again(
            submission=submission, last=attempt, problem=ReportedProblem(code="platform_error")
        )
        return
    keep_scores(submission=submission, scores=result.scores)
    public = ranked.get(Split.PUBLIC)
    Submission.objects.filter(pk=submission.pk, state__in=UNFINISHED).update(
        state=State.SCORED,
        finished_at=timezone.now(),
        public_score=public,
        private_score=ranked.get(Split.PRIVATE),
        public_key=None if public is None else phase.sort_key(public),
    )
    if not submission.is_late:
        update_board(phase=phase, team=submission.team)
    tell_scored(submission=submission, public=public)


def _reject(submission: Submission, result: ScoringResult) -> None:
    Submission.objects.filter(pk=submission.pk, state__in=UNFINISHED).update(
        state=State.REJECTED,
        finished_at=timezone.now(),
        owner=Owner.PARTICIPANT.value,
        problems=[problem.to_json() for problem in result.problems],
        counted=submission.phase.counts_rejected,
    )
    tell_rejected(submission=submission, problems=list(result.problems))
