"""The worker of the queue `preparation`: one competition at a time, called by a bell or by its clock."""

from __future__ import annotations

import logging
from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings

from agon.common.periodic import Periodic
from agon.competitions import queue
from agon.competitions.postman import InvitationPostman
from agon.competitions.preparer import Preparer
from agon.competitions.services.preparing import (
    announce_folders,
    call_worker,
    claim_preparation,
)

logger = logging.getLogger(__name__)

preparer = Preparer()


class Clock(Periodic):
    """Makes competitions of the folders, and calls the worker to what waits.

    The first look is at every folder, the later ones at those that are new.
    """

    def __init__(self) -> None:
        super().__init__("preparation's clock", self.look, seconds=queue.LOOK_SECONDS, at_once=True)
        self._has_looked = False
        self._problems: dict[str, str] = {}

    def look(self) -> None:
        announced = announce_folders(retry_failed=False, only_new=self._has_looked)
        self._has_looked = True
        problems = {one.folder: one.problem for one in announced if one.problem}
        for folder, problem in problems.items():
            if self._problems.get(folder) != problem:
                logger.error("%s is no competition: %s", folder, problem)
        self._problems = problems
        call_worker()


clock = Clock()
postman = InvitationPostman()


@worker_ready.connect
def start_looking(sender: Any, **_signal: object) -> None:
    """Each of the two workers hears this signal, and starts what is its own."""
    queues = sender.app.amqp.queues.consume_from
    if queue.QUEUE in queues:
        clock.start()
    if settings.CELERY_TASK_DEFAULT_QUEUE in queues:
        postman.start()


@worker_shutting_down.connect
def stop_looking(**_signal: object) -> None:
    clock.stop()
    postman.stop()
    preparer.stop()


@shared_task(name=queue.PREPARE_TASK)
def prepare() -> None:
    preparation = claim_preparation()
    if preparation is None:
        return
    preparer.run(preparation)
    call_worker()
