"""Keeping what a worker reports of a submission's scores."""

from __future__ import annotations

from collections.abc import Sequence

from agon.submissions.comparison import SIZE_OF_REPLICATE
from agon.submissions.models import Replicates, Rescore, Score, Submission
from scoring.contract import Score as ReportedScore


def keep_scores(
    *, submission: Submission, scores: Sequence[ReportedScore], rescore: Rescore | None = None
) -> None:
    """Store scores with their replicates; those of a rescore count only once it is published."""
    kept = Score.versions.bulk_create(
        Score(
            submission=submission,
            rescore=rescore,
            is_current=rescore is None,
            metric=score.metric,
            split=score.split.value,
            value=score.value,
            rows=score.rows,
            signature=score.signature,
            low=score.low if score.high is not None else None,
            high=score.high if score.low is not None else None,
        )
        for score in scores
    )
    Replicates.objects.bulk_create(
        Replicates(score=score, values=reported.replicates)
        for score, reported in zip(kept, scores, strict=True)
        if reported.replicates and len(reported.replicates) % SIZE_OF_REPLICATE == 0
    )
