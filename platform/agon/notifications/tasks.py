"""Starts the couriers beside the worker that writes results."""

from __future__ import annotations

from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings

from agon.notifications.courier import LetterCourier, WebhookCourier

couriers = (LetterCourier(), WebhookCourier())


@worker_ready.connect
def start_couriers(sender: Any, **_signal: object) -> None:
    """The worker that prepares competitions hears this signal too."""
    if settings.CELERY_TASK_DEFAULT_QUEUE in sender.app.amqp.queues.consume_from:
        for courier in couriers:
            courier.start()


@worker_shutting_down.connect
def stop_couriers(**_signal: object) -> None:
    for courier in couriers:
        courier.stop()
