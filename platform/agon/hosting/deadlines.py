"""Reminds people that a competition closes soon: seven days and 24 hours before.

A reminder is told once for each date. A date that is moved is another date, and has its own.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from agon.common.periodic import Periodic
from agon.competitions.audience import participants_of
from agon.competitions.models import Phase
from agon.notifications.models import Kind, Notification
from agon.notifications.services import notify

SECONDS = 60.0

REMINDERS = {"7d": timedelta(days=7), "24h": timedelta(hours=24)}
"""How long before the close each goes out."""

STILL_TRUE = {"7d": timedelta(hours=12), "24h": timedelta(hours=6)}
"""How much later it may go out, after a standstill: later than that, its words would be wrong."""


class DeadlineWatch(Periodic):
    """Looks once a minute for as long as its process lives."""

    def __init__(self) -> None:
        super().__init__("deadline watch", remind_of_deadlines, seconds=SECONDS, at_once=True)


def remind_of_deadlines() -> int:
    """Tell participants of what closes soon; gives the number of phases that people were told of."""
    now = timezone.now()
    closing = (
        Phase.objects.annotate(closing_at=Coalesce("closes_at", "competition__ends_at"))
        .filter(closing_at__gt=now, closing_at__lte=now + max(REMINDERS.values()))
        .select_related("competition")
    )
    return sum(_remind(phase, now) for phase in closing)


def _remind(phase: Phase, now: datetime) -> bool:
    closes = phase.closes
    if closes is None:
        return False
    for what, before in REMINDERS.items():
        if closes - before <= now <= closes - before + STILL_TRUE[what]:
            return _remind_once(phase, what, closes)
    return False


def _remind_once(phase: Phase, what: str, closes: datetime) -> bool:
    opens = phase.opens or phase.competition.created_at
    if opens >= closes - REMINDERS[what]:  # all of it is shorter than that
        return False
    key = f"{phase.pk}:{what}:{closes.isoformat()}"
    told = Notification.objects.filter(competition=phase.competition, kind=Kind.DEADLINE, key=key)
    if told.exists():
        return False
    return _tell(phase, what, closes, key)


@transaction.atomic
def _tell(phase: Phase, what: str, closes: datetime, key: str) -> bool:
    competition = phase.competition
    told = participants_of(competition)
    notify(
        kind=Kind.DEADLINE,
        recipients=told,
        competition_id=competition.pk,
        values={"what": what, "at": closes.isoformat()},
        path=competition.get_absolute_url(),
        key=key,
    )
    return bool(told)
