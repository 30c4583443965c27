"""Takes invitations out, every few seconds for as long as its process lives, in a thread of its own."""

from __future__ import annotations

import logging
import time

from django.conf import settings

from agon.common.periodic import Periodic
from agon.competitions.services.letters import send_due_invitations
from agon.notifications.services.letters import MailServerAway

logger = logging.getLogger(__name__)

AWAY_SECONDS = 60.0


class InvitationPostman(Periodic):
    """Waits a minute after the mail server was away."""

    def __init__(self) -> None:
        super().__init__("invitation postman", self.work, seconds=settings.COURIER_SECONDS)
        self._not_before = 0.0

    def work(self) -> None:
        if time.monotonic() < self._not_before:
            return
        try:
            while send_due_invitations():
                pass
        except MailServerAway as error:
            logger.warning("The mail server is away; invitations wait for it: %s", error)
            self._not_before = time.monotonic() + AWAY_SECONDS
