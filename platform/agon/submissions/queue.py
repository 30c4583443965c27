"""The doorbell: turns an attempt into a job and puts it into the broker.

The database is the truth and the broker may lose, double, delay or reorder what it is given. So
nothing here changes what is owed: a ring that fails is repeated by the sweeper.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from kombu.exceptions import ChannelError, OperationalError
from redis.exceptions import RedisError

from agon.celery import app
from agon.common.files import worker_url
from agon.submissions.models import Attempt
from scoring.contract import SCORE_TASK, Capability, FileReference, ScoringJob

logger = logging.getLogger(__name__)

UNREACHABLE = (OperationalError, RedisError, ConnectionError, TimeoutError)


def job_of(attempt: Attempt) -> ScoringJob:
    """Everything that a worker is told about an attempt, and nothing else."""
    submission = attempt.submission
    phase = submission.phase
    expires_at = attempt.created_at + timedelta(seconds=settings.QUEUE_DEADLINE_SECONDS)
    seconds = max(int((expires_at - timezone.now()).total_seconds()), 1) + phase.seconds + 60
    return ScoringJob(
        submission=submission.pk,
        attempt=attempt.number,
        token=attempt.token,
        submission_file=FileReference(
            url=worker_url(submission.file.name or "", seconds=seconds),
            name=submission.file_name,
            sha256=submission.sha256,
            size=submission.size,
        ),
        solution_file=attempt.solution.reference(
            worker_url(attempt.solution.file.name or "", seconds=seconds)
        ),
        layout=phase.layout_spec,
        metrics=phase.metric_specs,
        limits=phase.limits,
        expires_at=expires_at.timestamp(),
    )


def ring(attempt_id: int) -> bool:
    """Send the attempt's job; False when the broker could not take it now."""
    attempt = (
        Attempt.objects.filter(pk=attempt_id, ended_at__isnull=True)
        .select_related("submission__phase__competition", "solution")
        .first()
    )
    if attempt is None:
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
