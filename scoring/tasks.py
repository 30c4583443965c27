"""The scoring task: a shell around `scoring.worker`."""

from __future__ import annotations

import functools
import logging
import os
import socket
import time
from pathlib import Path
from typing import Any

from kombu.exceptions import OperationalError
from pydantic import ValidationError

from scoring.celery import abilities, app, send
from scoring.contract import (
    HEARTBEAT_TASK,
    RESULT_TASK,
    SCORE_TASK,
    Heartbeat,
    Outcome,
    Owner,
    ScoringJob,
    ScoringResult,
    Stage,
)
from scoring.errors import Problem
from scoring.worker import ScoringWorker, reported

logger = logging.getLogger(__name__)

GRACE_SECONDS = 60.0
_AWAY = (OperationalError, OSError)


@app.task(name=SCORE_TASK)
def score(message: dict[str, Any]) -> None:
    """Score one attempt and tell the site how it ended."""
    try:
        job = ScoringJob.model_validate(message)
    except ValidationError as error:
        logger.warning("unknown kind of job: %s", error.errors(include_input=False))
        _refuse(message)
        return
    if job.expires_at <= time.time():
        logger.info("submission %s, attempt %s: expired", job.submission, job.attempt)
        return
    result = _worker().run(job, functools.partial(_beat, job))
    _publish(result, until=job.expires_at)


@functools.cache
def _worker() -> ScoringWorker:
    cache = Path(os.environ.get("SCORING_CACHE", "var/scoring"))
    name = f"{socket.gethostname()}:{os.getpid()}"
    return ScoringWorker(cache.absolute(), name=name, abilities=abilities())


def _beat(job: ScoringJob, stage: Stage, progress: float | None = None) -> None:
    beat = Heartbeat(token=job.token, stage=stage, progress=progress, worker=_worker().name)
    try:
        send(HEARTBEAT_TASK, beat.to_json(), expires=GRACE_SECONDS)
    except _AWAY:
        logger.info("the broker is away; this heartbeat is lost, which harms nothing")


def _publish(result: ScoringResult, *, until: float) -> None:
    """Send a result; while the broker is away, try again until nobody waits for it any more."""
    wait = 0.2
    while True:
        try:
            return send(RESULT_TASK, result.to_json())
        except _AWAY:
            if time.time() + wait >= until:
                logger.exception("a result was given up: the broker is away")
                return None
            time.sleep(wait)
            wait = min(2 * wait, 5.0)


def _refuse(message: object) -> None:
    """Answer a job of another version, if it at least says which attempt it is."""
    token = message.get("token") if isinstance(message, dict) else None
    if isinstance(token, str):
        result = ScoringResult(
            token=token,
            outcome=Outcome.FAILED,
            owner=Owner.PLATFORM,
            problems=(reported(Problem("unknown_job")),),
        )
        _publish(result, until=time.time() + GRACE_SECONDS)
