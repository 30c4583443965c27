"""The processes of a running site: started again when they die, stopped in order at the end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import IO

from launcher import logs
from launcher.console import Console
from launcher.environment import ROOT, common
from launcher.processes import Process

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
HEALTHY_SECONDS = 60.0


@dataclass
class Member:
    """One process, how long it may take to end, and when it may start again."""

    process: Process
    stop_seconds: float
    started: float = field(default_factory=time.monotonic)
    pause: float = FIRST_PAUSE
    again_at: float | None = None

    def __post_init__(self) -> None:
        self.tail = logs.Tail(self.process.log)


class Guardian:
    """The process that cleans up should this one be killed; see `launcher.guardian`."""

    def __init__(self, lock: IO[str]) -> None:
        self._running = subprocess.Popen(
            [sys.executable, "-m", "launcher.guardian"],
            cwd=ROOT,
            env={**os.environ, **common(), "PYTHONPATH": str(ROOT / "platform")},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            pass_fds=[lock.fileno()],
        )

    def watch(self, pid: int) -> None:
        self._tell(f"+{pid}\n")

    def forget(self, pid: int) -> None:
        self._tell(f"-{pid}\n")

    def _tell(self, line: str) -> None:
        if self._running.stdin is not None and self._running.poll() is None:
            self._running.stdin.write(line)
            self._running.stdin.flush()

    def dismiss(self) -> None:
        """All processes are stopped: nothing is left to guard."""
        if self._running.stdin is not None:
            self._running.stdin.close()
        self._running.wait(10)


class Fleet:
    def __init__(self, console: Console, guardian: Guardian) -> None:
        self._console = console
        self._guardian = guardian
        self._members: list[Member] = []

    def start(self, process: Process, *, stop_seconds: float) -> Member:
        logs.cap(process.log)
        member = Member(process, stop_seconds)
        self._members.append(member)
        process.start()
        self._guardian.watch(process.pid)
        return member

    def adopt(self, process: Process, *, stop_seconds: float) -> None:
        """Takes over a process that runs already."""
        self._members.append(Member(process, stop_seconds))
        self._guardian.watch(process.pid)

    def look_after(self) -> None:
        """One round: shows new errors, keeps logs small, starts again what died."""
        for member in self._members:
            for line in member.tail.errors():
                self._console.note(f"[{member.process.name}] {line}")
            logs.cap(member.process.log)
            if not member.process.is_running:
                self._revive(member)

    def _revive(self, member: Member) -> None:
        process, now = member.process, time.monotonic()
        if member.again_at is None:
            if now - member.started > HEALTHY_SECONDS:
                member.pause = FIRST_PAUSE
            member.again_at = now + member.pause
            self._guardian.forget(process.pid)
            process.kill()  # what it had started must not meet its successor
            self._console.note(
                f"[{process.name}] ended ({_ending(process)}); starting it again in {member.pause:.0f} s. "
                f"Its log: {process.log}"
            )
        elif now >= member.again_at:
            member.again_at, member.started = None, now
            member.pause = min(2 * member.pause, LONGEST_PAUSE)
            process.start()
            self._guardian.watch(process.pid)

    def stop(self) -> None:
        """Those started last are stopped first: no new work, then work under way, then the broker."""
        while self._members:
            member = self._members.pop()
            member.process.stop(member.stop_seconds)
            self._guardian.forget(member.process.pid)

    def kill(self) -> None:
        for member in self._members:
            member.process.kill()
        self._members.clear()


def _ending(process: Process) -> str:
    code = process.exit_code or 0
    return f"signal {-code}" if code < 0 else f"exit code {code}"
