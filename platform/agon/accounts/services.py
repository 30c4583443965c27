"""Every write to accounts that is not allauth's own."""

from __future__ import annotations

import secrets

from allauth.account.models import EmailAddress
from django.db import transaction

from agon.accounts.models import User


@transaction.atomic
def ensure_account(
    *, username: str, display_name: str, email: str, password: str, is_staff: bool
) -> User:
    """An account that can sign in with this password, its address already verified."""
    user, _created = User.objects.get_or_create(username=username, defaults={"email": email})
    user.display_name = display_name
    user.is_staff = user.is_superuser = is_staff
    if not user.check_password(password):
        user.set_password(password)
    user.full_clean()
    user.save()
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    return user


def random_password() -> str:
    """Four groups of five: long enough to be safe, short enough to be typed."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(4))


def update_profile(*, user: User, display_name: str, about: str, time_zone: str) -> None:
    """Change what a person says about themselves, and nothing else of the row."""
    User.objects.filter(pk=user.pk).update(
        display_name=display_name, about=about, time_zone=time_zone
    )


def remember_language(*, user: User, language: str) -> None:
    """Letters come in the language that a person last read the site in."""
    User.objects.filter(pk=user.pk).update(language=language)
