"""Reads of this app."""

from __future__ import annotations

from django.db.models import QuerySet

from agon.accounts.models import User
from agon.bundles.models import Transfer
from agon.competitions.models import Competition

LATEST = 20


def transfers_of(competition: Competition) -> QuerySet[Transfer]:
    """Exports and clones of a competition, the newest first."""
    return competition.transfers.select_related("asked_by", "made")[:LATEST]


def imports_of(user: User) -> QuerySet[Transfer]:
    imports = user.transfers.filter(kind=Transfer.Kind.IMPORT)
    return imports.select_related("asked_by", "made")[:LATEST]
