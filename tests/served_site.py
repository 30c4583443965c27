"""A site that `make serve` runs, as a person starts and stops it."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

import psutil

from launcher.processes import is_gone, wait_until

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Site:
    state: Path
    port: int
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self) -> subprocess.Popen[str]:
        """Returns once the address is printed; what was printed is in `output`."""
        self.output = self.state.parent / "output.txt"
        with self.output.open("w") as file:
            # As a terminal does: make and what it starts are one process group.
            running = subprocess.Popen(
                self.argv(),
                env=self.environment(),
                stdout=file,
                stderr=file,
                text=True,
                cwd=ROOT,
                start_new_session=True,
            )
        self.started.append(running)
        for _ in wait_until(120, pause=0.1):
            text = self.output.read_text()
            if "Ctrl-C stops it" in text and "Ready in" in text:
                return running
            assert running.poll() is None, text
        running.kill()
        raise AssertionError(f"it did not start: {self.output.read_text()}")

    def argv(self) -> list[str]:
        return ["make", "serve", f"PORT={self.port}"]

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}
        return {**kept, "STATE_DIR": str(self.state)}

    def run(self, port: int | None = None) -> subprocess.CompletedProcess[str]:
        argv = ["make", "serve", f"PORT={port or self.port}"]
        return subprocess.run(
            argv,
            env=self.environment(),
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=60,
            check=False,
        )

    def is_healthy(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


def interrupt(running: subprocess.Popen[str]) -> list[psutil.Process]:
    """Ctrl-C; returns what was running before."""
    family = psutil.Process(running.pid).children(recursive=True)
    os.killpg(running.pid, signal.SIGINT)
    running.wait(60)
    return family


def all_gone(family: list[psutil.Process]) -> bool:
    return any(all(is_gone(process) for process in family) for _ in wait_until(15, pause=0.1))
