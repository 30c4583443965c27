"""Whether this machine's worker answers: `python -m launcher.worker_health results|scoring.cpu|scoring.gpu`.

The container's health check. Exit code 0 means yes.
"""

from __future__ import annotations

import os
import socket
import sys

from celery import Celery

SECONDS = 5.0


def ask(name: str, broker_url: str) -> str:
    """`pong` of the worker of this name on this machine, or why not."""
    node = f"{name}@{socket.gethostname()}"
    try:
        answers = Celery(broker=broker_url).control.ping(
            destination=[node], timeout=SECONDS, limit=1
        )
    except OSError as error:
        return f"no broker: {error}"
    return "pong" if answers else f"{node} does not answer"


def main() -> int:
    (name,) = sys.argv[1:]
    answer = ask(name, os.environ.get("BROKER_URL") or os.environ["REDIS_URL"])
    print(answer)
    return 0 if answer == "pong" else 1


if __name__ == "__main__":
    sys.exit(main())
