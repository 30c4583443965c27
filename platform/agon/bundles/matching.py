"""Which accounts of this site are the people of an archive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.utils.crypto import get_random_string

from agon.accounts.models import User


@dataclass(slots=True)
class Matched:
    """Accounts by the keys that the people had, and how many of them had to be made."""

    accounts: dict[int, int] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)


def match_people(people: Iterable[dict[str, Any]]) -> Matched:
    """Find each person's account, or make one that has no password yet.

    By e-mail first; by user name only where one side has no e-mail, since two sites may well have
    given one name to two people. An account is never two people.
    """
    matched = Matched()
    taken: set[int] = set()
    for person in people:
        account = _by_email(str(person.get("email") or "")) or _by_name(person)
        if account is None or account.pk in taken:
            account = _make(person)
            matched.made.append(account.username)
        taken.add(account.pk)
        matched.accounts[int(person["id"])] = account.pk
    return matched


def _by_email(email: str) -> User | None:
    if not email:
        return None
    verified = EmailAddress.objects.filter(email__iexact=email, verified=True).first()
    if verified is not None:
        return User.objects.filter(pk=verified.user_id).first()
    if settings.ACCOUNT_EMAIL_VERIFICATION != "none":
        return None
    return User.objects.filter(email__iexact=email).order_by("pk").first()


def _by_name(person: dict[str, Any]) -> User | None:
    found = User.objects.filter(username__iexact=str(person["username"])).first()
    if found is None or (found.email and person.get("email")):
        return None
    return found


def _make(person: dict[str, Any]) -> User:
    """Their e-mail lets them set a password; without one, the site's staff can give them an address."""
    name = str(person["username"])[:140]
    if User.objects.filter(username__iexact=name).exists():
        name = f"{name}-{get_random_string(6, 'abcdefghjkmnpqrstuvwxyz23456789')}"
    user = User(
        username=name,
        email=str(person.get("email") or ""),
        display_name=str(person.get("display_name") or "")[:80],
        time_zone=str(person.get("time_zone") or "UTC"),
        language=str(person.get("language") or settings.LANGUAGE_CODE),
    )
    user.set_unusable_password()
    user.full_clean(exclude=["password"])
    user.save()
    return user
