"""How many submissions a competition gets, day by day or hour by hour, as bars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q
from django.db.models.functions import TruncDay, TruncHour
from django.utils import timezone

from agon.competitions.models import Competition
from agon.submissions.models import State, Submission

WIDTH = 640
HEIGHT = 120
GAP = 2
SHORTEST = 2.0
MOST_BARS = 60
HOURS_UP_TO = timedelta(days=2)
"""A competition that is not older is drawn by the hour."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One day or hour: its submissions, of which some were scored."""

    start: datetime
    x: float
    y: float
    width: float
    height: float
    count: int
    scored: int
    scored_height: float
    scored_y: float


@dataclass(frozen=True, slots=True)
class Activity:
    """The chart; all in units of the drawing."""

    bars: Sequence[Bar]
    first: datetime
    last: datetime
    most: int
    total: int
    by_hour: bool
    width: int = WIDTH
    height: int = HEIGHT


def activity_of(competition: Competition, *, now: datetime | None = None) -> Activity | None:
    """The last days or hours of a competition; None while nobody has submitted."""
    now = now or timezone.now()
    submissions = Submission.objects.filter(
        phase__in=competition.phases.values("pk"), team__is_host_baseline=False
    )
    span = submissions.aggregate(first=Min("created_at"), last=Max("created_at"))
    if span["first"] is None:
        return None
    by_hour = span["last"] - span["first"] <= HOURS_UP_TO
    unit = timedelta(hours=1) if by_hour else timedelta(days=1)
    since = max(span["first"], span["last"] - (MOST_BARS - 1) * unit)
    truncated = (TruncHour if by_hour else TruncDay)("created_at")
    rows = (
        submissions.filter(created_at__gte=since)
        .annotate(start=truncated)
        .values("start")
        .annotate(count=Count("pk"), scored=Count("pk", filter=Q(state=State.SCORED)))
        .order_by("start")
    )
    counts = {row["start"]: (row["count"], row["scored"]) for row in rows}
    starts = list(_starts(min(counts), max(counts), unit))
    bars = list(_bars(starts, counts))
    return Activity(
        bars=bars,
        first=starts[0],
        last=starts[-1],
        most=max(count for count, _scored in counts.values()),
        total=sum(count for count, _scored in counts.values()),
        by_hour=by_hour,
    )


def _starts(first: datetime, last: datetime, unit: timedelta) -> Iterator[datetime]:
    """Each day or hour once, also where the clocks are changed."""
    zone = timezone.get_current_timezone()
    moment = first
    for _ in range(MOST_BARS + 1):
        if moment > last:
            return
        yield moment
        if unit >= timedelta(days=1):
            naive = timezone.make_naive(moment, zone) + unit
            moment = timezone.make_aware(naive, zone)
        else:
            moment += unit


def _bars(starts: Sequence[datetime], counts: Mapping[datetime, tuple[int, int]]) -> Iterator[Bar]:
    most = max(count for count, _scored in counts.values())
    step = WIDTH / len(starts)
    for number, start in enumerate(starts):
        count, scored = counts.get(start, (0, 0))
        if not count:
            continue
        height = max(count / most * HEIGHT, SHORTEST)
        scored_height = height * scored / count
        yield Bar(
            start=start,
            x=round(number * step + GAP / 2, 2),
            y=round(HEIGHT - height, 2),
            width=round(max(step - GAP, 1), 2),
            height=round(height, 2),
            count=count,
            scored=scored,
            scored_height=round(scored_height, 2),
            scored_y=round(HEIGHT - scored_height, 2),
        )
