"""Rescores in tests: a worker that answers each job at once, with the scores that it is told."""

from __future__ import annotations

from collections.abc import Callable

import scored
from django.utils import timezone

from agon.submissions.models import IN_FLIGHT, Rescore, RescoreItem, Worker
from agon.submissions.services import rescore_jobs, results
from scoring.contract import Outcome, Owner, ReportedProblem, ScoringResult, Split

Answer = Callable[[RescoreItem], ScoringResult]


def good(item: RescoreItem, public: float, private: float, metric: str = "accuracy"):
    return ScoringResult(
        token=item.token,
        outcome=Outcome.SCORED,
        scores=(
            scored.score(metric, Split.PUBLIC, public, solution="ffff"),
            scored.score(metric, Split.PRIVATE, private, solution="ffff"),
        ),
    )


def bad(item: RescoreItem, owner: Owner = Owner.PLATFORM, code: str = "platform_error"):
    return ScoringResult(
        token=item.token,
        outcome=Outcome.FAILED,
        owner=owner,
        problems=(ReportedProblem(code=code, params={"reference": "r1"}),),
    )


def rejected(item: RescoreItem):
    return ScoringResult(
        token=item.token,
        outcome=Outcome.REJECTED,
        owner=Owner.PARTICIPANT,
        problems=(ReportedProblem(code="empty_file"),),
    )


def answer_all(rescore: Rescore, answer: Answer, *, most: int = 100_000) -> int:
    """Answer jobs until there are no more, or as many as said; the number of answers."""
    done = 0
    while done < most:
        Worker.objects.update(last_seen_at=timezone.now())  # who answers is alive
        rescore_jobs.pump(rescore.pk)
        waiting = list(
            rescore.items.filter(state__in=IN_FLIGHT).select_related("submission")[: most - done]
        )
        if not waiting:
            break
        for item in waiting:
            assert results.record_result(result=answer(item))
            done += 1
    rescore_jobs.pump(rescore.pk)
    rescore.refresh_from_db()
    return done
