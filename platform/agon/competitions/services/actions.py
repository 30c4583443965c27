"""The log of what hosts did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agon.accounts.models import User
from agon.competitions.models import Competition, HostAction, Verb


def record_action(
    *,
    competition: Competition,
    actor: User | None,
    verb: Verb,
    subject: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> HostAction:
    """Write a line in the log; part of the transaction that does what it tells of.

    Args:
        competition: What it was done to.
        actor: Who did it; None for the site itself.
        verb: What was done.
        subject: To what or whom, in words that outlive it.
        before: What was changed, as it was: plain JSON by field.
        after: The same fields afterwards.
        reason: The host's own words.
    """
    limit = HostAction._meta.get_field("subject").max_length or 0
    return HostAction.objects.create(
        competition=competition,
        actor=actor,
        actor_name=str(actor) if actor else "Agon",
        verb=verb,
        subject=subject[:limit],
        before=dict(before or {}),
        after=dict(after or {}),
        reason=reason,
    )
