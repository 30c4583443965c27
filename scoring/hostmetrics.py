"""The host's own metric, run in a sandbox on answers that no participant's code can see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from scoring.contract import Limits, Split
from scoring.models import Run, Task
from scoring.verdicts import no_answer, verdict

METRIC = "metric"


def host_scores(
    run: Run,
    *,
    metric: Path,
    solution: Path,
    submission: Path,
    id_column: str,
    splits: Mapping[Split, Sequence[int] | None],
    limits: Limits,
) -> dict[Split, float]:
    """The metric's score on each split.

    Args:
        metric: The host's Python file.
        solution: The answers as CSV, without the usage column.
        submission: The predictions as CSV, their rows in the same order.
        splits: The numbers of each split's rows; None for all of them.

    Raises:
        InvalidSubmission: The metric refused the predictions.
        BrokenCompetition: The metric failed.
    """
    rows = {
        split.value: None if numbers is None else [int(number) for number in numbers]
        for split, numbers in splits.items()
    }
    task = Task(
        METRIC,
        {"metric.py": metric, "solution.csv": solution, "submission.csv": submission},
        {"row_id_column_name": id_column, "splits": rows},
        limits,
    )
    answer = run(task, lambda *_: None)
    if answer.fault is not None:
        raise verdict(METRIC, *answer.fault)
    scores = answer.arrays.get("scores")
    if scores is None or scores.dtype != np.float64 or scores.shape != (len(rows),):
        raise no_answer(METRIC)
    if not np.isfinite(scores).all():
        raise verdict(METRIC, "metric_result", {"found": str(scores.tolist())})
    return dict(zip(splits, scores.tolist(), strict=True))
