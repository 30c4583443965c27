"""Runs `sweep()` every few seconds for as long as its process lives.

It needs the database and nothing else, so it goes on while the broker is away, and a database
that is away only makes it wait.
"""

from __future__ import annotations

import logging
import threading

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from agon.submissions.services.sweep import sweep

logger = logging.getLogger(__name__)


class Sweeper:
    """A thread that sweeps until it is stopped."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.run, name="sweeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def run(self) -> None:
        while not self._stop.wait(settings.SWEEP_SECONDS):
            close_old_connections()
            try:
                sweep()
            except (DatabaseError, InterfaceError) as error:
                logger.warning("The database is away, sweeping again soon: %s", error)
                connections.close_all()
            except Exception:  # a fault in one sweep must not end all later ones
                logger.exception("A sweep failed; the next one tries again.")
        connections.close_all()
