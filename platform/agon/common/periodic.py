"""Does something every few seconds for as long as its process lives.

What it does needs the database and nothing else: a database that is away only makes it wait.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, close_old_connections, connections

logger = logging.getLogger(__name__)


class Periodic:
    """A thread that does its work until it is stopped."""

    def __init__(
        self, name: str, work: Callable[[], object], *, seconds: float, at_once: bool = False
    ) -> None:
        self._name = name
        self._work = work
        self._seconds = seconds
        self._pause = 0.0 if at_once else seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def run(self) -> None:
        while not self._stop.wait(self._pause):
            self._pause = self._seconds
            close_old_connections()
            try:
                self._work()
            except (DatabaseError, InterfaceError) as error:
                logger.warning(
                    "The database is away, the %s tries again soon: %s", self._name, error
                )
                connections.close_all()
            except Exception:  # a fault in one round must not end all later ones
                logger.exception("A round of the %s failed; the next one tries again.", self._name)
        connections.close_all()
