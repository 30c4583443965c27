"""What the interface tells, as plain data; its shapes are in `schemas`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from agon.accounts.models import User
from agon.competitions import rules as competition_rules
from agon.competitions.models import Competition, DataFile, Phase
from agon.competitions.queries import preparation_of
from agon.competitions.rules import Reader
from agon.leaderboards.queries import Row
from agon.submissions import finals, queries
from agon.submissions.errors import SubmissionRefused
from agon.submissions.models import Submission
from agon.submissions.queries import ShownProblem
from agon.submissions.scores import ShownScore, scores_of
from agon.teams.models import Team
from scoring.contract import ReportedProblem


def me_document(user: User) -> dict[str, Any]:
    return {
        "username": user.username,
        "name": str(user),
        "url": site_url(user.get_absolute_url()),
    }


def competition_document(competition: Competition) -> dict[str, Any]:
    return {
        "slug": competition.slug,
        "title": competition.title,
        "subtitle": competition.subtitle,
        "tags": competition.tags,
        "visibility": competition.visibility,
        "status": competition.status.value,
        "starts_at": competition.starts_at,
        "ends_at": competition.ends_at,
        "entry_deadline": competition.entry_deadline,
        "merge_deadline": competition.merge_deadline,
        "team_size": competition.team_size,
        "participants": competition.participant_count,
        "url": site_url(competition.get_absolute_url()),
    }


def phase_document(phase: Phase, *, phases: Sequence[Phase], user: Reader) -> dict[str, Any]:
    """A competition with all that a program needs to take part in it."""
    competition, layout = phase.competition, phase.layout_spec
    preparation = preparation_of(competition)
    interface = phase.model_interface
    return {
        **competition_document(competition),
        "is_prepared": preparation is None or preparation.is_prepared,
        "joined": competition_rules.has_accepted_rules(user, competition),
        "rules_url": site_url(reverse("competitions:rules", args=[competition.slug])),
        "phase": 1 + [one.pk for one in phases].index(phase.pk),
        "phases": [
            {
                "number": number,
                "name": one.name,
                "status": one.status.value,
                "opens_at": one.opens,
                "closes_at": one.closes,
                "final_submissions": one.final_count,
                "takes_late": one.takes_late,
                "shows_results": one.shows_results,
            }
            for number, one in enumerate(phases, start=1)
        ],
        "kinds": [kind.value for kind in phase.submission_kinds],
        "id_column": layout.id_column,
        "columns": {name: kind.value for name, kind in layout.columns.items()},
        "metrics": [
            {
                "name": metric.name,
                "title": str(metric.title),
                "higher_is_better": metric.higher_is_better,
                "ranks": number == 0,
            }
            for number, metric in enumerate(phase.all_metrics)
        ],
        "limits": {
            "per_day": phase.per_day,
            "total": phase.total,
            "pending": phase.pending,
            "file_bytes": phase.file_bytes,
            "seconds": phase.seconds,
            "model_file_bytes": phase.model_file_bytes,
            "model_seconds": phase.model_seconds,
            "model_memory_bytes": phase.model_memory_bytes,
        },
        "model": interface.model_dump(mode="json") if interface else None,
    }


def file_document(competition: Competition, file: DataFile) -> dict[str, Any]:
    return {
        "name": file.name,
        "description": file.description,
        "size": file.size,
        "sha256": file.sha256,
        "url": site_url(reverse("v1:file", args=[competition.slug, file.name])),
    }


def row_document(row: Row) -> dict[str, Any]:
    entry = row.entry
    return {
        "rank": row.rank,
        "team": row.team,
        "score": entry.value,
        "low": entry.low,
        "high": entry.high,
        "submissions": row.submission_count,
        "reached_at": row.reached_at,
        "is_mine": row.is_mine,
        "is_baseline": row.is_host_baseline,
    }


def submission_document(submission: Submission, *, user: Reader) -> dict[str, Any]:
    """What the page of a submission shows to this person, and no more."""
    status = queries.status_of(submission, user=user)
    attempt = status.attempt
    return {
        **_about(submission),
        "stage": attempt.stage if attempt and status.step else None,
        "progress": attempt.progress if attempt and status.step else None,
        "queue_position": status.position,
        "problems": [problem_document(problem) for problem in status.problems],
        "scores": [document for shown in status.scores for document in _scores(shown)],
    }


def listed_document(submission: Submission, *, private_visible: bool) -> dict[str, Any]:
    """The same for a list: without what would have to be asked for each one."""
    problems = [ReportedProblem.model_validate(problem) for problem in submission.problems]
    shown = scores_of(submission, private_visible=private_visible)
    return {
        **_about(submission),
        "stage": None,
        "progress": None,
        "queue_position": None,
        "problems": [problem_document(queries.shown(problem)) for problem in problems],
        "scores": [document for score in shown for document in _scores(score)],
    }


def _about(submission: Submission) -> dict[str, Any]:
    return {
        "id": submission.pk,
        "competition": submission.phase.competition.slug,
        "url": site_url(submission.get_absolute_url()),
        "number": submission.number,
        "kind": submission.kind,
        "format": submission.format or None,
        "note": submission.note,
        "file": {
            "name": submission.file_name,
            "size": submission.size,
            "sha256": submission.sha256,
        },
        "state": submission.state,
        "is_finished": submission.is_finished,
        "counted": submission.counted,
        "is_chosen": submission.is_chosen,
        "is_late": submission.is_late,
        "submitted_at": _moment(submission.created_at),
        "finished_at": _moment(submission.finished_at),
        "fault": submission.owner or None,
    }


def finals_document(team: Team | None, phase: Phase) -> dict[str, Any]:
    """What a team has chosen, and what counts as things are."""
    choice = finals.choice_of(team, phase) if team else None
    return {
        "most": phase.final_count,
        "chosen": [one.pk for one in choice.submissions if one.is_chosen] if choice else [],
        "counting": sorted(choice.counting) if choice else [],
        "is_locked": finals.are_locked(phase, at=timezone.now()),
    }


def _scores(shown: ShownScore) -> list[dict[str, Any]]:
    return [
        {
            "metric": shown.metric.name,
            "ranks": shown.ranks,
            "split": value.score.split,
            "value": value.score.value,
            "low": value.score.low,
            "high": value.score.high,
            "rows": value.score.rows,
            "signature": value.score.signature,
        }
        for value in (shown.public, shown.private)
        if value is not None
    ]


def problem_document(problem: ShownProblem) -> dict[str, Any]:
    return {
        "sentence": problem.sentence,
        "count": problem.count,
        "examples": list(problem.examples),
    }


def refusal_document(refusal: SubmissionRefused) -> dict[str, Any]:
    return error_document(
        refusal.code,
        refusal.message,
        link=refusal.action.url if refusal.action else "",
        problems=[problem_document(queries.shown(problem)) for problem in refusal.problems],
    )


def error_document(
    code: str, message: str, *, link: str = "", problems: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    return {
        "code": code,
        "message": message,
        "link": site_url(link) if link else None,
        "problems": list(problems),
    }


def site_url(address: str) -> str:
    """The whole address of a page, as programs need it."""
    return f"{settings.SITE_URL}{address}"


def _moment(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()
