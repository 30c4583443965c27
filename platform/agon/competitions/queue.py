"""The doorbell of the worker that prepares competitions; the database says what there is to do."""

from __future__ import annotations

import logging

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from agon.celery import app

logger = logging.getLogger(__name__)

QUEUE = "preparation"
PREPARE_TASK = "agon.competitions.prepare"
LOOK_SECONDS = 5
"""How often the worker looks for what waits; a ring that nobody hears may be gone by then."""

UNREACHABLE = (OperationalError, RedisError, ConnectionError, TimeoutError)


def ring() -> bool:
    """Ask the worker to prepare what waits; False when the broker could not take it now."""
    try:
        app.send_task(
            PREPARE_TASK,
            queue=QUEUE,
            expires=LOOK_SECONDS,
            retry=True,
            retry_policy={"max_retries": 1, "interval_start": 0.05},
        )
    except UNREACHABLE as error:
        logger.warning("The broker did not take the call to prepare competitions: %s", error)
        return False
    return True
