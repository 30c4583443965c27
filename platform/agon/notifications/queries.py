"""Reads about notifications."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery

from agon.accounts.models import User
from agon.notifications.models import Delivery, Kind, Notification, Preference, Timing, Webhook
from agon.notifications.rules import USUAL


def inbox(user: User, *, kind: str = "", unread: bool = False) -> QuerySet[Notification]:
    """What a person was told, the newest first."""
    found = Notification.objects.filter(recipient=user).select_related("competition")
    if kind:
        found = found.filter(kind=kind)
    if unread:
        found = found.filter(read_at=None)
    return found.order_by("-created_at", "-id")


def unread_count(user: User) -> int:
    return Notification.objects.filter(recipient=user, read_at=None).count()


def preferences_of(user: User) -> dict[Kind, Timing]:
    """What a person wants by e-mail of each kind, as said or as usual."""
    chosen = dict(Preference.objects.filter(user=user).values_list("kind", "timing"))
    return {kind: Timing(chosen.get(kind.value, USUAL[kind])) for kind in Kind}


def preferences_among(users: Iterable[int]) -> dict[tuple[int, str], str]:
    """What these people have said, by person and kind."""
    rows = Preference.objects.filter(user__in=list(users)).values_list("user", "kind", "timing")
    return {(user, kind): timing for user, kind, timing in rows}


def reachable(users: Collection[int]) -> dict[int, User]:
    """Those of them that letters may go to: active, with an address that is theirs.

    Where the site verifies addresses, nothing goes to one that nobody has verified: it may be a
    stranger's.
    """
    found = User.objects.filter(pk__in=list(users), is_active=True).exclude(email="")
    if settings.ACCOUNT_EMAIL_VERIFICATION != "none":
        # allauth writes the primary address into `User.email`.
        found = found.filter(emailaddress__primary=True, emailaddress__verified=True)
    return {user.pk: user for user in found}


def webhooks_of(competition_id: int) -> QuerySet[Webhook]:
    """The webhooks of a competition, each with what became of its newest message."""
    newest = Delivery.objects.filter(webhook=OuterRef("pk")).order_by("-created_at", "-id")
    hooks = Webhook.objects.filter(competition=competition_id).select_related("created_by")
    return hooks.annotate(
        last_state=Subquery(newest.values("state")[:1]),
        last_at=Subquery(newest.values("created_at")[:1]),
    )


def deliveries_of(webhook: Webhook) -> QuerySet[Delivery]:
    """What was sent to a webhook, the newest first, with all tries."""
    return webhook.deliveries.prefetch_related("tries").order_by("-created_at", "-id")
