"""The beginning and the end of what a program prints, however much that is."""

from __future__ import annotations

import re

HALF = 32 * 1024
GAP = "\n[…]\n"
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


class Excerpt:
    """Takes bytes as they come; keeps the first and the last of them."""

    def __init__(self) -> None:
        self._first = bytearray()
        self._last = bytearray()
        self._has_gap = False

    def add(self, data: bytes) -> None:
        """Take some bytes in."""
        room = HALF - len(self._first)
        self._first += data[:room]
        self._last += data[room:]
        if len(self._last) > HALF:
            self._has_gap = True
            del self._last[:-HALF]

    def clear(self) -> None:
        """Forget everything."""
        self._first.clear()
        self._last.clear()
        self._has_gap = False

    def text(self) -> str:
        """For display: no control characters but line breaks and tabs."""
        parts = [bytes(self._first), bytes(self._last)]
        texts = [part.decode("utf-8", "replace") for part in parts]
        whole = (GAP if self._has_gap else "").join(texts)
        return _UNPRINTABLE.sub("", whole.replace("\r\n", "\n").replace("\r", "\n"))
