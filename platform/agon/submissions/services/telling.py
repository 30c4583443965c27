"""Who is told how a submission ended: its team, the hosts if the fault is theirs, and webhooks.

Each is part of the transaction that ends the submission, and writes rows only: letters and messages
go out later, from another thread.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

from agon.common.scores import score_text
from agon.notifications.models import Event, Kind
from agon.notifications.services import emit, notify
from agon.submissions import rules
from agon.submissions.models import State, Submission
from agon.teams.models import Membership
from scoring.contract import Owner, ReportedProblem

TOLD_PROBLEMS = 3


def tell_scored(*, submission: Submission, public: float | None) -> None:
    """Of the score that everybody may see; the private one is nobody's before the close."""
    phase = submission.phase
    values: dict[str, Any] = {"number": submission.number}
    if public is not None:
        values["score"] = score_text(public, phase.decimals)
    _tell_team(Kind.SCORED, submission, values)
    _emit(
        Event.SUBMISSION_SCORED,
        submission,
        state=State.SCORED,
        public_score=public,
        is_late=submission.is_late,
    )


def tell_rejected(*, submission: Submission, problems: list[ReportedProblem]) -> None:
    told = _told(problems)
    _tell_team(Kind.REJECTED, submission, {"number": submission.number, "problems": told})
    _emit(Event.SUBMISSION_FAILED, submission, state=State.REJECTED, problems=told)


def tell_failed(*, submission: Submission, owner: Owner, problems: list[ReportedProblem]) -> None:
    """The team learns that it costs nothing; the hosts, what to change, if the fault is theirs."""
    told = _told(problems)
    _tell_team(Kind.FAILED, submission, {"number": submission.number, "what": owner.value})
    _emit(Event.SUBMISSION_FAILED, submission, state=State.FAILED, owner=owner, problems=told)
    if owner is Owner.HOST:
        competition = submission.phase.competition
        notify(
            kind=Kind.BROKEN,
            recipients=[host.pk for host in rules.hosts(competition)],
            competition_id=competition.pk,
            values={"number": submission.number, "problems": told},
            path=submission.get_absolute_url(),
            key=str(submission.pk),
        )


def _told(problems: list[ReportedProblem]) -> list[dict[str, Any]]:
    return [
        {"code": one.code, "params": one.params, "count": one.count}
        for one in problems[:TOLD_PROBLEMS]
    ]


def _tell_team(kind: Kind, submission: Submission, values: dict[str, Any]) -> None:
    members = Membership.objects.filter(team=submission.team_id)
    notify(
        kind=kind,
        recipients=members.values_list("user_id", flat=True),
        competition_id=submission.phase.competition_id,
        values=values,
        path=submission.get_absolute_url(),
        key=str(submission.pk),
    )


def _emit(event: Event, submission: Submission, **more: Any) -> None:
    competition = submission.phase.competition
    emit(
        competition_id=competition.pk,
        event=event,
        document={
            "competition": competition.slug,
            "submission": submission.pk,
            "number": submission.number,
            "team": submission.team.name,
            "address": settings.SITE_URL + submission.get_absolute_url(),
            **more,
        },
    )
