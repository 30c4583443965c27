"""Whose draft it is."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.competitions.rules import Reader, can_host
from agon.creation.models import Draft


def check_may_host(user: Reader) -> None:
    if not can_host(user):
        raise PermissionDenied(_("Only the staff of this site make new competitions."))


def get_draft_for(user: User, pk: int) -> Draft:
    """The user's own draft; to everybody else it is not there."""
    return get_object_or_404(Draft, pk=pk, owner=user)
