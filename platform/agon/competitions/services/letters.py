"""The letters that invite people who may have no account yet; they go out in the background.

As with other letters, each is claimed before it is sent, so that no two processes send it.
"""

from __future__ import annotations

import logging
import smtplib
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agon.competitions.models import Invitation
from agon.notifications.services.letters import MailServerAway

logger = logging.getLogger(__name__)

LETTERS_AT_ONCE = 100
TRIES = 8
CLAIM = timedelta(minutes=15)
"""After this long nobody is sending a claimed letter any more."""


def send_due_invitations() -> int:
    """Send what is due; gives the number of letters that went out.

    Raises:
        MailServerAway: The mail server cannot be reached or takes nothing at present.
    """
    now = timezone.now()
    Invitation.objects.filter(
        mail_state=Invitation.Mail.SENDING, mail_due_at__lt=now - CLAIM
    ).update(mail_state=Invitation.Mail.LOST)
    due = list(
        Invitation.objects.waiting()
        .filter(mail_state=Invitation.Mail.WAITING, mail_due_at__lte=now)
        .select_related("competition__host", "invited_by")
        .order_by("mail_due_at", "pk")[:LETTERS_AT_ONCE]
    )
    if not due:
        return 0
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        raise MailServerAway(str(error)) from error
    try:
        return sum(_send(invitation, connection, now) for invitation in due)
    finally:
        connection.close()


def _send(invitation: Invitation, connection: Any, now: datetime) -> bool:
    row = Invitation.objects.filter(pk=invitation.pk, token=invitation.token)
    claimed = row.filter(mail_state=Invitation.Mail.WAITING).update(
        mail_state=Invitation.Mail.SENDING, mail_due_at=now, mail_tries=F("mail_tries") + 1
    )
    if not claimed:
        return False
    try:
        connection.send_messages([compose(invitation)])
    except smtplib.SMTPRecipientsRefused:
        logger.warning("The mail server does not take the letter of invitation %s.", invitation.pk)
        row.update(mail_state=Invitation.Mail.LOST)
        return False
    except (OSError, smtplib.SMTPException) as error:
        tries = invitation.mail_tries + 1
        row.update(
            mail_state=Invitation.Mail.WAITING if tries < TRIES else Invitation.Mail.LOST,
            mail_due_at=now + timedelta(minutes=min(4**tries // 4, 12 * 60)),
        )
        raise MailServerAway(str(error)) from error
    row.update(mail_state=Invitation.Mail.SENT, mail_due_at=timezone.now())
    return True


def _in_utc(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def compose(invitation: Invitation) -> EmailMessage:
    """In the language that the host invited in: of the person nothing else is known."""
    with translation.override(invitation.language):
        subject = _("You are invited to %(competition)s") % {
            "competition": invitation.competition.title
        }
        body = render_to_string(
            "competitions/invitation.txt",
            {
                "invitation": invitation,
                "competition": invitation.competition,
                "host": invitation.invited_by or invitation.competition.host,
                "until": _in_utc(invitation.competition.entry_deadline),
                "address": settings.SITE_URL + reverse("invitation", args=[invitation.token]),
            },
        )
    return EmailMessage(
        " ".join(f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{subject}".split())[:180],
        body,
        None,
        [invitation.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
