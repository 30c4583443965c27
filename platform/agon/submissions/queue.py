"""The doorbell: turns an attempt into a job and puts it into the broker.

The database is the truth and the broker may lose, double, delay or reorder what it is given. So
nothing here changes what is owed: a ring that fails is repeated by the sweeper.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models.fields.files import FieldFile
from django.utils import timezone
from kombu.exceptions import ChannelError, OperationalError
from redis.exceptions import RedisError

from agon.celery import app
from agon.common.files import worker_url
from agon.submissions.models import Attempt
from agon.submissions.workers import may_be_sent
from scoring.contract import SCORE_TASK, Capability, FileReference, ScoringJob, SubmissionKind

logger = logging.getLogger(__name__)

UNREACHABLE = (OperationalError, RedisError, ConnectionError, TimeoutError)


def job_of(attempt: Attempt) -> ScoringJob:
    """Everything that a worker is told about an attempt, and nothing else."""
    submission = attempt.submission
    phase = submission.phase
    kind = submission.submission_kind
    limits = phase.limits_of(kind)
    expires_at = attempt.created_at + timedelta(seconds=settings.QUEUE_DEADLINE_SECONDS)
    seconds = max(int((expires_at - timezone.now()).total_seconds()), 1) + limits.seconds + 60

    def address(file: FieldFile) -> str:
        return worker_url(file.name or "", seconds=seconds)

    return ScoringJob(
        submission=submission.pk,
        attempt=attempt.number,
        token=attempt.token,
        submission_file=FileReference(
            url=address(submission.file),
            name=submission.file_name,
            sha256=submission.sha256,
            size=submission.size,
        ),
        solution_file=attempt.solution.reference(address(attempt.solution.file)),
        layout=phase.layout_spec,
        metrics=phase.metric_specs,
        limits=limits,
        kind=kind,
        model=phase.model_interface if kind is SubmissionKind.MODEL else None,
        inputs_file=attempt.inputs.reference(address(attempt.inputs.file))
        if attempt.inputs
        else None,
        metric_files={
            stored.metric: stored.reference(address(stored.file))
            for stored in phase.metric_files.all()
        },
        seed=phase.seed,
        expires_at=expires_at.timestamp(),
    )


def ring(attempt_id: int) -> bool:
    """Send the attempt's job; False when the broker could not take it now, or nobody can run it."""
    attempt = (
        Attempt.objects.filter(pk=attempt_id, ended_at__isnull=True)
        .select_related("submission__phase__competition", "solution", "inputs")
        .first()
    )
    if attempt is None or not may_be_sent(attempt.submission):
        return False
    try:
        app.send_task(
            SCORE_TASK,
            args=[job_of(attempt).to_json()],
            queue=Capability(attempt.capability).queue,
            retry=True,
            retry_policy={"max_retries": 1, "interval_start": 0.05},
        )
    except UNREACHABLE as error:
        logger.warning("The broker did not take attempt %s: %s", attempt_id, error)
        return False
    Attempt.objects.filter(pk=attempt_id, ended_at__isnull=True).update(
        sent_at=timezone.now(), rings=attempt.rings + 1
    )
    return True


def waiting(capability: str) -> int | None:
    """How many jobs wait in the broker; None when it cannot be asked."""
    try:
        with app.connection_for_read() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0)
            channel: Any = connection.default_channel  # a channel of kombu's; its stubs lag behind
            declared = channel.queue_declare(Capability(capability).queue, passive=True)
            return int(declared.message_count)
    except ChannelError:
        return 0  # a queue that is empty does not exist
    except UNREACHABLE:
        return None
