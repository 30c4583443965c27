"""Takes letters and messages to webhooks out, every few seconds for as long as its process lives.

Letters and webhooks have a thread each, and neither of them is the one that writes results: a mail
server or a receiver that falls silent holds up nothing else.
"""

from __future__ import annotations

import logging
import time

from django.conf import settings

from agon.common.periodic import Periodic
from agon.notifications.services.delivering import deliver_due, forget_old_deliveries
from agon.notifications.services.letters import MailServerAway, send_due_letters

logger = logging.getLogger(__name__)

AWAY_SECONDS = 60.0
HOUR = 3600.0


class LetterCourier(Periodic):
    """Waits a minute after the mail server was away."""

    def __init__(self) -> None:
        super().__init__("letter courier", self.work, seconds=settings.COURIER_SECONDS)
        self._not_before = 0.0

    def work(self) -> None:
        if time.monotonic() < self._not_before:
            return
        try:
            while send_due_letters():
                pass
        except MailServerAway as error:
            logger.warning("The mail server is away; letters wait for it: %s", error)
            self._not_before = time.monotonic() + AWAY_SECONDS


class WebhookCourier(Periodic):
    """Also drops old messages, once an hour."""

    def __init__(self) -> None:
        super().__init__("webhook courier", self.work, seconds=settings.COURIER_SECONDS)
        self._tidy_at = 0.0

    def work(self) -> None:
        while deliver_due():
            pass
        if time.monotonic() >= self._tidy_at:
            forget_old_deliveries()
            self._tidy_at = time.monotonic() + HOUR
