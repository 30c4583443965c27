"""The Celery application of the scoring workers: the broker's address is all it knows."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_process_init, worker_ready, worker_shutdown
from celery.worker import state
from kombu.exceptions import OperationalError

from scoring.abilities import find_abilities
from scoring.contract import RESULTS_QUEUE, WORKER_TASK, Abilities, Capability, WorkerReport

# polars and numba read these once, when they are imported; the tasks' module does that.
os.environ.setdefault("POLARS_MAX_THREADS", "2")
if not os.access(Path(__file__).parent, os.W_OK):
    # Compiled code is kept beside the modules; where these are read-only, with the worker's files.
    cache = Path(os.environ.get("SCORING_CACHE", "var/scoring"), "numba")
    os.environ.setdefault("NUMBA_CACHE_DIR", str(cache.absolute()))
# Nothing that this worker runs calls home.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

HARD_LIMIT_SECONDS = 2 * 3600
REPORT_SECONDS = 5.0

app = Celery("scoring", include=["scoring.tasks"])
app.conf.update(
    broker_url=os.environ.get("BROKER_URL", "redis://127.0.0.1:6379/0"),
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        # A task that is acknowledged late is delivered again after this time; it must be longer
        # than any task may take.
        "visibility_timeout": HARD_LIMIT_SECONDS + 3600,
        "socket_connect_timeout": 5,
        "socket_timeout": 10,
    },
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_time_limit=HARD_LIMIT_SECONDS,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    task_default_queue=Capability(os.environ.get("SCORING_CAPABILITY", "cpu")).queue,
    worker_prefetch_multiplier=1,
    # A process of a worker loads compiled code first, which may have to be compiled.
    worker_proc_alive_timeout=120.0,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
)

CAPABILITY = Capability(os.environ.get("SCORING_CAPABILITY", "cpu"))

_stopped = threading.Event()
_abilities = Abilities()


def send(task: str, message: dict[str, Any], *, expires: float | None = None) -> None:
    """Send one message to the site."""
    app.send_task(task, args=[message], queue=RESULTS_QUEUE, expires=expires, retry=False)


def abilities() -> Abilities:
    """What this worker can do; its processes inherit what the first one found out."""
    return _abilities


@worker_init.connect
def _find_abilities(**_: Any) -> None:
    global _abilities  # noqa: PLW0603 - set once, before the processes are forked
    _abilities = find_abilities(CAPABILITY)
    logger = app.log.get_default_logger()
    if _abilities.sandbox == "none":
        logger.warning("models and programs are not run here: %s", _abilities.sandbox_reason)
    elif _abilities.sandbox == "degraded":
        logger.warning("the sandbox is degraded: %s", _abilities.sandbox_reason)


@worker_process_init.connect
def _warm(**_: Any) -> None:
    app.loader.import_module("scoring.warming").warm()


@worker_ready.connect
def _start_reporting(sender: Any, **_: Any) -> None:
    threading.Thread(target=_report, args=[sender.hostname], daemon=True).start()


@worker_shutdown.connect
def _stop_reporting(**_: Any) -> None:
    _stopped.set()


def _report(hostname: str) -> None:
    """Tell the site every few seconds that this worker lives."""
    while True:
        report = WorkerReport(
            worker=hostname[:200],
            capability=CAPABILITY,
            busy=bool(state.active_requests),
            abilities=_abilities,
        )
        try:
            send(WORKER_TASK, report.to_json(), expires=6 * REPORT_SECONDS)
        except (OperationalError, OSError):
            app.log.get_default_logger().info("the broker is away; reporting again soon")
        if _stopped.wait(REPORT_SECONDS):
            return
