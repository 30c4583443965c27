"""The doorbell of the preparation worker for checks and publications of drafts."""

from __future__ import annotations

import logging

from agon.celery import app
from agon.competitions.queue import LOOK_SECONDS, QUEUE, UNREACHABLE

logger = logging.getLogger(__name__)

TASK = "agon.creation.run"


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
        logger.warning("The broker did not take the call to check a draft: %s", error)
        return False
    return True
