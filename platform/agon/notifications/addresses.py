"""Signed addresses in letters, by which people stop them without signing in."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings
from django.core import signing
from django.urls import reverse

from agon.notifications.models import Kind

SALT = "agon.notifications.unsubscribe"


def unsubscribe_address(user_id: int, kinds: Collection[str]) -> str:
    """Where a person stops letters of these kinds. It does not expire: letters are kept for years."""
    signed = signing.dumps([user_id, sorted(kinds)], salt=SALT)
    return settings.SITE_URL + reverse("notifications:unsubscribe", args=[signed])


def read_unsubscribe_address(signed: str) -> tuple[int, list[Kind]] | None:
    """Whose letters of which kinds; None for an address that is not one of ours."""
    try:
        user_id, kinds = signing.loads(signed, salt=SALT)
        return int(user_id), [Kind(kind) for kind in kinds if kind in Kind.values]
    except (signing.BadSignature, TypeError, ValueError):
        return None
