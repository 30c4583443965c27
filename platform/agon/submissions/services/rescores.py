"""Rescores from their beginning to the host's decision; publishing one is in `publication`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.files.base import File
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.common.files import digest
from agon.competitions.models import Phase, Solution, Verb
from agon.competitions.services import record_action
from agon.submissions.errors import RescoreRefused
from agon.submissions.models import (
    OPEN_STATES,
    PROGRAM,
    Rescore,
    RescoreFile,
    RescoreItem,
    Score,
    Submission,
)
from agon.submissions.rescoring import RESCORED_STATES, open_rescore_of
from agon.submissions.services.rescore_jobs import add_items, hold, locked, pump
from scoring.contract import MetricSpec


@dataclass(frozen=True)
class Changes:
    """What a rescore brings: a solution, metrics, a scoring program, or nothing.

    Attributes:
        solution: The new solution; None where the phase's stays.
        metrics: All metrics from then on, the first one ranks; empty where they stay.
        own_metrics: What describes those of the host's own, by name.
        files: The files of those whose file is new, by name.
        program: The scoring program from then on, a zip file; None where it stays.
        command: How it is called.
    """

    solution: File[bytes] | None = None
    metrics: tuple[MetricSpec, ...] = ()
    own_metrics: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    files: Mapping[str, File[bytes]] = field(default_factory=dict)
    program: File[bytes] | None = None
    command: str = ""

    @property
    def uploads(self) -> dict[str, File[bytes]]:
        """Every file by the metric that it is of; the solution has the empty name."""
        named = {"": self.solution, PROGRAM: self.program, **self.files}
        return {name: upload for name, upload in named.items() if upload is not None}

    def __bool__(self) -> bool:
        return bool(self.solution or self.metrics or self.program)


def start(
    *,
    actor: User,
    phase: Phase,
    reason: str,
    changes: Changes | None = None,
    submissions: Iterable[int] | None = None,
) -> Rescore:
    """Begin to score a phase's submissions anew, or some of them; nothing that stands is touched.

    Args:
        actor: The host.
        phase: Whose submissions.
        reason: The host's own words; participants read them once it is published.
        changes: A new solution or new metrics; then every submission is scored anew.
        submissions: Only these, by the solution and metrics of now.
    """
    changes = changes or Changes()
    solution = phase.solutions.first()
    if solution is None:
        raise RescoreRefused(_("There is no solution yet, so nothing can be scored."))
    if changes and submissions is not None:
        raise ValueError("a new solution or metric is for every submission of a phase")
    _refuse_second(phase)
    stored: list[str] = []
    try:
        with transaction.atomic():
            rescore = _create(actor, phase, solution, reason, changes, submissions)
            for metric, upload in changes.uploads.items():
                stored.append(_store(rescore, metric, upload))
            transaction.on_commit(lambda: pump(rescore.pk), robust=True)
    except BaseException as error:
        for name in stored:
            storages["default"].delete(name)
        if isinstance(error, IntegrityError):
            _refuse_second(phase)
        raise
    return rescore


def _refuse_second(phase: Phase) -> None:
    if open_rescore_of(phase) is not None:
        raise RescoreRefused(
            _(
                "Another rescoring is not decided yet. Publish it or throw it away, then begin the next."
            )
        )


def _create(
    actor: User,
    phase: Phase,
    solution: Solution,
    reason: str,
    changes: Changes,
    submissions: Iterable[int] | None,
) -> Rescore:
    rescore = Rescore.objects.create(
        phase=phase,
        started_by=actor,
        reason=reason,
        whole=submissions is None,
        changes=bool(changes),
        metrics=[metric.to_json() for metric in changes.metrics] or None,
        own_metrics={name: dict(own) for name, own in changes.own_metrics.items()}
        if changes.metrics
        else None,
        command=changes.command if changes.program else "",
        solution=solution,
    )
    scope = Submission.objects.filter(phase=phase, state__in=RESCORED_STATES).order_by("pk")
    if submissions is not None:
        scope = scope.filter(pk__in=list(submissions))
    added = add_items(rescore, scope.values_list("pk", flat=True).iterator())
    if not added and not changes:
        raise RescoreRefused(_("There is nothing to score anew."))
    record_action(
        competition=phase.competition,
        actor=actor,
        verb=Verb.RESCORED,
        subject=phase.name,
        after={
            "submissions": added,
            "solution": changes.solution.name if changes.solution else "",
            "metrics": [metric.name for metric in changes.metrics],
            "program": changes.program.name if changes.program else "",
        },
        reason=reason,
    )
    return rescore


def _store(rescore: Rescore, metric: str, upload: File[bytes]) -> str:
    contents = digest(upload)
    upload.seek(0)
    name = (upload.name or "solution.csv").rsplit("/", 1)[-1][-120:]
    kept = RescoreFile(
        rescore=rescore, metric=metric, name=name, sha256=contents.sha256, size=contents.size
    )
    kept.file.save(contents.sha256, upload, save=False)
    kept.save()
    return kept.file.name or ""


def stop(*, actor: User, rescore: Rescore) -> None:
    """Send no more; what a worker has already is still taken in."""
    with transaction.atomic():
        stopped = Rescore.objects.filter(pk=rescore.pk, state=Rescore.State.RUNNING).update(
            state=Rescore.State.STOPPED
        )
        if stopped:
            _log(actor, rescore, "stopped")


def go_on(*, actor: User, rescore: Rescore) -> None:
    """Go on after a stop, whoever made it."""
    with transaction.atomic():
        goes_on = Rescore.objects.filter(pk=rescore.pk, state=Rescore.State.STOPPED).update(
            state=Rescore.State.RUNNING, problems=[]
        )
        if goes_on:
            _log(actor, rescore, "running")
        transaction.on_commit(lambda: pump(rescore.pk), robust=True)


def retry_failed(*, actor: User, rescore: Rescore) -> None:
    """Try those again that failed through no fault of their senders."""
    with transaction.atomic():
        held = locked(rescore.pk)
        if held.state not in OPEN_STATES:
            raise RescoreRefused(_("This rescoring is over."))
        again = held.items.filter(state=RescoreItem.State.FAILED).update(
            state=RescoreItem.State.WAITING,
            tries=0,
            token="",
            finished_at=None,
            owner="",
            problems=[],
        )
        if again:
            held.state, held.problems = Rescore.State.RUNNING, []
            held.save(update_fields=["state", "problems"])
            _log(actor, held, "running", again=again)
        transaction.on_commit(lambda: pump(rescore.pk), robust=True)


def _log(actor: User, rescore: Rescore, state: str, **more: int) -> None:
    record_action(
        competition=rescore.phase.competition,
        actor=actor,
        verb=Verb.RESCORED,
        subject=rescore.phase.name,
        after={"state": state, **more},
        reason=rescore.reason,
    )


def discard(*, actor: User, rescore: Rescore) -> None:
    """Throw it away: what stands goes on standing, and what was scored for it is deleted."""
    with transaction.atomic():
        held = locked(rescore.pk)
        if held.state not in OPEN_STATES:
            raise RescoreRefused(_("This rescoring is over."))
        hold(held)
        held.state, held.ended_at = Rescore.State.DISCARDED, timezone.now()
        held.save(update_fields=["state", "ended_at"])
        Score.versions.filter(rescore=held).delete()
        files = [file.file.name or "" for file in held.files.all()]
        held.files.all().delete()
        record_action(
            competition=held.phase.competition,
            actor=actor,
            verb=Verb.RESCORE_DISCARDED,
            subject=held.phase.name,
            reason=held.reason,
        )
        for name in files:
            _delete_afterwards(name)


def _delete_afterwards(name: str) -> None:
    transaction.on_commit(lambda: storages["default"].delete(name), robust=True)
