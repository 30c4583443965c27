"""The Celery application of the scoring workers: the broker's address is all it knows."""

from __future__ import annotations

import os
import threading
from typing import Any

from celery import Celery
from celery.signals import worker_ready, worker_shutdown
from celery.worker import state
from kombu.exceptions import OperationalError

from scoring.contract import RESULTS_QUEUE, WORKER_TASK, Capability, WorkerReport

# polars reads this once, when it is imported; the tasks' module does that.
os.environ.setdefault("POLARS_MAX_THREADS", "2")

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
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
)

_stopped = threading.Event()


def send(task: str, message: dict[str, Any], *, expires: float | None = None) -> None:
    """Send one message to the site."""
    app.send_task(task, args=[message], queue=RESULTS_QUEUE, expires=expires, retry=False)


@worker_ready.connect
def _start_reporting(sender: Any, **_: Any) -> None:
    threading.Thread(target=_report, args=[sender.hostname], daemon=True).start()


@worker_shutdown.connect
def _stop_reporting(**_: Any) -> None:
    _stopped.set()


def _report(hostname: str) -> None:
    """Tell the site every few seconds that this worker lives."""
    capability = Capability(os.environ.get("SCORING_CAPABILITY", "cpu"))
    while True:
        report = WorkerReport(
            worker=hostname[:200], capability=capability, busy=bool(state.active_requests)
        )
        try:
            send(WORKER_TASK, report.to_json(), expires=6 * REPORT_SECONDS)
        except (OperationalError, OSError):
            app.log.get_default_logger().info("the broker is away; reporting again soon")
        if _stopped.wait(REPORT_SECONDS):
            return
