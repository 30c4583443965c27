"""Runs `sweep()` every few seconds for as long as its process lives.

It needs the database and nothing else, so it goes on while the broker is away, and a database
that is away only makes it wait.
"""

from __future__ import annotations

from django.conf import settings

from agon.common.periodic import Periodic
from agon.submissions.services.sweep import sweep


class Sweeper(Periodic):
    """A thread that sweeps until it is stopped."""

    def __init__(self) -> None:
        super().__init__("sweeper", sweep, seconds=settings.SWEEP_SECONDS)
