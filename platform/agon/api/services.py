"""Making and revoking tokens, and knowing a person by one."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.api.errors import TooManyTokens
from agon.api.models import Token

PREFIX = "agon_"
SHOWN = 9
MOST = 20
USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made, and its text, which nobody can read again."""

    token: Token
    text: str


def hash_of(text: str) -> str:
    # The text is 256 random bits, so nothing is gained by a slow hash.
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def create_token(*, user: User, name: str) -> NewToken:
    User.objects.select_for_update().get(pk=user.pk)
    if Token.objects.filter(user=user).count() >= MOST:
        raise TooManyTokens(
            _("You have %(count)d tokens, the most allowed. Revoke one that you no longer need.")
            % {"count": MOST}
        )
    text = PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(user=user, name=name, start=text[:SHOWN], sha256=hash_of(text))
    return NewToken(token=token, text=text)


def revoke_token(*, user: User, pk: int) -> bool:
    """From now on the token opens nothing; False where the person has no such token."""
    deleted, _by_model = Token.objects.filter(user=user, pk=pk).delete()
    return bool(deleted)


def user_by_token(*, text: str) -> User | None:
    """Whose token this is, noting to the minute that it was used; None where it opens nothing."""
    token = (
        Token.objects.filter(sha256=hash_of(text), user__is_active=True)
        .select_related("user")
        .first()
    )
    if token is None:
        return None
    now = timezone.now()
    Token.objects.filter(
        Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - USED_EVERY), pk=token.pk
    ).update(last_used_at=now)
    return token.user
