"""What `make serve` prints: steps with their time, notes, and the box at the end."""

from __future__ import annotations

import contextlib
import os
import sys
import time
import unicodedata
from collections.abc import Iterator, Sequence

FAILED = "FAILED"


class Console:
    def __init__(self) -> None:
        self._terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
        self._plain = not encoding.startswith("utf")

    def line(self, text: str = "") -> None:
        # A terminal that was closed must not stop the shutdown that its end began.
        with contextlib.suppress(BrokenPipeError, OSError):
            print(text if not self._plain else text.encode("ascii", "replace").decode(), flush=True)

    def note(self, text: str) -> None:
        self.line(f"  {text}")

    @contextlib.contextmanager
    def step(self, text: str) -> Iterator[list[str]]:
        """One line for one step; what is put in the list stands behind its name."""
        began = time.monotonic()
        details: list[str] = []
        if self._terminal:
            with contextlib.suppress(OSError):
                print(f"  · {text} …", end="", flush=True)
        done = False
        try:
            yield details
            done = FAILED not in details
        finally:
            start = "\r\x1b[K" if self._terminal else ""
            mark = ("ok" if self._plain else "✓") if done else ("!!" if self._plain else "✗")
            detail = f" ({', '.join(details)})" if details else ""
            self.line(f"{start}  {mark} {text}{detail}  {time.monotonic() - began:.1f} s")

    def box(self, lines: Sequence[str]) -> None:
        width = max(_width(line) for line in lines)
        corners = "+-+|+-+" if self._plain else "┌─┐│└─┘"
        self.line(f"  {corners[0]}{corners[1] * (width + 4)}{corners[2]}")
        for line in lines:
            self.line(f"  {corners[3]}  {line}{' ' * (width - _width(line))}  {corners[3]}")
        self.line(f"  {corners[4]}{corners[5] * (width + 4)}{corners[6]}")


def _width(text: str) -> int:
    """Columns on the terminal; Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
