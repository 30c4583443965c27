"""The doorbell of the preparation worker for exports, imports and clones."""

from __future__ import annotations

import logging

from agon.celery import app
from agon.competitions.queue import LOOK_SECONDS, QUEUE, UNREACHABLE

logger = logging.getLogger(__name__)

TASK = "agon.bundles.carry"


def ring() -> bool:
    """Ask the worker to look; False when the broker could not take it now."""
    try:
        app.send_task(
            TASK,
            queue=QUEUE,
            expires=LOOK_SECONDS,
            retry=True,
            retry_policy={"max_retries": 1, "interval_start": 0.05},
        )
    except UNREACHABLE as error:
        logger.warning("The broker did not take the call to carry bundles: %s", error)
        return False
    return True
