"""Telling everybody in a competition something."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.competitions import rules
from agon.competitions.audience import hosts_of, participants_of
from agon.competitions.errors import ChangeRefused
from agon.competitions.models import Announcement, Competition, Verb
from agon.competitions.services.actions import record_action
from agon.notifications.models import Event, Kind
from agon.notifications.services import emit, notify

TEXT_IN_LETTER = 2_000
"""Characters of the text that go into the inbox; the rest is on the page."""


@transaction.atomic
def announce(
    *,
    actor: User,
    competition: Competition,
    title: str,
    text: str,
    has_banner: bool = True,
    shown_until: datetime | None = None,
) -> Announcement:
    """Tell all who take part, in their inbox and by e-mail, and whoever looks, by a banner."""
    _check_may(actor, competition)
    told = dict.fromkeys([*participants_of(competition), *hosts_of(competition, but=actor)])
    announcement = Announcement.objects.create(
        competition=competition,
        title=title,
        text=text,
        author=actor,
        author_name=str(actor),
        has_banner=has_banner,
        shown_until=shown_until if has_banner else None,
        told=len(told),
    )
    notify(
        kind=Kind.ANNOUNCEMENT,
        recipients=told,
        competition_id=competition.pk,
        values={"title": title, "text": text[:TEXT_IN_LETTER]},
        path=announcement.get_absolute_url(),
    )
    record_action(
        competition=competition,
        actor=actor,
        verb=Verb.ANNOUNCED,
        subject=title,
        after={
            "text": text,
            "banner": has_banner,
            "banner_until": shown_until.isoformat() if has_banner and shown_until else "",
            "told": len(told),
        },
    )
    emit(
        competition_id=competition.pk,
        event=Event.ANNOUNCEMENT,
        document={
            "announcement": announcement.pk,
            "title": title,
            "text": text,
            "author": actor.username,
        },
    )
    return announcement


@transaction.atomic
def withdraw(*, actor: User, announcement: Announcement) -> None:
    """Take it off the pages; what is in people's inboxes and letters stays there.

    Raises:
        ChangeRefused: It was taken back already.
    """
    _check_may(actor, announcement.competition)
    found = Announcement.objects.select_for_update().get(pk=announcement.pk)
    if found.withdrawn_at is not None:
        raise ChangeRefused(_("The announcement was taken back already."))
    found.withdrawn_at = timezone.now()
    found.save(update_fields=["withdrawn_at"])
    record_action(
        competition=announcement.competition,
        actor=actor,
        verb=Verb.ANNOUNCED,
        subject=found.title,
        before={"taken_back": ""},
        after={"taken_back": found.withdrawn_at.isoformat()},
    )


def dismiss(*, user: User, announcement: Announcement) -> None:
    """Close its banner for one person, on all their devices."""
    announcement.dismissed_by.add(user)


def _check_may(actor: User, competition: Competition) -> None:
    if not rules.can_manage(actor, competition):
        raise PermissionDenied(_("Only the hosts of this competition make announcements."))
