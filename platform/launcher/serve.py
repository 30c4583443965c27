"""The start, the running and the end of a whole site on one machine."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO

from launcher import commands, environment, health, logs, messages
from launcher.broker import Broker, port_is_free
from launcher.console import FAILED, Console
from launcher.environment import ROOT, State
from launcher.errors import CannotStart
from launcher.fleet import Fleet, Guardian, Member
from launcher.processes import Process, resolve, wait_until

LEAST_FREE_BYTES = 500 * 1024**2
COMMAND_SECONDS = 600
HEALTH_SECONDS = 60
READY_SECONDS = 30
PREVIOUS_END_SECONDS = 10
FIRST_COMPETITION = "digits"
STATE_LINE = re.compile(r"^([\w.-]+): (.+)$", re.MULTILINE)
READY = "ready"
UNDER_WAY = {"is being prepared", "is being brought up to date"}


class Stopped(Exception):
    """Somebody asked for the end before the start was complete."""


class Supervisor:
    """Runs everything that one machine needs, until it is told to stop."""

    def __init__(
        self, console: Console, *, host: str, port: int, state: State | None = None
    ) -> None:
        self._console = console
        self._host = host
        self._port = port
        self._state = state or environment.default_state()
        self._stop = threading.Event()
        self._signals = 0
        self._site: dict[str, str] = {}

    def run(self, *, once: bool = False) -> None:
        began = time.monotonic()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        self._console.line("Agon")
        with self._console.step(
            f"State folder {self._shown(self._state.folder)}, port {self._port}"
        ):
            lock = self._prepare_state()
        guardian = Guardian(lock)
        fleet = Fleet(self._console, guardian)
        try:
            self._start(fleet, guardian, began)
            if not once:
                self._keep_running(fleet)
        finally:
            self._end(fleet, guardian, lock)

    # --- Start --------------------------------------------------------------------------------

    def _prepare_state(self) -> IO[str]:
        self._state.make()
        lock = self._take_lock()
        free = shutil.disk_usage(self._state.folder).free
        if free < LEAST_FREE_BYTES:
            raise CannotStart(
                f"Only {free / 1024**2:.0f} MB are free in {self._state.folder}, and Agon needs 500 MB: "
                "free some disk space and start again."
            )
        if not port_is_free(self._port, self._host):
            raise CannotStart(
                f"Port {self._port} on {self._host} is taken by another program: stop that one, or choose "
                f"another port with `make serve PORT={self._port + 1}`."
            )
        return lock

    def _take_lock(self) -> IO[str]:
        """Waits a little for a run that was killed a moment ago and is being cleaned up."""
        try:
            return environment.lock(self._state)
        except CannotStart:
            owner = self._state.lock.read_text(encoding="utf-8").strip()
            if not owner.isdigit() or Path(f"/proc/{owner}").exists() or not Path("/proc").exists():
                raise
        for _ in wait_until(PREVIOUS_END_SECONDS, pause=0.2):
            if not environment.is_locked(self._state):
                break
        return environment.lock(self._state)

    def _start(self, fleet: Fleet, guardian: Guardian, began: float) -> None:
        broker_url = self._start_broker(fleet)
        settings = environment.chosen(
            self._state, host=self._host, port=self._port, broker_url=broker_url
        )
        self._site = environment.site(settings)
        environment.remember(self._state, {**settings, "SITE_URL": self._site["SITE_URL"]})
        database = "PostgreSQL of DATABASE_URL" if os.environ.get("DATABASE_URL") else "SQLite"
        with self._console.step(f"Database: {database}"):
            self._command("migrate", commands.MIGRATE, guardian)
        self._collect_static(guardian)
        with self._console.step("Web server, results worker, scoring worker"):
            members = self._start_processes(fleet, broker_url)
        with self._console.step("Demo host and participant"):
            demo = self._command("create_demo", commands.CREATE_DEMO, guardian)
        self._announce_competitions(guardian)
        self._start_preparation(fleet)
        with self._console.step("Everything answers"):
            self._wait_for_site(members["web"].process)
            for name in ("results", "scoring"):
                self._wait_for_worker(members[name])
        address = self._site["SITE_URL"]
        self._console.line()
        self._console.box(
            [f"Agon runs at {address}", "", *demo.strip().splitlines(), "", "Ctrl-C stops it."]
        )
        self._console.note(
            f"Ready in {time.monotonic() - began:.1f} s. Logs: {self._shown(self._state.logs)}, "
            f"outgoing mail: {self._shown(self._state.folder / 'mail')}"
        )

    def _announce_competitions(self, guardian: Guardian) -> None:
        """All appear on the site, the first with its data. A fault in a folder is told, and stops nothing."""
        states: dict[str, str] = {}
        with self._console.step(f"Competition {FIRST_COMPETITION}") as details:
            argv = commands.prepare_competitions(FIRST_COMPETITION)
            states.update(STATE_LINE.findall(self._command("competitions", argv, guardian)))
            if states.get(FIRST_COMPETITION, READY) != READY:
                details.append(FAILED)
        under_way = [name for name, state in states.items() if state in UNDER_WAY]
        if under_way:
            self._console.note(
                f"Being prepared beside the running site: {', '.join(under_way)}. Their pages say how far "
                "they are."
            )
        for name, state in states.items():
            if state not in {READY, *UNDER_WAY}:
                self._console.note(f"Competition {name}: {state}")

    def _start_preparation(self, fleet: Fleet) -> None:
        """After the command that prepares the first one, which else might wait for another."""
        log = self._log("preparation")
        process = Process("preparation", commands.PREPARATION, log=log, environment=self._site)
        fleet.start(process, stop_seconds=10)

    def _start_broker(self, fleet: Fleet) -> str:
        outside = os.environ.get("REDIS_URL")
        if outside:
            self._console.note("Broker: the one of REDIS_URL")
            return outside
        with self._console.step("Broker") as details:
            log = self._state.logs / "broker.log"
            logs.cap(log)
            broker = Broker(self._state.broker, log=log)
            broker.start()
            fleet.adopt(broker.process, stop_seconds=5)
            details.append(Path(resolve(broker.process.argv)[0]).name)
        return broker.url

    def _collect_static(self, guardian: Guardian) -> None:
        """Only when a file that it reads has changed: compressing takes seconds."""
        messages.compile_all(ROOT / "platform" / "agon")
        stamp = _static_digest()
        done = self._state.folder / "static" / "staticfiles.json"
        kept = self._state.static_stamp
        if done.exists() and kept.exists() and kept.read_text(encoding="utf-8") == stamp:
            return
        with self._console.step("Style sheets, scripts and fonts"):
            self._command("collectstatic", commands.COLLECT_STATIC, guardian)
        kept.write_text(stamp, encoding="utf-8")

    def _start_processes(self, fleet: Fleet, broker_url: str) -> dict[str, Member]:
        """In the order in which they are stopped, from the last: web, scoring, results."""
        concurrency = max(1, min(4, (os.cpu_count() or 2)))
        scoring = environment.scoring(self._state, broker_url)
        plan: list[tuple[str, Sequence[str], Mapping[str, str], float]] = [
            ("results", commands.RESULTS, self._site, 10),
            ("scoring", commands.scoring(concurrency=concurrency), scoring, 15),
            ("web", commands.WEB, self._site, 10),
        ]
        started = {}
        for name, argv, variables, seconds in plan:
            process = Process(name, argv, log=self._log(name), environment=variables)
            started[name] = fleet.start(process, stop_seconds=seconds)
        return started

    def _wait_for_site(self, web: Process) -> None:
        """`/healthz` answers 200, asked directly: a proxy of the environment is not in the way."""
        host = "127.0.0.1" if self._host in {"0.0.0.0", "::"} else self._host  # noqa: S104  (compared, not bound)
        answer = "no answer"
        for _ in wait_until(HEALTH_SECONDS, pause=0.1):
            self._check_stopped()
            if not web.is_running:
                raise CannotStart(
                    f"The web server did not start; the end of {web.log}:\n{web.last_lines()}"
                )
            answer = health.ask(host, self._port, name=f"127.0.0.1:{self._port}")
            if answer.startswith("200"):
                return
        raise CannotStart(
            f"The site does not become healthy ({answer}); the end of {web.log}:\n{web.last_lines()}"
        )

    def _wait_for_worker(self, member: Member) -> None:
        """Celery says `ready.` once it takes work."""
        process = member.process
        for _ in wait_until(READY_SECONDS, pause=0.1):
            self._check_stopped()
            if any(line.rstrip().endswith("ready.") for line in member.tail.new_lines()):
                return
            if not process.is_running:
                break
        raise CannotStart(
            f"The {process.name} worker did not start; the end of {process.log}:\n{process.last_lines()}"
        )

    def _command(self, name: str, argv: Sequence[str], guardian: Guardian) -> str:
        """Runs one management command and returns what it printed."""
        process = self._begin(name, argv)
        guardian.watch(process.pid)
        for _ in wait_until(COMMAND_SECONDS, pause=0.05):
            if not process.is_running:
                break
            if self._stop.is_set():
                process.stop(5)
        else:
            process.kill()
        guardian.forget(process.pid)
        self._check_stopped()
        if process.exit_code != 0:
            raise CannotStart(
                f"`{' '.join(argv)}` failed; the end of {process.log}:\n{process.last_lines()}"
            )
        return process.log.read_text(encoding="utf-8", errors="replace")

    def _begin(self, name: str, argv: Sequence[str]) -> Process:
        log = self._log(name)
        log.unlink(missing_ok=True)
        process = Process(name, argv, log=log, environment=self._site)
        process.start()
        return process

    # --- Running and the end --------------------------------------------------------------------

    def _keep_running(self, fleet: Fleet) -> None:
        while not self._stop.wait(0.3):
            fleet.look_after()

    def _end(self, fleet: Fleet, guardian: Guardian, lock: IO[str]) -> None:
        self._console.line()
        try:
            with self._console.step("Stopping"):
                fleet.stop()
        except KeyboardInterrupt:
            self._console.note("Stopping at once")
            fleet.kill()
        guardian.dismiss()
        lock.close()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        """The first asks for the end; a second one, during it, does not wait for running work."""
        del number, frame
        self._signals += 1
        if self._signals == 2:
            raise KeyboardInterrupt
        self._stop.set()

    def _check_stopped(self) -> None:
        if self._stop.is_set():
            raise Stopped

    def _log(self, name: str) -> Path:
        return self._state.logs / f"{name}.log"

    @staticmethod
    def _shown(path: Path) -> str:
        return f"{path.relative_to(ROOT)}/" if path.is_relative_to(ROOT) else str(path)


def _static_digest() -> str:
    """The contents of every static file of ours, and the versions of the packages that bring others."""
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for path in sorted((ROOT / "platform" / "agon").glob("*/static/**/*")):
        if path.is_file():
            digest.update(str(path).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
