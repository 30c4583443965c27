"""What the pages show of submissions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from agon.accounts.models import User
from agon.competitions.models import Phase
from agon.competitions.rules import Reader
from agon.submissions import rules
from agon.submissions.models import Attempt, State, Submission, Worker
from agon.teams.models import Team
from scoring.contract import Capability, Owner, ReportedProblem, Split
from scoring.errors import SENTENCES, Problem
from scoring.metrics.descriptions import METRICS, MetricDescription

RECENT = 20
GUESSED_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Quota:
    """What a team has left."""

    per_day: int | None
    left_today: int | None
    resets_at: datetime
    total: int | None
    left_total: int | None
    pending: int
    pending_limit: int


def quota(team: Team | None, phase: Phase) -> Quota:
    now = timezone.now()
    mine = Submission.objects.filter(team=team, phase=phase) if team else Submission.objects.none()
    today = rules.day_start(now)
    used_today = mine.counted().filter(created_at__gte=today).count()
    used = mine.counted().count() if phase.total is not None else 0
    return Quota(
        per_day=phase.per_day,
        left_today=None if phase.per_day is None else max(phase.per_day - used_today, 0),
        resets_at=today + timedelta(days=1),
        total=phase.total,
        left_total=None if phase.total is None else max(phase.total - used, 0),
        pending=mine.unfinished().count(),
        pending_limit=phase.pending,
    )


@dataclass(frozen=True, slots=True)
class ShownProblem:
    """A reason for a refusal, in the reader's language."""

    sentence: str
    examples: tuple[str, ...]
    count: int

    @property
    def more(self) -> int:
        return max(self.count - len(self.examples), 0)


def shown(problem: Problem | ReportedProblem) -> ShownProblem:
    template = SENTENCES.get(problem.code) or SENTENCES["platform_error"]
    values = {"count": problem.count, **problem.params}
    try:
        sentence = gettext(template).format(**values)
    except (KeyError, IndexError, ValueError):  # a worker of another version fills it differently
        sentence = gettext(template)
    return ShownProblem(sentence=sentence, examples=tuple(problem.examples), count=problem.count)


@dataclass(frozen=True, slots=True)
class ShownScore:
    metric: MetricDescription
    public: float | None
    private: float | None
    ranks: bool
    signature: str


@dataclass(frozen=True, slots=True)
class SubmissionStatus:
    """Where a submission is, for the page that watches it."""

    submission: Submission
    attempt: Attempt | None
    attempts_limit: int
    position: int | None
    expected_seconds: int | None
    worker_missing: bool
    problems: list[ShownProblem]
    scores: list[ShownScore]
    private_visible: bool

    @property
    def poll_seconds(self) -> float | None:
        """Quick while it is young, slower as it waits; None when there is no more to come."""
        if self.submission.is_finished:
            return None
        age = (timezone.now() - self.submission.created_at).total_seconds()
        return 0.25 if age < 5 else 1 if age < 60 else 5

    @property
    def fault_is_participants(self) -> bool:
        return self.submission.owner == Owner.PARTICIPANT.value

    @property
    def version(self) -> str:
        """Changes exactly when the page would look different."""
        attempt = self.attempt
        return "-".join(
            str(part)
            for part in (
                self.submission.pk,
                self.submission.state,
                attempt.number if attempt else 0,
                attempt.stage if attempt else "",
                self.position,
                self.expected_seconds,
                self.worker_missing,
                self.private_visible,
                self.poll_seconds,
            )
        )


def status_of(submission: Submission, *, user: Reader) -> SubmissionStatus:
    attempt = submission.attempts.order_by("-number").first()
    waiting = submission.state == State.QUEUED
    position = queue_position(submission) if waiting else None
    alive = workers_alive(submission.phase.capability) if not submission.is_finished else 1
    private_visible = rules.can_see_private_scores(user, submission.phase)
    return SubmissionStatus(
        submission=submission,
        attempt=attempt,
        attempts_limit=settings.MAX_ATTEMPTS,
        position=position,
        expected_seconds=expected_seconds(submission.phase.capability, position, alive),
        worker_missing=alive == 0,
        problems=[
            shown(ReportedProblem.model_validate(problem)) for problem in submission.problems
        ],
        scores=scores_of(submission, private_visible=private_visible),
        private_visible=private_visible,
    )


def scores_of(submission: Submission, *, private_visible: bool) -> list[ShownScore]:
    """A row for each metric, in the phase's order; private values only for those who may see them."""
    by_metric: dict[str, dict[str, Any]] = {}
    for score in submission.scores.all():
        by_metric.setdefault(score.metric, {})[score.split] = score
    shown_scores = []
    for index, spec in enumerate(submission.phase.metric_specs):
        splits = by_metric.get(spec.name)
        if not splits:
            continue
        public = splits.get(Split.PUBLIC.value)
        private = splits.get(Split.PRIVATE.value) if private_visible else None
        shown_scores.append(
            ShownScore(
                metric=METRICS[spec.name],
                public=public.value if public else None,
                private=private.value if private else None,
                ranks=index == 0,
                signature=public.signature if public else "",
            )
        )
    return shown_scores


def queue_position(submission: Submission) -> int:
    """How many wait in front of it for the same kind of worker, itself included."""
    return (
        Submission.objects.filter(
            state=State.QUEUED,
            phase__capability=submission.phase.capability,
            created_at__lt=submission.created_at,
        ).count()
        + 1
    )


def workers_alive(capability: str) -> int:
    since = timezone.now() - timedelta(seconds=settings.WORKER_ALIVE_SECONDS)
    return Worker.objects.filter(capability=capability, last_seen_at__gte=since).count()


def expected_seconds(capability: str, position: int | None, workers: int) -> int | None:
    """A guess from the latest attempts of this kind; None when nothing waits or nobody works."""
    if position is None or workers == 0:
        return None
    latest = Attempt.objects.filter(
        capability=capability, started_at__isnull=False, ended_at__isnull=False
    ).order_by("-ended_at")[:RECENT]
    spans = [
        (attempt.ended_at - attempt.started_at).total_seconds()
        for attempt in latest
        if attempt.ended_at and attempt.started_at
    ]
    each = max(median(spans), 0.05) if spans else GUESSED_SECONDS
    return max(round(position * each / workers), 1)


def submissions_of(team: Team | None, phase: Phase) -> QuerySet[Submission]:
    if team is None:
        return Submission.objects.none()
    return Submission.objects.filter(team=team, phase=phase).select_related(
        "submitted_by", "phase__competition"
    )


@dataclass(frozen=True, slots=True)
class Operations:
    """What somebody who runs the site wants to know at a glance."""

    counts: dict[str, int]
    oldest: Submission | None
    workers: QuerySet[Worker]
    alive_since: datetime
    failures: QuerySet[Submission]
    capabilities: list[tuple[str, int]]


def operations() -> Operations:
    counted = Counter(
        dict(Submission.objects.values_list("state").annotate(number=Count("pk")).order_by())
    )
    return Operations(
        counts={state: counted[state] for state in State.values},
        oldest=Submission.objects.unfinished()
        .select_related("phase__competition", "team")
        .order_by("created_at")
        .first(),
        workers=Worker.objects.all(),
        alive_since=timezone.now() - timedelta(seconds=settings.WORKER_ALIVE_SECONDS),
        failures=Submission.objects.filter(state=State.FAILED).select_related(
            "phase__competition", "team"
        )[:RECENT],
        capabilities=[(c.value, workers_alive(c.value)) for c in Capability],
    )


def recent_submissions_of(user: User) -> QuerySet[Submission]:
    """The user's latest ones anywhere, for the home page."""
    return Submission.objects.filter(team__memberships__user=user).select_related(
        "phase__competition", "team"
    )[:5]
