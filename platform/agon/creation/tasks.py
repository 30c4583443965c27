"""The preparation worker checks and publishes drafts too: called by a bell or by its clock."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutting_down

from agon.common.periodic import Periodic
from agon.competitions.queue import LOOK_SECONDS, QUEUE
from agon.creation import queue
from agon.creation.models import Run
from agon.creation.runner import carry
from agon.creation.services import runs, uploads


def look() -> None:
    """Ring where something waits, and clear away what is old."""
    uploads.forget_stale()
    if Run.objects.claimable().exists():
        queue.ring()


clock = Periodic("drafts' clock", look, seconds=LOOK_SECONDS, at_once=True)


@worker_ready.connect
def start_looking(sender: Any, **_signal: object) -> None:
    """The results worker hears this signal too."""
    if QUEUE in sender.app.amqp.queues.consume_from:
        clock.start()


@worker_shutting_down.connect
def stop_looking(**_signal: object) -> None:
    clock.stop()


@shared_task(name=queue.TASK)
def run_next() -> None:
    run = runs.claim()
    if run is not None:
        carry(run)
        look()
