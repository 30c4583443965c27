"""Letters: what is due goes out in the background, one letter a person with all that is due.

A letter is claimed before it is sent, in a transaction of its own, so that no two processes send
it. A process that dies between the two leaves it claimed, and nobody sends it again: it may have
gone out, and the inbox has it in any case.
"""

from __future__ import annotations

import logging
import smtplib
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from agon.accounts.models import User
from agon.notifications.letter import compose
from agon.notifications.models import Kind, MailState, Notification, Timing
from agon.notifications.queries import preferences_among, reachable
from agon.notifications.rules import USUAL, next_daily_letter

logger = logging.getLogger(__name__)

PLANNED_AT_ONCE = 1_000
LETTERS_AT_ONCE = 100
IN_A_LETTER = 50
TRIES = 8
FINAL = 500
CLAIM = timedelta(minutes=15)
"""After this long nobody is sending a claimed letter any more."""


class MailServerAway(Exception):
    """No letter went out; all of them wait."""


def send_due_letters() -> int:
    """Plan what is new, send what is due; gives the number of letters that went out.

    Raises:
        MailServerAway: The mail server cannot be reached or takes nothing at present.
    """
    now = timezone.now()
    _give_up_dead_claims(now)
    while _plan(now):
        pass
    recipients = list(
        Notification.objects.filter(mail_state=MailState.WAITING, mail_due_at__lte=now)
        .order_by()
        .values_list("recipient", flat=True)
        .distinct()[:LETTERS_AT_ONCE]
    )
    if not recipients:
        return 0
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        raise MailServerAway(str(error)) from error
    try:
        people = reachable(recipients)
        return sum(
            _send_to(recipient, people.get(recipient), connection) for recipient in recipients
        )
    finally:
        connection.close()


def _give_up_dead_claims(now: datetime) -> None:
    lost = Notification.objects.filter(
        mail_state=MailState.SENDING, mail_due_at__lt=now - CLAIM
    ).update(mail_state=MailState.LOST)
    if lost:
        logger.warning(
            "%d letters were being sent when their sender died; none is sent again.", lost
        )


def _plan(now: datetime) -> bool:
    """Decide of the oldest new ones whether and when their letters go out; False when none is new."""
    new = list(
        Notification.objects.filter(mail_state=MailState.NEW, mail_due_at__lte=now)
        .order_by("mail_due_at", "pk")
        .values_list("pk", "recipient", "kind")[:PLANNED_AT_ONCE]
    )
    people = reachable({recipient for _pk, recipient, _kind in new})
    chosen = preferences_among(people)
    last = _last_letters(people, now)
    plans: dict[tuple[MailState, datetime], list[int]] = defaultdict(list)
    for pk, recipient, kind in new:
        timing = chosen.get((recipient, kind), USUAL[Kind(kind)])
        person = people.get(recipient)
        if person is None or timing == Timing.OFF:
            plans[MailState.UNWANTED, now].append(pk)
        elif timing == Timing.DAILY:
            due = next_daily_letter(person.time_zone, after=now)
            plans[MailState.WAITING, due].append(pk)
        else:
            plans[MailState.WAITING, last.get(recipient, now)].append(pk)
    for (state, due), some in plans.items():
        Notification.objects.filter(pk__in=some, mail_state=MailState.NEW).update(
            mail_state=state, mail_due_at=due
        )
    return len(new) == PLANNED_AT_ONCE


def _last_letters(people: Iterable[int], now: datetime) -> dict[int, datetime]:
    """When those who got a letter a moment ago may get the next."""
    pause = timedelta(seconds=settings.LETTER_PAUSE_SECONDS)
    recent = (
        Notification.objects.filter(
            recipient__in=list(people), mail_state=MailState.SENT, mail_due_at__gt=now - pause
        )
        .order_by()
        .values_list("recipient")
        .annotate(last=Max("mail_due_at"))
    )
    return {recipient: last + pause for recipient, last in recent}


def _send_to(recipient: int, person: User | None, connection: Any) -> bool:
    """One letter with everything that is due for a person."""
    claimed = _claim(recipient)
    if not claimed:
        return False
    rows = Notification.objects.filter(pk__in=[one.pk for one in claimed])
    if person is None:  # gone, or without an address since it was planned
        rows.update(mail_state=MailState.UNWANTED)
        return False
    try:
        connection.send_messages([compose(person, claimed)])
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
        logger.warning("The mail server does not take a letter to user %s: %s", recipient, error)
        if _is_final(error):
            rows.update(mail_state=MailState.LOST)
        else:
            _put_back(claimed)
        return False
    except (OSError, smtplib.SMTPException) as error:  # of all letters, not of this one
        _put_back(claimed)
        raise MailServerAway(str(error)) from error
    except Exception:  # a letter that cannot be written must not hold up those of others
        logger.exception("The letter to user %s cannot be written.", recipient)
        rows.update(mail_state=MailState.LOST)
        return False
    rows.update(mail_state=MailState.SENT, mail_due_at=timezone.now())
    return True


def _is_final(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError) -> bool:
    """Whether the server will never take this letter; many only want to see it a second time."""
    if isinstance(error, smtplib.SMTPDataError):
        return error.smtp_code >= FINAL
    return all(code >= FINAL for code, _answer in error.recipients.values())


def _claim(recipient: int) -> list[Notification]:
    """What is due for a person, ours alone from now on; empty when another process has it."""
    now = timezone.now()
    due = Notification.objects.filter(
        recipient=recipient, mail_state=MailState.WAITING, mail_due_at__lte=now
    )
    claimed = list(due.select_related("competition").order_by("created_at", "pk")[:IN_A_LETTER])
    with transaction.atomic():
        taken = Notification.objects.filter(
            pk__in=[one.pk for one in claimed], mail_state=MailState.WAITING
        ).update(mail_state=MailState.SENDING, mail_due_at=now, mail_tries=F("mail_tries") + 1)
        if taken != len(claimed):
            transaction.set_rollback(True)
            return []
    return claimed


def _put_back(claimed: Collection[Notification]) -> None:
    """The mail server refused for now: again later, a few times."""
    for one in claimed:
        tries = one.mail_tries + 1
        wait = timedelta(minutes=min(4**tries // 4, 12 * 60))
        Notification.objects.filter(pk=one.pk, mail_state=MailState.SENDING).update(
            mail_state=MailState.WAITING if tries < TRIES else MailState.LOST,
            mail_due_at=timezone.now() + wait,
        )
