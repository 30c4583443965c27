"""`python -m launcher worker`: one scoring worker on this machine, for a site here or elsewhere."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from typing import NoReturn
from urllib.parse import urlsplit

import redis

from launcher import commands, environment
from launcher.console import Console
from launcher.environment import ROOT, State
from launcher.errors import CannotStart
from launcher.processes import resolve

QUEUES = ("scoring.cpu", "scoring.gpu")
BROKER_SECONDS = 5


def run(console: Console, *, queue: str, concurrency: int | None, state: State) -> NoReturn:
    """Says what this machine can do, then becomes the worker; returns only by an exception."""
    capability = queue.removeprefix("scoring.")
    broker_url = find_broker(state)
    state.make()
    variables = environment.scoring(state, broker_url, capability)
    console.line("Agon: a scoring worker")
    console.note(f"Broker     {without_password(broker_url)}")
    check_broker(broker_url)
    tell_abilities(queue, variables)
    argv = resolve(
        commands.scoring(
            capability,
            concurrency=concurrency or default_concurrency(capability),
            name=f"{queue}.{os.getpid()}",
        )
    )
    os.chdir(ROOT)
    os.execve(argv[0], argv, variables)  # noqa: S606  # its signals are meant for the worker


def default_concurrency(capability: str) -> int:
    """One job at a time on a GPU; on processors as many as `make serve` takes."""
    return 1 if capability == "gpu" else max(1, min(4, os.cpu_count() or 2))


def find_broker(state: State) -> str:
    """BROKER_URL, else the broker of the site that runs from this folder."""
    given = os.environ.get("BROKER_URL", "")
    if given:
        return given
    if state.folder.exists() and environment.is_locked(state):
        try:
            settings: dict[str, str] = json.loads(state.settings.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            settings = {}
        if settings.get("REDIS_URL"):
            return settings["REDIS_URL"]
    raise CannotStart(
        "BROKER_URL is not set, and no site runs from this folder: give the address of the site's broker, "
        "as in `make worker QUEUE=scoring.gpu BROKER_URL=redis://:password@host:6379/0`."
    )


def check_broker(broker_url: str) -> None:
    """Celery would wait for a broker for ever; a person who has just started this would not."""
    try:
        client = redis.Redis.from_url(broker_url, socket_connect_timeout=BROKER_SECONDS)
        client.ping()
    except (redis.RedisError, ValueError, OSError) as error:
        raise CannotStart(
            f"The broker at {without_password(broker_url)} does not answer ({error}): correct BROKER_URL, "
            "or open the way to it."
        ) from error


def without_password(broker_url: str) -> str:
    parts = urlsplit(broker_url)
    return f"{parts.scheme}://{parts.hostname or ''}:{parts.port or 6379}{parts.path}"


def tell_abilities(queue: str, variables: Mapping[str, str]) -> None:
    subprocess.run(
        resolve(("python", "-m", "scoring.abilities", queue)),
        cwd=ROOT,
        env=dict(variables),
        check=False,
    )
