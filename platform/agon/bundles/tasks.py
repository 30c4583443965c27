"""The preparation worker carries bundles too: called by a bell or by its clock."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutting_down

from agon.bundles import queue
from agon.bundles.carrier import carry
from agon.bundles.models import Transfer
from agon.bundles.services import transfers
from agon.common.periodic import Periodic
from agon.competitions.queue import LOOK_SECONDS, QUEUE


def look() -> None:
    """Ring where something waits, and clear away what is old."""
    transfers.tidy()
    if Transfer.objects.claimable().exists():
        queue.ring()


clock = Periodic("bundles' clock", look, seconds=LOOK_SECONDS, at_once=True)


@worker_ready.connect
def start_looking(sender: Any, **_signal: object) -> None:
    """The results worker hears this signal too."""
    if QUEUE in sender.app.amqp.queues.consume_from:
        clock.start()


@worker_shutting_down.connect
def stop_looking(**_signal: object) -> None:
    clock.stop()


@shared_task(name=queue.TASK)
def carry_next() -> None:
    transfer = transfers.claim()
    if transfer is not None:
        carry(transfer)
        look()
