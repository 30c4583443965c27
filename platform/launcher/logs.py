"""Log files that stay small, and their errors brought to the terminal."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path

LARGEST_BYTES = 10 * 1024 * 1024
AT_ONCE = 3
QUIET_SECONDS = 10.0
IS_ERROR = re.compile(
    r"\b(ERROR|CRITICAL)\b|^Traceback \(most recent call last\)|ImproperlyConfigured:"
)


def cap(path: Path) -> bool:
    """Moves a long log aside. It is copied and emptied: its writer holds it open, to append."""
    try:
        if path.stat().st_size <= LARGEST_BYTES:
            return False
    except FileNotFoundError:
        return False
    shutil.copyfile(path, path.with_name(path.name + ".1"))
    with path.open("r+b") as file:
        file.truncate(0)
    return True


class Tail:
    """Reads the lines that a log gained since the last look."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._position = path.stat().st_size if path.exists() else 0
        self._quiet_until = 0.0
        self._shown = 0

    def new_lines(self) -> list[str]:
        try:
            size = self.path.stat().st_size
            if size < self._position:
                self._position = 0
            if size == self._position:
                return []
            with self.path.open("rb") as file:
                file.seek(self._position)
                read = file.read(1024 * 1024)
        except FileNotFoundError:
            return []
        whole, newline, _ = read.rpartition(b"\n")
        if not newline and len(read) < 1024 * 1024:
            return []  # the line is still being written
        taken = whole if newline else read
        self._position += len(taken) + len(newline)
        return taken.decode("utf-8", errors="replace").splitlines()

    def errors(self) -> list[str]:
        """The new lines that tell of an error; after a few, quiet for a while."""
        found = [line.strip() for line in self.new_lines() if IS_ERROR.search(line)]
        now = time.monotonic()
        if now > self._quiet_until:
            self._shown = 0
        shown = found[: max(0, AT_ONCE - self._shown)]
        if shown:
            self._shown += len(shown)
            self._quiet_until = now + QUIET_SECONDS
        return [line[:300] for line in shown]
