"""The site that the baselines run against: one of this machine's own, made anew, with SQLite.

    with OwnSite(State(folder), console) as site:
        site.load("digits")
        site.address, site.token

Afterwards its folder stays, so that it can be looked at: `STATE_DIR=var/baselines/site make serve`.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from launcher import commands, environment, health, messages
from launcher.baseline_results import NotAnswered, Result, SiteReader
from launcher.broker import Broker, free_port
from launcher.console import Console
from launcher.environment import ROOT, State
from launcher.errors import CannotStart
from launcher.expectations import Baseline
from launcher.fleet import Fleet, Guardian
from launcher.processes import Process, resolve, wait_until

HOST = "host"  # the demo host, who hosts what is loaded
HEALTH_SECONDS = 60
COMMAND_SECONDS = 1800  # a data set may have to be downloaded

# What the caller may have set for a site of his own must not lead here.
NOT_INHERITED = {
    "DATABASE_URL", "REDIS_URL", "STORAGE_URL", "EMAIL_URL", "EMAIL_VERIFICATION", "SECRET_KEY",
    "SECRET_KEY_FILE", "STATE_DIR", "SITE_URL", "INTERNAL_URL", "ALLOWED_HOSTS", "HTTPS", "BIND",
    "CSRF_TRUSTED_ORIGINS",
}  # fmt: skip


class OwnSite:
    """Broker, web server, results worker and scoring worker, for as long as the `with` lasts."""

    def __init__(self, state: State, console: Console) -> None:
        self._state = state
        self._console = console
        self._exit = ExitStack()
        self._port = free_port()
        self._variables: dict[str, str] = {}
        self.address = f"http://127.0.0.1:{self._port}"
        self.token = ""

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._exit.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._exit.close()

    def load(self, slug: str) -> str | None:
        """Prepare a competition's data where they are missing and load it; why it can't be done."""
        try:
            with self._console.step(f"Competition {slug}"):
                self._manage("load_competition", f"competitions/{slug}", "--host", HOST)
        except CannotStart as error:
            return f"{slug} is not prepared: {error}"
        return None

    def publish(self, baseline: Baseline, executed: Path, result: Result) -> str | None:
        """Show an executed notebook first on the competition's Code tab; why it can't be done."""
        expected = baseline.expectation
        about = ["--title", expected.title, "--model", expected.model, "--name", baseline.name]
        if result.seconds is not None:
            about += ["--seconds", str(result.seconds)]
        if result.submission is not None:
            about += ["--submission", str(result.submission)]
        try:
            self._manage("publish_notebook", baseline.slug, str(executed), "--official", *about)
        except CannotStart as error:
            return f"it could not be published: {error}"
        return None

    def look_after(self) -> None:
        """Start again what has died."""
        self._fleet.look_after()

    def _start(self) -> None:
        self._state.make()
        lock = self._exit.enter_context(environment.lock(self._state))
        self._forget_last_run()
        self._state.make()
        messages.compile_all(ROOT / "platform" / "agon")
        guardian = Guardian(lock)
        self._exit.callback(guardian.dismiss)
        self._fleet = Fleet(self._console, guardian)
        self._exit.callback(self._fleet.stop)
        with self._console.step(f"A site for the notebooks at {self.address}"):
            broker = Broker(self._state.broker, log=self._state.logs / "broker.log")
            broker.start()
            self._fleet.adopt(broker.process, stop_seconds=5)
            self._variables = self._settings(broker.url)
            for argv in (commands.MIGRATE, commands.COLLECT_STATIC, commands.CREATE_DEMO):
                self._manage(*argv[2:])
            self.token = self._manage("create_token", HOST, "--name", "baselines").split()[-1]
            scoring = environment.scoring(self._state, broker.url)
            web = self._process("web", commands.WEB, self._variables)
            self._fleet.start(
                self._process("results", commands.RESULTS, self._variables), stop_seconds=10
            )
            self._fleet.start(
                self._process("scoring", commands.scoring(concurrency=1), scoring), stop_seconds=15
            )
            self._fleet.start(web, stop_seconds=10)
            self._wait_for(web)

    def _forget_last_run(self) -> None:
        """A score of an earlier run would stand on the board in place of a worse one of this run."""
        for path in self._state.folder.iterdir():
            if path == self._state.lock:
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    def _settings(self, broker_url: str) -> dict[str, str]:
        settings = {
            "DJANGO_SETTINGS_MODULE": "agon.settings",
            "STATE_DIR": str(self._state.folder),
            "SECRET_KEY_FILE": str(self._state.secret_key),
            "REDIS_URL": broker_url,
            "SITE_URL": self.address,
            "INTERNAL_URL": self.address,
            "BIND": f"127.0.0.1:{self._port}",
        }
        inherited = {
            name: value for name, value in environment.site({}).items() if name not in NOT_INHERITED
        }
        return {**inherited, **settings}

    def _process(self, name: str, argv: Sequence[str], variables: dict[str, str]) -> Process:
        return Process(name, argv, log=self._state.logs / f"{name}.log", environment=variables)

    def _wait_for(self, web: Process) -> None:
        answer = "no answer"
        for _ in wait_until(HEALTH_SECONDS, pause=0.1):
            answer = health.ask("127.0.0.1", self._port, name=f"127.0.0.1:{self._port}")
            if answer.startswith("200"):
                return
            if not web.is_running:
                break
        raise CannotStart(
            f"The site for the notebooks does not answer ({answer}); the end of {web.log}:\n"
            + web.last_lines()
        )

    def _manage(self, *arguments: str) -> str:
        """Run a management command and return what it printed."""
        done = subprocess.run(
            resolve(commands.manage(*arguments)),
            cwd=ROOT,
            env=self._variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        if done.returncode:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()
            raise CannotStart("\n".join(said[-8:]) or f"{arguments[0]} failed without a word")
        return done.stdout


class RunningSite:
    """A site that somebody else started; what is on it, he has loaded."""

    def __init__(self, address: str, token: str) -> None:
        self.address = address.rstrip("/")
        self.token = token

    def load(self, slug: str) -> str | None:
        """Nothing is loaded there; why the competition can't be reached."""
        try:
            SiteReader(self.address, self.token).competition(slug)
        except NotAnswered as error:
            return str(error)
        return None

    def look_after(self) -> None:
        """That is its owner's business."""

    def publish(self, _baseline: Baseline, _executed: Path, _result: Result) -> str | None:
        """Publishing is for a person to do, on the Code tab."""
        return None
