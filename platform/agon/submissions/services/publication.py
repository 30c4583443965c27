"""Publishing a rescore: every score, both boards and the phase itself change in one transaction."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agon.accounts.models import User
from agon.competitions.models import MetricFile, Phase, ScoringProgram, Solution, Verb
from agon.competitions.services import record_action
from agon.leaderboards.services import lock_board
from agon.notifications.models import Kind as NotificationKind
from agon.notifications.services import notify
from agon.submissions.errors import RescoreRefused
from agon.submissions.models import (
    PROGRAM,
    Rescore,
    RescoreFile,
    RescoreItem,
    Score,
    State,
    Submission,
)
from agon.submissions.previews import movements
from agon.submissions.rescoring import RESCORED_STATES
from agon.submissions.services import board
from agon.submissions.services.attempts import start_again
from agon.submissions.services.rescore_jobs import hold, locked
from agon.teams.models import Membership
from scoring.contract import Owner, Split


def publish(*, actor: User | None, rescore: Rescore, accept_failures: bool = False) -> Rescore:
    """Make the new scores the ones that count, or raise `RescoreRefused` with nothing changed.

    What came too late to be scored anew, or is being scored by the rules of before, goes back into
    the queue: no board ever holds scores of two kinds.
    """
    with transaction.atomic():
        rescore = locked(rescore.pk)
        hold(rescore)
        _check(rescore, accept_failures=accept_failures)
        # Submissions before boards, as wherever a result is recorded.
        list(_rescored(rescore).select_for_update(of=("self",)).order_by("pk").values_list("pk"))
        for split in Split:
            lock_board(phase=rescore.phase, split=split)
        rescore.summary = _summary(rescore)
        before = _describe(rescore, rescore.phase)
        _remember(rescore)
        _change_phase(rescore)
        _change_submissions(rescore)
        _change_scores(rescore)
        rescore.state, rescore.ended_at = Rescore.State.PUBLISHED, timezone.now()
        rescore.save(update_fields=["state", "ended_at", "solution", "summary"])
        rescore.summary["requeued"] = _requeue_the_rest(rescore)
        rescore.save(update_fields=["summary"])
        board.rebuild(phase=rescore.phase_afterwards)
        _tell(rescore, actor=actor, before=before)
    return rescore


def _check(rescore: Rescore, *, accept_failures: bool) -> None:
    if rescore.state == Rescore.State.PUBLISHED:
        raise RescoreRefused(_("This rescoring is published already."))
    if rescore.state != Rescore.State.READY:
        raise RescoreRefused(
            _("Not everything has been scored anew yet. Wait for the end, then publish.")
        )
    newest = rescore.phase.solutions.first()
    if newest != rescore.solution:
        raise RescoreRefused(
            _(
                "The solution has changed since this rescoring began, so its scores are out of date. Throw it away and begin another."
            )
        )
    failed = rescore.items.filter(state=RescoreItem.State.FAILED).count()
    if failed and not accept_failures:
        raise RescoreRefused(
            ngettext(
                "%(count)d submission could not be scored anew. Try it again, or confirm that it leaves the board.",
                "%(count)d submissions could not be scored anew. Try them again, or confirm that they leave the board.",
                failed,
            )
            % {"count": failed}
        )


def _finished(rescore: Rescore, *states: RescoreItem.State) -> QuerySet[RescoreItem]:
    items = RescoreItem.objects.filter(rescore=rescore, finished_at__isnull=False)
    return items.filter(state__in=states) if states else items


def _rescored(rescore: Rescore, *states: RescoreItem.State) -> QuerySet[Submission]:
    return Submission.objects.filter(
        pk__in=_finished(rescore, *states).values("submission"), state__in=RESCORED_STATES
    )


def _summary(rescore: Rescore) -> dict[str, Any]:
    moved = Counter(movement.direction for movement in movements(rescore, Split.PUBLIC))
    return {**moved, "rescored": _finished(rescore).count()}


def _remember(rescore: Rescore) -> None:
    """What each submission was until now stays readable."""
    submission = Submission.objects.filter(pk=OuterRef("submission"))
    _finished(rescore).update(
        old_state=Subquery(submission.values("state")),
        old_public_score=Subquery(submission.values("public_score")),
        old_private_score=Subquery(submission.values("private_score")),
        old_problems=Subquery(submission.values("problems")),
    )


def _change_phase(rescore: Rescore) -> None:
    phase = rescore.phase_afterwards
    if rescore.metrics is not None or rescore.own_metrics is not None:
        Phase.objects.filter(pk=phase.pk).update(
            metrics=phase.metrics, own_metrics=phase.own_metrics
        )
    for file in rescore.files.all():
        if file.metric == PROGRAM:
            ScoringProgram.objects.update_or_create(
                phase=phase, defaults={**_contents(file), "command": rescore.command}
            )
        elif file.metric:
            MetricFile.objects.update_or_create(
                phase=phase, metric=file.metric, defaults=_contents(file)
            )
        else:
            rescore.solution = Solution.objects.create(
                phase=phase, version=rescore.solution.version + 1, **_contents(file)
            )
    if rescore.own_metrics is not None:
        phase.metric_files.exclude(metric__in=list(rescore.own_metrics)).delete()


def _contents(file: RescoreFile) -> dict[str, Any]:
    return {
        "name": file.name,
        "sha256": file.sha256,
        "size": file.size,
        "file": file.file.name,
    }


def _change_submissions(rescore: Rescore) -> None:
    states = RescoreItem.State
    item = RescoreItem.objects.filter(rescore=rescore, submission=OuterRef("pk"))

    def new(field: str) -> Subquery:
        return Subquery(item.values(field)[:1])

    scores: dict[str, Any] = {
        name: new(name) for name in ("public_score", "private_score", "public_key")
    }
    scoreless = dict.fromkeys(scores)
    _rescored(rescore, states.SCORED).update(state=State.SCORED, owner="", problems=[], **scores)
    _rescored(rescore, states.REJECTED).update(
        state=State.REJECTED, owner=new("owner"), problems=new("problems"), **scoreless
    )
    _rescored(rescore, states.FAILED).update(
        state=State.FAILED,
        owner=new("owner"),
        problems=new("problems"),
        counted=False,
        **scoreless,
    )


def _change_scores(rescore: Rescore) -> None:
    done = _finished(rescore).values("submission")
    Score.versions.filter(is_current=True, submission__in=done).update(
        is_current=False, replaced_by=rescore
    )
    Score.versions.filter(rescore=rescore).update(is_current=True)


def _requeue_the_rest(rescore: Rescore) -> int:
    """Score what ended by the rules of before by those of now; what still runs does so by itself."""
    if not rescore.changes:
        return 0
    ended = Q(state__in=[State.SCORED, State.REJECTED]) | Q(
        state=State.FAILED, owner=Owner.HOST.value
    )
    done = _finished(rescore).values("submission")
    rest = Submission.objects.filter(ended, phase_id=rescore.phase_id).exclude(pk__in=done)
    Score.versions.filter(is_current=True, submission__in=rest).update(
        is_current=False, replaced_by=rescore
    )
    found = list(rest.select_for_update().order_by("pk"))
    for submission in found:
        submission.phase = rescore.phase_afterwards
        start_again(submission=submission)
    rescore.items.filter(finished_at__isnull=True).delete()
    return len(found)


def _describe(rescore: Rescore, phase: Phase) -> dict[str, Any]:
    """What decides scores, for the log."""
    told: dict[str, Any] = {
        "solution": rescore.solution.version,
        "metrics": [one["name"] for one in phase.metrics],
    }
    program = ScoringProgram.objects.filter(phase=phase).values_list("name", "sha256").first()
    return {**told, "program": f"{program[0]} ({program[1][:12]})"} if program else told


def _tell(rescore: Rescore, *, actor: User | None, before: dict[str, Any]) -> None:
    competition = rescore.phase.competition
    after = _describe(rescore, rescore.phase_afterwards)
    for verb, part in (
        (Verb.SOLUTION_CHANGED, "solution"),
        (Verb.METRIC_CHANGED, "metrics"),
        (Verb.METRIC_CHANGED, "program"),
    ):
        if before.get(part) != after.get(part):
            record_action(
                competition=competition,
                actor=actor,
                verb=verb,
                subject=rescore.phase.name,
                before={part: before.get(part)},
                after={part: after.get(part)},
                reason=rescore.reason,
            )
    record_action(
        competition=competition,
        actor=actor,
        verb=Verb.RESCORE_PUBLISHED,
        subject=rescore.phase.name,
        before=before,
        after={**after, **rescore.summary},
        reason=rescore.reason,
    )
    changed = _changed(rescore).values("submission__team")
    members = Membership.objects.filter(team__in=changed).values_list("user_id", flat=True)
    notify(
        kind=NotificationKind.RESCORED,
        recipients=members,
        competition_id=competition.pk,
        values={"competition": competition.title, "reason": rescore.reason},
        path=reverse("submissions:list", args=[competition.slug]),
        key=f"rescore-{rescore.pk}",
    )


def _changed(rescore: Rescore) -> QuerySet[RescoreItem]:
    """Those whose participants see something else than before."""
    same = (
        Q(old_state=F("state"))
        & (
            Q(old_public_score=F("public_score"))
            | Q(old_public_score__isnull=True, public_score__isnull=True)
        )
        & (
            Q(old_private_score=F("private_score"))
            | Q(old_private_score__isnull=True, private_score__isnull=True)
        )
    )
    return _finished(rescore).exclude(same)
