"""A submission as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from agon.competitions.rules import Reader
from agon.submissions import queries
from agon.submissions.errors import SubmissionRefused
from agon.submissions.models import Submission
from agon.submissions.queries import ShownProblem
from agon.submissions.scores import ShownScore


def submission_document(submission: Submission, *, user: Reader) -> dict[str, Any]:
    """What the page of a submission shows to this person, and no more."""
    status = queries.status_of(submission, user=user)
    attempt = status.attempt
    return {
        "id": submission.pk,
        "competition": submission.phase.competition.slug,
        "url": settings.SITE_URL + submission.get_absolute_url(),
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
        "submitted_at": _moment(submission.created_at),
        "finished_at": _moment(submission.finished_at),
        "stage": attempt.stage if attempt and status.step else None,
        "progress": attempt.progress if attempt and status.step else None,
        "queue_position": status.position,
        "fault": submission.owner or None,
        "problems": [problem_document(problem) for problem in status.problems],
        "scores": [document for shown in status.scores for document in _scores(shown)],
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
    return {
        "code": refusal.code,
        "message": refusal.message,
        "problems": [problem_document(queries.shown(problem)) for problem in refusal.problems],
    }


def _moment(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()
