"""Signs of life while something takes long, and how long each part took."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Protocol, Self

from scoring.contract import Stage

BEAT_SECONDS = 5.0


class OnStage(Protocol):
    """Told where an attempt is, and how far along."""

    def __call__(self, stage: Stage, progress: float | None = None, /) -> None: ...


class Stopwatch:
    """Writes down how long each part took."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self._seconds = seconds
        self._since = time.monotonic()

    def lap(self, name: str) -> None:
        """The part that ends now."""
        now = time.monotonic()
        self._seconds[name] = self._seconds.get(name, 0.0) + now - self._since
        self._since = now


class Heartbeats:
    """Tells every few seconds where an attempt is, while this process waits for a sandbox.

    The thread ends with the `with`, so that nobody forks beside it.
    """

    def __init__(self, on_stage: OnStage, *, every: float = BEAT_SECONDS) -> None:
        self._on_stage = on_stage
        self._every = every
        self._stage = Stage.PREDICTING
        self._progress: float | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def stage(self, stage: Stage) -> None:
        """Another stage begins; told at once."""
        self._stage, self._progress = stage, None
        self._on_stage(stage)

    def progress(self, done: int, total: int) -> None:
        """How far the stage is; told with the next beat."""
        if total > 0:
            self._progress = min(max(done / total, 0.0), 1.0)

    def _beat(self) -> None:
        while not self._stopped.wait(self._every):
            self._on_stage(self._stage, self._progress)
