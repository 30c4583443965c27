"""Kills a part of the site at random with SIGKILL, and starts it again a moment later."""

from __future__ import annotations

import random
import threading
from collections import Counter

import psutil

from tests.stack import Stack

PARTS = ("scoring", "results", "web", "broker", "database", "scoring's child", "web's child")


class Killer(threading.Thread):
    def __init__(self, stack: Stack, *, seed: int, pause: tuple[float, float] = (0.5, 3.0)) -> None:
        super().__init__(name="killer", daemon=True)
        self._stack = stack
        self._random = random.Random(seed)
        self._pause = pause
        self.killed: Counter[str] = Counter()
        self.failure: BaseException | None = None
        self._over = threading.Event()

    def run(self) -> None:
        round_of_all: list[str] = []
        try:
            while not self._over.wait(self._random.uniform(*self._pause)):
                if not round_of_all:  # each part has its turn before any has it twice
                    round_of_all = self._random.sample(PARTS, len(PARTS))
                self._kill(round_of_all.pop())
        except BaseException as error:
            self.failure = error
            raise

    def _kill(self, part: str) -> None:
        self.killed[part] += 1
        if part.endswith("'s child"):
            name = part.removesuffix("'s child")
            try:
                self._stack.kill_one_child(name)
            except psutil.NoSuchProcess:
                self.killed[part] -= 1
            return
        self._stack.kill(part)
        self._over.wait(self._random.uniform(0, 2))
        self._stack.restart(part)

    def stop(self) -> None:
        self._over.set()
        self.join(60)
