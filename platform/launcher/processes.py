"""Child processes that are stopped whole and never outlive their parent."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from launcher.errors import CannotStart

TETHER = Path(__file__).with_name("tether.py")
ROOT = TETHER.parent.parent.parent
BIN = Path(sys.executable).parent

# The kernel ends a tethered program with the *thread* that started it, so all are started from one
# thread that lives as long as this process.
_STARTER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="starter")


def resolve(argv: Sequence[str]) -> list[str]:
    """The command with its program's full path; programs beside this Python come first."""
    program, *arguments = argv
    if program == "python":
        return [sys.executable, *arguments]
    found = shutil.which(program, path=f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}")
    if found is None:
        raise CannotStart(
            f"The program {program} is not installed: run `make setup` and try again."
        )
    return [found, *arguments]


class Process:
    """One program in a session of its own, with its output in one file."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str],
        folder: Path = ROOT,
        user: str | None = None,
        death_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.argv = tuple(argv)
        self.log = log
        self.environment = dict(environment)
        self.folder = folder
        self.user = user
        self.death_signal = death_signal
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._running is None:
            raise CannotStart(f"{self.name} was not started.")
        return self._running.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; minus the signal's number when one ended it."""
        return None if self._running is None else self._running.poll()

    @property
    def is_running(self) -> bool:
        return self._running is not None and self._running.poll() is None

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._running = _STARTER.submit(self._spawn).result()

    def _spawn(self) -> subprocess.Popen[bytes]:
        tether = [
            sys.executable, "-I", "-S", str(TETHER),
            str(int(self.death_signal)), str(os.getpid()), self.user or "-",
        ]  # fmt: skip
        with self.log.open("ab") as output:
            return subprocess.Popen(
                [*tether, *resolve(self.argv)],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def send(self, number: signal.Signals) -> None:
        """To the program alone; what it started is its own to tell."""
        if self._running is not None:
            self._running.send_signal(number)

    def wait(self, seconds: float) -> bool:
        """True once it has ended."""
        if self._running is None:
            return True
        try:
            self._running.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self, seconds: float = 10, *, first: signal.Signals = signal.SIGTERM) -> None:
        """Asks it to end; what still runs after `seconds`, children included, is killed."""
        if self._running is None:
            return
        family = descendants(self._running.pid)
        self.send(first)
        self.wait(seconds)
        kill_all(family, group=self._running.pid)
        self._running.wait()

    def kill(self) -> None:
        """SIGKILL to the program and everything that it started, as a crash of the machine would."""
        if self._running is None:
            return
        kill_all(descendants(self._running.pid), group=self._running.pid)
        self._running.wait()

    def last_lines(self, count: int = 8) -> str:
        """The end of its log, for a person who must find out why it did not start."""
        with contextlib.suppress(OSError):
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
            return "\n".join(f"    {line}" for line in lines[-count:])
        return ""


def descendants(pid: int) -> list[psutil.Process]:
    """The process and all that came from it, children first."""
    try:
        parent = psutil.Process(pid)
        return [*reversed(parent.children(recursive=True)), parent]
    except psutil.NoSuchProcess:
        return []


def kill_all(family: Sequence[psutil.Process], *, group: int | None = None) -> None:
    """SIGKILL to each that still lives; psutil knows a process from a later one with its number."""
    if group is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    for _ in wait_until(3):
        if all(is_gone(process) for process in family):
            break


def is_gone(process: psutil.Process) -> bool:
    """Ended, whether or not its parent has taken notice yet."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_until(deadline_seconds: float, pause: float = 0.02) -> _Until:
    """`for _ in wait_until(5): if ready(): break` with an `else:` for the time-out."""
    return _Until(deadline_seconds, pause)


class _Until:
    def __init__(self, seconds: float, pause: float) -> None:
        self._deadline = time.monotonic() + seconds
        self._pause = pause
        self._first = True

    def __iter__(self) -> _Until:
        return self

    def __next__(self) -> float:
        if not self._first:
            time.sleep(self._pause)
        self._first = False
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise StopIteration
        return left
