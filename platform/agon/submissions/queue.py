"""The doorbell: turns an attempt into a job and puts it into the broker.

The database is the truth and the broker may lose, double, delay or reorder what it is given. So
nothing here changes what is owed: a ring that fails is repeated by the sweeper.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models.fields.files import FieldFile
from django.utils import timezone
from kombu.exceptions import ChannelError, OperationalError
from redis.exceptions import RedisError

from agon.celery import app
from agon.common.files import worker_url
from agon.competitions.models import InputsFile, MetricFile, ScoringProgram, Solution
from agon.submissions.models import PROGRAM, Attempt, Kind, RescoreFile, RescoreItem, Submission
from agon.submissions.workers import may_be_sent
from scoring.contract import SCORE_TASK, Capability, FileReference, ScoringJob, SubmissionKind

logger = logging.getLogger(__name__)

LATER = 9
"""The priority of rescoring, the last one: in Redis, 0 comes first, and has no other name."""

UNREACHABLE = (OperationalError, RedisError, ConnectionError, TimeoutError)


def job_of(attempt: Attempt) -> ScoringJob:
    """Everything that a worker is told about an attempt, and nothing else."""
    return _job(
        attempt.submission,
        number=attempt.number,
        token=attempt.token,
        since=attempt.created_at,
        solution=attempt.solution,
        inputs=attempt.inputs,
        metric_files=attempt.submission.phase.metric_files.all(),
        program=_program_of(attempt.submission),
    )


def job_of_item(item: RescoreItem) -> ScoringJob:
    """The same for a submission of a rescore, by the solution and metrics that it brings."""
    rescore, submission = item.rescore, item.submission
    submission.phase = phase = rescore.phase_afterwards
    brought = {file.metric: file for file in rescore.files.all()}
    kept = {file.metric: file for file in phase.metric_files.all()}
    files: dict[str, MetricFile | RescoreFile] = {**kept, **brought}
    inputs = None
    if submission.kind in {Kind.MODEL, Kind.CODE}:
        inputs = phase.inputs_files.order_by("-version").first()
    return _job(
        submission,
        number=item.tries + 1,
        token=item.token,
        since=item.queued_at or timezone.now(),
        solution=brought.get("", rescore.solution),
        inputs=inputs,
        metric_files=[file for name, file in files.items() if name in phase.own_metrics],
        program=_program_of(submission, brought.get(PROGRAM), rescore.command),
    )


def _program_of(
    submission: Submission, brought: RescoreFile | None = None, command: str = ""
) -> tuple[ScoringProgram | RescoreFile, str] | None:
    """What scores a submission of files, with its command."""
    if submission.submission_kind is not SubmissionKind.FILES:
        return None
    if brought is not None:
        return brought, command
    program = ScoringProgram.objects.filter(phase=submission.phase).first()
    return (program, program.command) if program else None


def _job(
    submission: Submission,
    *,
    number: int,
    token: str,
    since: datetime,
    solution: Solution | RescoreFile,
    inputs: InputsFile | None,
    metric_files: Iterable[MetricFile | RescoreFile],
    program: tuple[ScoringProgram | RescoreFile, str] | None,
) -> ScoringJob:
    phase = submission.phase
    kind = submission.submission_kind
    limits = phase.limits_of(kind)
    expires_at = since + timedelta(seconds=settings.QUEUE_DEADLINE_SECONDS)
    seconds = max(int((expires_at - timezone.now()).total_seconds()), 1) + limits.seconds + 60

    def address(file: FieldFile) -> str:
        return worker_url(file.name or "", seconds=seconds)

    return ScoringJob(
        submission=submission.pk,
        attempt=number,
        token=token,
        submission_file=FileReference(
            url=address(submission.file),
            name=submission.file_name,
            sha256=submission.sha256,
            size=submission.size,
        ),
        solution_file=solution.reference(address(solution.file)),
        layout=phase.layout_spec,
        metrics=phase.metric_specs,
        limits=limits,
        kind=kind,
        model=phase.model_interface if kind is SubmissionKind.MODEL else None,
        inputs_file=inputs.reference(address(inputs.file)) if inputs else None,
        metric_files={
            stored.metric: stored.reference(address(stored.file)) for stored in metric_files
        },
        scoring_program=program[0].reference(address(program[0].file)) if program else None,
        command=program[1] if program else "",
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
    if not _send(job_of(attempt), Capability(attempt.capability)):
        return False
    Attempt.objects.filter(pk=attempt_id, ended_at__isnull=True).update(
        sent_at=timezone.now(), rings=attempt.rings + 1
    )
    return True


def ring_item(item_id: int) -> bool:
    """The same for a submission of a rescore; its job waits behind all jobs of attempts."""
    item = (
        RescoreItem.objects.filter(pk=item_id, state=RescoreItem.State.SENT)
        .select_related("submission__phase__competition", "rescore__solution")
        .first()
    )
    if item is None:
        return False
    job = job_of_item(item)
    if not may_be_sent(item.submission) or not _send(job, item.submission.capability, LATER):
        return False
    RescoreItem.objects.filter(pk=item_id, token=item.token).update(
        sent_at=timezone.now(), rings=item.rings + 1
    )
    return True


def _send(job: ScoringJob, capability: Capability, priority: int | None = None) -> bool:
    try:
        app.send_task(
            SCORE_TASK,
            args=[job.to_json()],
            queue=capability.queue,
            priority=priority,
            retry=True,
            retry_policy={"max_retries": 1, "interval_start": 0.05},
        )
    except UNREACHABLE as error:
        logger.warning("The broker did not take a job of submission %s: %s", job.submission, error)
        return False
    return True


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many jobs wait in the broker: of attempts, and of rescores behind them."""

    first: int
    later: int


def waiting(capability: str) -> Waiting | None:
    """What waits for the workers of a kind; None when the broker cannot be asked."""
    queue = Capability(capability).queue
    try:
        with app.connection_for_read() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0)
            channel: Any = connection.default_channel  # a channel of kombu's; its stubs lag behind
            declared = channel.queue_declare(queue, passive=True)
            total = int(declared.message_count)
            # Redis keeps a list for each priority; the one of the queue's own name comes first.
            client = getattr(channel, "client", None)
            first = total if client is None else min(int(client.llen(queue)), total)
            return Waiting(first=first, later=total - first)
    except ChannelError:
        return Waiting(first=0, later=0)  # a queue that is empty does not exist
    except UNREACHABLE:
        return None
