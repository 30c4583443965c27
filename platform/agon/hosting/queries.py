"""Reads of the hosts' console."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, pgettext

from agon.competitions.models import Competition, HostAction, Phase
from agon.submissions.models import State, Submission
from agon.submissions.workers import Readiness, readiness_of, workers_alive
from agon.teams.models import Team

MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")


@dataclass(frozen=True, slots=True)
class Figures:
    """A competition in numbers; the hosts' baselines are not among them."""

    participants: int
    teams: int
    submissions: int
    scored: int
    rejected: int
    failed: int
    waiting: int
    running: int


def figures_of(competition: Competition) -> Figures:
    mine = Submission.objects.filter(team__competition=competition, team__is_host_baseline=False)
    states = dict(mine.order_by().values_list("state").annotate(number=Count("pk")))
    return Figures(
        participants=competition.participant_count,
        teams=Team.objects.filter(competition=competition, is_host_baseline=False).count(),
        submissions=sum(states.values()),
        scored=states.get(State.SCORED, 0),
        rejected=states.get(State.REJECTED, 0),
        failed=states.get(State.FAILED, 0),
        waiting=states.get(State.QUEUED, 0),
        running=states.get(State.RUNNING, 0),
    )


@dataclass(frozen=True, slots=True)
class Machinery:
    """Whether what a phase takes gets scored at the moment.

    Attributes:
        oldest: What has waited longest, in the whole competition.
        readiness: Of its sandboxes; None where nothing of it needs one.
    """

    workers: int
    oldest: Submission | None
    readiness: Readiness | None


def machinery_of(phase: Phase) -> Machinery:
    capabilities = {phase.capability_of(kind).value for kind in phase.submission_kinds}
    unfinished = Submission.objects.unfinished().filter(
        phase__competition=phase.competition, team__is_host_baseline=False
    )
    return Machinery(
        workers=sum(workers_alive(capability) for capability in sorted(capabilities)),
        oldest=unfinished.order_by("created_at").first(),
        readiness=readiness_of(phase),
    )


def verbs_done(competition: Competition) -> list[str]:
    """What has been done to a competition so far, for the filter of its log."""
    return list(competition.host_actions.order_by().values_list("verb", flat=True).distinct())


def log_of(competition: Competition, wanted: Mapping[str, Any]) -> QuerySet[HostAction]:
    """The lines of the log that match, the newest first; days are those of the reader's zone."""
    found = competition.host_actions.select_related("actor")
    for word in (wanted.get("q") or "").split()[:8]:
        found = found.filter(
            Q(actor_name__icontains=word)
            | Q(actor__username__iexact=word)
            | Q(subject__icontains=word)
            | Q(reason__icontains=word)
        )
    if wanted.get("verb"):
        found = found.filter(verb=wanted["verb"])
    if wanted.get("since"):
        found = found.filter(at__gte=_midnight(wanted["since"]))
    if wanted.get("until"):
        found = found.filter(at__lt=_midnight(wanted["until"] + timedelta(days=1)))
    return found


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


@dataclass(frozen=True, slots=True)
class Change:
    """One field of what was changed, before and after, in words."""

    field: str
    before: str
    after: str


def changes_of(action: HostAction) -> list[Change]:
    """The fields that an action tells of, in their order."""
    names = dict.fromkeys([*action.before, *action.after])
    return [
        Change(
            field=name.replace("_", " "),
            before=_in_words(action.before.get(name)),
            after=_in_words(action.after.get(name)),
        )
        for name in names
    ]


def _in_words(value: Any) -> str:
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, str) and MOMENT.match(value):
        moment = parse_datetime(value)
        if moment is not None and timezone.is_aware(moment):
            pattern = pgettext("how a date and time are written", "j M Y, H:i")
            return formats.date_format(timezone.localtime(moment), pattern)
    if isinstance(value, list):
        return ", ".join(_in_words(part) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_in_words(part)}" for name, part in value.items())
    return str(value)
