"""How a letter is written: plain text, in the person's language and time zone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agon.accounts.models import User
from agon.notifications.addresses import unsubscribe_address
from agon.notifications.models import Notification
from agon.notifications.wordings import Said, say

SUBJECT_LENGTH = 150


@dataclass(frozen=True, slots=True)
class Item:
    """One notification in a letter; its competition stands above it unless its title names it."""

    competition: str
    said: Said
    address: str


def compose(person: User, notifications: Sequence[Notification]) -> EmailMessage:
    """A letter with these notifications."""
    with translation.override(person.language), timezone.override(_zone(person)):
        return _compose(person, notifications)


def _compose(person: User, notifications: Sequence[Notification]) -> EmailMessage:
    items = [_item(one) for one in notifications]
    unsubscribe = unsubscribe_address(person.pk, {one.kind for one in notifications})
    body = render_to_string(
        "notifications/letter.txt",
        {
            "person": person,
            "items": items,
            "choices": settings.SITE_URL + reverse("notifications:choices"),
            "unsubscribe": unsubscribe,
        },
    )
    return EmailMessage(
        _subject(items),
        body,
        None,
        [person.email],
        headers={
            "Message-ID": _message_id(person, notifications),
            "List-Unsubscribe": f"<{unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )


def _item(notification: Notification) -> Item:
    said = say(notification)
    competition = notification.competition.title if notification.competition else ""
    return Item(
        competition="" if competition in said.title else competition,
        said=said,
        address=settings.SITE_URL + notification.path if notification.path else "",
    )


def _subject(items: Sequence[Item]) -> str:
    if len(items) == 1:
        (item,) = items
        title = item.said.title
        if item.competition:
            title = _("%(competition)s: %(sentence)s") % {
                "competition": item.competition,
                "sentence": title,
            }
    else:
        title = ngettext(
            "%(count)d thing that you should know",
            "%(count)d things that you should know",
            len(items),
        ) % {"count": len(items)}
    one_line = " ".join(f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{title}".split())
    return one_line if len(one_line) <= SUBJECT_LENGTH else one_line[: SUBJECT_LENGTH - 1] + "…"


def _message_id(person: User, notifications: Sequence[Notification]) -> str:
    """The same for each try at the same letter, so that a mailbox can drop a double."""
    numbers = ",".join(str(one.pk) for one in notifications)
    mark = hashlib.sha256(f"{person.pk}:{numbers}".encode()).hexdigest()[:32]
    return f"<{mark}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}>"


def _zone(person: User) -> ZoneInfo:
    try:
        return ZoneInfo(person.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
