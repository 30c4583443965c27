"""Who gets which letter when, unless they have said otherwise."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agon.notifications.models import Kind, Timing

USUAL: dict[Kind, Timing] = {
    # Who submits looks at the page; five letters a day would only be in the way.
    Kind.SCORED: Timing.OFF,
    Kind.REJECTED: Timing.DAILY,
    Kind.FAILED: Timing.DAILY,
    Kind.BROKEN: Timing.AT_ONCE,
    Kind.TEAM_INVITATION: Timing.AT_ONCE,
    Kind.TEAM_CHANGED: Timing.DAILY,
    Kind.MEMBERSHIP: Timing.AT_ONCE,
    Kind.JOIN_REQUEST: Timing.AT_ONCE,
    Kind.ANNOUNCEMENT: Timing.AT_ONCE,
    Kind.DATES: Timing.AT_ONCE,
    Kind.DEADLINE: Timing.AT_ONCE,
    Kind.RESCORED: Timing.AT_ONCE,
    Kind.DISQUALIFICATION: Timing.AT_ONCE,
    Kind.INTEGRITY: Timing.AT_ONCE,
    Kind.RESULTS: Timing.AT_ONCE,
}

DAILY_HOUR = 8
"""When the daily letter goes out, by the person's own clock."""


def next_daily_letter(zone: str, *, after: datetime) -> datetime:
    """The next moment at which a person's clock shows the hour of the daily letter."""
    try:
        here = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        here = ZoneInfo("UTC")
    local = after.astimezone(here)
    due = local.replace(hour=DAILY_HOUR, minute=0, second=0, microsecond=0)
    return due if due > local else due + timedelta(days=1)
