"""Who may bring competitions, and who sees what became of them."""

from __future__ import annotations

from django.http import Http404

from agon.accounts.models import User
from agon.bundles.models import Transfer
from agon.competitions.rules import can_manage


def get_transfer_for(user: User, pk: int) -> Transfer:
    """One's own; for exports and clones, that of one's competition.

    Raises:
        Http404: It is not there, or not for them.
    """
    transfer = (
        Transfer.objects.select_related("competition", "made", "asked_by").filter(pk=pk).first()
    )
    if transfer is None:
        raise Http404
    competition = transfer.competition
    if competition is not None:
        allowed = can_manage(user, competition)
    else:
        allowed = transfer.asked_by_id == user.pk or user.is_staff
    if not allowed:
        raise Http404
    return transfer
