"""The whole of Agon as separate processes on this machine, for tests that kill and measure it.

    with Stack(folder) as stack:
        stack.web_url

Each process is started by the same command line as in production; each can be killed and started
again, and finds its port and its data.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import psutil

from launcher import commands
from launcher.broker import Broker, free_port
from launcher.postgres import Postgres
from launcher.processes import Process, kill_all, wait_until

logging.getLogger("httpx").setLevel(logging.WARNING)

ROOT = Path(__file__).resolve().parent.parent
SERVICES = ("web", "results", "scoring")


class Stack:
    """Database, broker, web, results worker and scoring worker.

    Args:
        folder: Where all of it keeps its data and logs.
        postgres: False for SQLite.
        settings: More environment variables for the site.
    """

    def __init__(
        self,
        folder: Path,
        *,
        postgres: bool = True,
        concurrency: int = 2,
        settings: dict[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.database = Postgres(durable=False) if postgres else None
        self.broker = Broker(folder / "broker")
        self.port = free_port()
        self.web_url = f"http://127.0.0.1:{self.port}"
        self._settings = settings or {}
        self._concurrency = concurrency
        self.processes: dict[str, Process] = {}
        self._services = ExitStack()

    def site_environment(self) -> dict[str, str]:
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        database = {"DATABASE_URL": self.database.url} if self.database else {}
        return {
            **kept,
            **database,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
            "DJANGO_SETTINGS_MODULE": "agon.settings",
            "SECRET_KEY": "a-key-of-the-tests-that-guards-nothing-" + "x" * 30,
            "STATE_DIR": str(self.folder / "state"),
            "REDIS_URL": self.broker.url,
            "SITE_URL": self.web_url,
            "BIND": f"127.0.0.1:{self.port}",
            "TZ": "UTC",
            **self._settings,
        }

    def scoring_environment(self) -> dict[str, str]:
        kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        return {
            **kept,
            "PYTHONPATH": str(ROOT),
            "BROKER_URL": self.broker.url,
            "SCORING_CACHE": str(self.folder / "scoring"),
            "SCORING_CAPABILITY": "cpu",
            "TZ": "UTC",
        }

    def manage(self, *arguments: str) -> str:
        """Run a management command to its end and give what it printed."""
        return self.run("manage.py", *arguments)

    def run(self, *arguments: str) -> str:
        finished = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.site_environment(),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if finished.returncode:
            raise RuntimeError(f"{arguments} failed:\n{finished.stdout}\n{finished.stderr}")
        return finished.stdout

    def start(self) -> None:
        (self.folder / "state").mkdir(exist_ok=True)
        if self.database:
            self._services.enter_context(self.database)
        self._services.enter_context(self.broker)
        self.manage("migrate", "--noinput", "--verbosity=0")
        self.manage("collectstatic", "--noinput", "--verbosity=0")
        argv = {
            "web": commands.WEB,
            "results": commands.RESULTS,
            "scoring": commands.scoring(concurrency=self._concurrency),
        }
        for name in SERVICES:
            self.processes[name] = Process(
                name,
                argv[name],
                log=self.folder / f"{name}.log",
                environment=self.scoring_environment()
                if name == "scoring"
                else self.site_environment(),
            )
            self.processes[name].start()
        self.wait_until_ready()

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Until the site answers and a scoring worker has been heard of."""
        for _ in wait_until(seconds, pause=0.1):
            if self.is_healthy():
                return
        raise RuntimeError("The site did not become healthy:\n" + self.logs())

    def is_healthy(self) -> bool:
        try:
            return httpx.get(f"{self.web_url}/healthz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def kill(self, name: str) -> None:
        self.part(name).kill()

    def kill_one_child(self, name: str) -> None:
        """SIGKILL to one process that a service started, as the kernel does when memory runs out."""
        children = psutil.Process(self.processes[name].pid).children(recursive=True)
        if children:
            kill_all(children[:1])

    def restart(self, name: str) -> None:
        self.part(name).start()

    def part(self, name: str) -> Process | Broker | Postgres:
        if name == "broker":
            return self.broker
        if name == "database" and self.database:
            return self.database
        return self.processes[name]

    def logs(self, lines: int = 15) -> str:
        return "\n".join(
            f"--- {name}\n{process.last_lines(lines)}" for name, process in self.processes.items()
        )

    def stop(self) -> None:
        for process in reversed(self.processes.values()):
            process.stop(5)
        self._services.close()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class Browser:
    """A signed-in person as plain HTTP: cookies, CSRF token and forms, no JavaScript."""

    def __init__(self, web_url: str, session: str, csrf: str) -> None:
        self.csrf = csrf
        self.client = httpx.Client(
            base_url=web_url,
            cookies={"sessionid": session, "csrftoken": csrf},
            headers={"Referer": web_url, "X-CSRFToken": csrf, "X-Requested-With": "XMLHttpRequest"},
            timeout=20,
        )

    def submit(self, slug: str, content: bytes, note: str = "") -> httpx.Response:
        return self.client.post(
            f"/competitions/{slug}/submit/",
            data={"kind": "predictions", "note": note},
            files={"file": ("predictions.csv", content, "text/csv")},
        )

    def page_at_end(self, address: str, *, seconds: float = 30) -> str:
        """A submission's page once it has ended; until then its status asks for itself again."""
        for _ in wait_until(seconds, pause=0.1):
            if "data-live" not in self.client.get(f"{address}status/").text:
                return self.client.get(address).text
        raise AssertionError(f"{address} did not end within {seconds:g} seconds")


def goals_line(goals: dict[str, dict[str, Any]]) -> str:
    """The last line of every benchmark: what was wanted, what was measured, whether it was met."""
    return json.dumps({"goals": goals})


def now() -> float:
    return time.monotonic()
