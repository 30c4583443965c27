"""What the pages show of submissions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.conf import settings
from django.db.models import Count, QuerySet
from django.utils import timezone

from agon.accounts.models import User
from agon.common.reasons import reason_text
from agon.competitions.models import Phase
from agon.competitions.rules import Reader, can_oversee
from agon.leaderboards.aside import baselines_of
from agon.leaderboards.queries import board_of, top_of
from agon.submissions import rules
from agon.submissions.models import Attempt, State, Submission, Worker
from agon.submissions.scores import ShownScore, scores_of, scoring_command
from agon.submissions.workers import Readiness, may_be_sent, readiness, workers_alive
from agon.teams.models import Team
from scoring.contract import Capability, Owner, ReportedProblem, Split, Stage
from scoring.errors import Problem

RECENT = 20
GUESSED_SECONDS = 0.5
COMPARABLE = 50


@dataclass(frozen=True, slots=True)
class Quota:
    """What a team has today and in total, grants of the hosts included, and what is left of it."""

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
    total, per_day = rules.limits_of(team, phase, at=now) if team else (phase.total, phase.per_day)
    if rules.is_late(phase, at=now):
        total = None
    return Quota(
        per_day=per_day,
        left_today=None if per_day is None else max(per_day - used_today, 0),
        resets_at=today + timedelta(days=1),
        total=total,
        left_total=None if total is None else max(total - used, 0),
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
    sentence = reason_text(problem.code, problem.params, problem.count)
    return ShownProblem(sentence=sentence, examples=tuple(problem.examples), count=problem.count)


@dataclass(frozen=True, slots=True)
class SubmissionStatus:
    """Where a submission is, for the page that watches it."""

    submission: Submission
    attempt: Attempt | None
    attempts_limit: int
    position: int | None
    expected_seconds: int | None
    worker_missing: bool
    sandbox_missing: bool
    problems: list[ShownProblem]
    scores: list[ShownScore]
    private_visible: bool
    command: str

    @property
    def poll_seconds(self) -> float | None:
        """Quick while it is young, slower as it waits; None when there is no more to come."""
        if self.submission.is_finished:
            return None
        age = (timezone.now() - self.submission.created_at).total_seconds()
        return 0.25 if age < 5 else 1 if age < 60 else 5

    @property
    def step(self) -> str:
        """Which of the steps of a running submission it is at: reading, predicting or scoring."""
        if self.submission.state != State.RUNNING:
            return ""
        stage = self.attempt.stage if self.attempt else ""
        if stage in {Stage.TRYING, Stage.PREDICTING}:
            return "predicting"
        return "scoring" if stage in {Stage.SCORING, Stage.REPORTING} else "reading"

    @property
    def percent(self) -> int | None:
        """How much of the hidden test set is predicted; None where nobody has said."""
        progress = self.attempt.progress if self.attempt else None
        return None if progress is None else int(100 * progress)

    @property
    def has_intervals(self) -> bool:
        return any(value.interval for score in self.scores for value in score.values)

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
                self.sandbox_missing,
                self.percent,
                self.private_visible,
                self.poll_seconds,
            )
        )


def status_of(submission: Submission, *, user: Reader) -> SubmissionStatus:
    attempt = submission.attempts.order_by("-number").first()
    waiting = submission.state == State.QUEUED
    position = queue_position(submission) if waiting else None
    capability = submission.capability.value
    alive = 1 if submission.is_finished else workers_alive(capability)
    runs = submission.is_finished or may_be_sent(submission)
    private_visible = rules.can_see_private_scores(user, submission.phase)
    return SubmissionStatus(
        submission=submission,
        attempt=attempt,
        attempts_limit=settings.MAX_ATTEMPTS,
        position=position,
        expected_seconds=expected_seconds(capability, position, alive) if runs else None,
        worker_missing=alive == 0,
        sandbox_missing=alive > 0 and not runs,
        problems=[
            shown(ReportedProblem.model_validate(problem)) for problem in submission.problems
        ],
        scores=scores_of(submission, private_visible=private_visible),
        private_visible=private_visible,
        command=scoring_command(submission),
    )


def queue_position(submission: Submission) -> int:
    """How many wait in front of it for the same kind of worker, itself included."""
    waiting = Submission.objects.for_workers(submission.capability).filter(state=State.QUEUED)
    return waiting.filter(created_at__lt=submission.created_at).count() + 1


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


def to_compare_with(submission: Submission, *, user: Reader) -> list[Submission]:
    """Scored submissions that the reader may set beside this one: the team's own, newest first.

    Those who run the competition also get the best of other teams and the baselines, as the public
    board has them.
    """
    if submission.state != State.SCORED:
        return []
    others = Submission.objects.scored().filter(phase=submission.phase).exclude(pk=submission.pk)
    others = others.select_related("team").order_by("-created_at")
    found = list(others.filter(team=submission.team)[:COMPARABLE])
    if can_oversee(user, submission.phase.competition):
        board = board_of(submission.phase, Split.PUBLIC)
        leading = [pk for pk, _key in top_of(board)] if board else []
        leading += [baseline.submission_id for baseline in baselines_of(board)] if board else []
        found += others.filter(pk__in=leading).exclude(team=submission.team)
    return found


@dataclass(frozen=True, slots=True)
class Operations:
    """What somebody who runs the site wants to know at a glance."""

    counts: dict[str, int]
    oldest: Submission | None
    workers: QuerySet[Worker]
    alive_since: datetime
    failures: QuerySet[Submission]
    capabilities: list[tuple[str, int]]
    unready: list[Readiness]


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
        unready=[found for c in Capability if (found := readiness(c.value, ())).hindrances],
    )


def recent_submissions_of(user: User) -> QuerySet[Submission]:
    """The user's latest ones anywhere, for the home page."""
    return Submission.objects.filter(team__memberships__user=user).select_related(
        "phase__competition", "team"
    )[:5]
