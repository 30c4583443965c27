"""What a prepare.py says while it works: bars for people, lines of JSON for a program that asks.

With AGON_PROGRESS=json in the environment every line on stdout is one object,
``{"step": "Downloading train.en.gz", "done": 123, "total": 456}``, with a total of null where
nobody knows it; without it there are bars on stderr and plain sentences on stdout.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from tqdm import tqdm

VARIABLE = "AGON_PROGRESS"
PAUSE = 0.2  # seconds between two lines of one step

Item = TypeVar("Item")


class Step:
    """One piece of work, of which `advance` says how much is done."""

    def __init__(self, name: str, *, total: int | None, done: int = 0, unit: str = "") -> None:
        self.name = name
        self.total = total
        self.done = done
        self._is_json = os.environ.get(VARIABLE) == "json"
        self._said_at = 0.0
        self._bar = None
        if self._is_json:
            self._say()
        else:
            is_bytes = unit == "B"
            self._bar = tqdm(
                total=total, initial=done, desc=name, unit=unit or "it", unit_scale=is_bytes
            )

    def advance(self, by: int = 1) -> None:
        """So much more is done."""
        self.done += by
        if self._bar is not None:
            self._bar.update(by)
        elif time.monotonic() - self._said_at >= PAUSE:
            self._say()

    def close(self) -> None:
        """It is over, whether or not all of it was done."""
        if self._bar is not None:
            self._bar.close()
        else:
            self._say()

    def _say(self) -> None:
        self._said_at = time.monotonic()
        line = {"step": self.name, "done": self.done, "total": self.total}
        print(json.dumps(line, ensure_ascii=False), flush=True)


@contextmanager
def step(name: str, *, total: int | None = None, done: int = 0, unit: str = "") -> Iterator[Step]:
    """A piece of work for a `with` block."""
    one = Step(name, total=total, done=done, unit=unit)
    try:
        yield one
    finally:
        one.close()


def each(items: Iterable[Item], name: str, *, total: int) -> Iterator[Item]:
    """The items, each of which counts as done when the next one is asked for."""
    with step(name, total=total) as one:
        for item in items:
            yield item
            one.advance()


def say(sentence: str) -> None:
    """A sentence for whoever watches."""
    if os.environ.get(VARIABLE) == "json":
        line = {"step": sentence, "done": 0, "total": None}
        sentence = json.dumps(line, ensure_ascii=False)
    print(sentence, flush=True)
