"""Scored submissions with intervals and replicates, recorded as a worker's result records them."""

from __future__ import annotations

import base64
import random
import struct
from collections.abc import Sequence

import factories

from agon.submissions.models import Submission
from agon.submissions.services import results
from agon.submissions.services.attempts import start_attempt
from scoring.contract import Outcome, Score, ScoringResult, Split

REPLICATES = 1024


def packed(values: Sequence[float]) -> bytes:
    """As a worker sends them: little-endian float64."""
    return struct.pack(f"<{len(values)}d", *values)


def around(value: float, *, luck: float = 0.01, own: float = 0.001, seed: int = 0) -> list[float]:
    """Replicates of a score: luck with the rows, which all share, and a little of its own."""
    shared, alone = random.Random("the rows"), random.Random(seed)
    return [value + shared.gauss(0, luck) + alone.gauss(0, own) for _ in range(REPLICATES)]


def score(
    metric: str = "accuracy",
    split: Split = Split.PUBLIC,
    value: float = 0.75,
    *,
    replicates: Sequence[float] | None = None,
    low: float | None = None,
    high: float | None = None,
    solution: str = "0a1b2c3d",
    submission: str = "deadbeef",
    engine: str = "0.1.0",
) -> Score:
    return Score(
        metric=metric,
        split=split,
        value=value,
        rows=500,
        signature="|".join(
            [
                metric, "{}", split.value, "rows:500", f"solution:{solution}",
                f"submission:{submission}", "interval:poisson-1024", "seed:7", f"agon:{engine}",
            ]
        ),
        low=low if replicates is None else sorted(replicates)[25],
        high=high if replicates is None else sorted(replicates)[-26],
        replicates=b"" if replicates is None else base64.b64encode(packed(replicates)),
    )  # fmt: skip


def make_scored(team, phase, *scores: Score, **fields) -> Submission:
    """A submission that went the whole way from its attempt to the board."""
    submission = factories.make_submission(team, phase, **fields)
    result = ScoringResult(
        token=start_attempt(submission=submission).token, outcome=Outcome.SCORED, scores=scores
    )
    assert results.record_result(result=result)
    submission.refresh_from_db()
    return submission
