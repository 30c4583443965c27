"""A broker that cannot be trusted: takes messages out and drops, doubles or delays them."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections import Counter

import redis

QUEUES = ("scoring.cpu", "results")
LONGEST_DELAY = 6.0


class Meddler(threading.Thread):
    def __init__(self, url: str, *, seed: int) -> None:
        super().__init__(name="meddler", daemon=True)
        self._client = redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
        self._random = random.Random(seed)
        self._held: list[tuple[float, str, bytes]] = []
        self.done: Counter[str] = Counter()
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(self._random.uniform(0.02, 0.2)):
            with contextlib.suppress(redis.RedisError):
                self._meddle(self._random.choice(QUEUES))
        for _due, queue, message in self._held:
            with contextlib.suppress(redis.RedisError):
                self._client.lpush(queue, message)
        self._client.close()

    def _meddle(self, queue: str) -> None:
        now = time.monotonic()
        for held in [held for held in self._held if held[0] <= now]:
            self._client.lpush(held[1], held[2])
            self._held.remove(held)
        message = self._client.rpop(queue)
        if not isinstance(message, bytes):
            return
        what = self._random.choice(("dropped", "doubled", "delayed", "reordered"))
        self.done[what] += 1
        if what == "doubled":
            self._client.lpush(queue, message, message)
        elif what == "delayed":
            self._held.append((now + self._random.uniform(0.5, LONGEST_DELAY), queue, message))
        elif what == "reordered":
            self._client.lpush(queue, message)

    def stop(self) -> None:
        self._over.set()
        self.join(10)
