"""The site's end of the queue: each task checks its message and calls one service."""

from __future__ import annotations

import logging
from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings
from django.db import InterfaceError, OperationalError
from pydantic import ValidationError

from agon.submissions.services import results
from agon.submissions.sweeper import Sweeper
from scoring.contract import (
    HEARTBEAT_TASK,
    RESULT_TASK,
    WORKER_TASK,
    Heartbeat,
    ScoringResult,
    WorkerReport,
)

logger = logging.getLogger(__name__)

# A database that is away comes back; the message waits for it instead of being lost.
DATABASE_AWAY = (OperationalError, InterfaceError)

sweeper = Sweeper()


@worker_ready.connect
def start_sweeping(sender: Any, **_signal: object) -> None:
    """The worker that prepares competitions hears this signal too."""
    if settings.CELERY_TASK_DEFAULT_QUEUE in sender.app.amqp.queues.consume_from:
        sweeper.start()


@worker_shutting_down.connect
def stop_sweeping(**_signal: object) -> None:
    sweeper.stop()


@shared_task(
    name=RESULT_TASK,
    autoretry_for=DATABASE_AWAY,
    retry_backoff=1,
    retry_backoff_max=15,
    retry_jitter=True,
    max_retries=40,
)
def record_result(message: dict[str, Any]) -> None:
    try:
        result = ScoringResult.model_validate(message)
    except ValidationError as error:
        logger.warning("A result that breaks the contract was dropped: %s", error.error_count())
        return
    results.record_result(result=result)


@shared_task(name=HEARTBEAT_TASK)
def record_heartbeat(message: dict[str, Any]) -> None:
    try:
        heartbeat = Heartbeat.model_validate(message)
    except ValidationError as error:
        logger.warning("A heartbeat that breaks the contract was dropped: %s", error.error_count())
        return
    results.record_heartbeat(heartbeat=heartbeat)


@shared_task(name=WORKER_TASK)
def record_worker(message: dict[str, Any]) -> None:
    try:
        report = WorkerReport.model_validate(message)
    except ValidationError as error:
        logger.warning("A report that breaks the contract was dropped: %s", error.error_count())
        return
    results.record_worker(report=report)
