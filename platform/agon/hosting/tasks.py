"""Starts the watch over deadlines beside the worker that writes results."""

from __future__ import annotations

from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings

from agon.hosting.deadlines import DeadlineWatch

watch = DeadlineWatch()


@worker_ready.connect
def start_watching(sender: Any, **_signal: object) -> None:
    """The worker that prepares competitions hears this signal too."""
    if settings.CELERY_TASK_DEFAULT_QUEUE in sender.app.amqp.queues.consume_from:
        watch.start()


@worker_shutting_down.connect
def stop_watching(**_signal: object) -> None:
    watch.stop()
