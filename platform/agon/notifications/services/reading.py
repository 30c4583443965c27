"""What people do in their inbox, and what letters they want."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from agon.accounts.models import User
from agon.notifications.models import Kind, MailState, Notification, Preference, Timing
from agon.notifications.rules import USUAL


def mark_read(*, notification: Notification) -> None:
    """Who has read it needs no letter about it any more."""
    _read(Notification.objects.filter(pk=notification.pk))


def mark_unread(*, notification: Notification) -> None:
    Notification.objects.filter(pk=notification.pk).update(read_at=None)


def mark_all_read(*, user: User) -> int:
    """How many there were to read."""
    return _read(Notification.objects.filter(recipient=user))


@transaction.atomic
def _read(notifications: QuerySet[Notification]) -> int:
    notifications.filter(read_at=None, mail_state__in=[MailState.NEW, MailState.WAITING]).update(
        mail_state=MailState.UNWANTED
    )
    return notifications.filter(read_at=None).update(read_at=timezone.now())


@transaction.atomic
def choose_timings(*, user: User, timings: Mapping[Kind, Timing]) -> None:
    """Keep what a person wants by e-mail; what is as usual needs no row."""
    for kind, timing in timings.items():
        if timing == USUAL[kind]:
            Preference.objects.filter(user=user, kind=kind).delete()
        else:
            Preference.objects.update_or_create(user=user, kind=kind, defaults={"timing": timing})
    _plan_anew(user, timings)


@transaction.atomic
def unsubscribe(*, user: User, kinds: Collection[Kind]) -> None:
    """No more letters of these kinds; the inbox keeps them."""
    for kind in kinds:
        Preference.objects.update_or_create(user=user, kind=kind, defaults={"timing": Timing.OFF})
    _plan_anew(user, kinds)


def _plan_anew(user: User, kinds: Collection[Kind]) -> None:
    """What waits already goes by the new choice as well."""
    Notification.objects.filter(
        recipient=user, kind__in=list(kinds), mail_state=MailState.WAITING
    ).update(mail_state=MailState.NEW, mail_due_at=timezone.now())
