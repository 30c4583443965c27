"""From a submission's file to its scores, as a list of steps."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.alignment import align, id_problems
from scoring.contract import Layout, Limits, MetricSpec, Score, Split
from scoring.errors import InvalidSubmission, Problem
from scoring.inspection import MAX_PROBLEMS
from scoring.metrics.descriptions import METRICS, Answer
from scoring.metrics.functions import FUNCTIONS
from scoring.probabilities import probability_problems
from scoring.reading import OpenedFile, open_file, read_checked, read_fast
from scoring.solutions import PreparedSolution
from scoring.tables import Column, Ids, Integers, Table
from scoring.version import ENGINE_VERSION

Prediction = NDArray[np.int64] | NDArray[np.float64]


def score_files(
    submission: Path,
    name: str,
    solution: PreparedSolution,
    *,
    layout: Layout,
    metrics: Sequence[MetricSpec],
    limits: Limits,
    submission_sha256: str | None = None,
) -> tuple[Score, ...]:
    """Score one file: every metric on every split that has rows.

    Raises:
        InvalidSubmission: with everything that is wrong with the file, not only the first thing.
    """
    digest = submission_sha256 or _sha256(submission)
    file = open_file(
        submission, name=name, layout=layout, limits=limits, expected_rows=len(solution.ids)
    )
    table, index = read_and_align(file, solution.ids, solution.order, metrics)
    scores = []
    for number, spec in enumerate(metrics):
        prediction = _prediction(spec, table, solution.classes[number])[index]
        for split, rows in solution.splits.items():
            if rows.size:
                value = _value(spec, solution.targets[number][rows], prediction[rows])
                signature = _signature(spec, split, rows.size, solution.sha256, digest)
                scores.append(
                    Score(
                        metric=spec.name,
                        split=split,
                        value=value,
                        rows=rows.size,
                        signature=signature,
                    )
                )
    return tuple(scores)


def read_and_align(
    file: OpenedFile, expected: Ids, order: Integers, metrics: Sequence[MetricSpec]
) -> tuple[Table, Integers | slice]:
    """The rows, and the index that puts them into the solution's order.

    The fast reader is believed only when all is well; otherwise the file is read again row by
    row, which finds every problem and its line.
    """
    table = read_fast(file)
    if table is not None:
        index = align(table.ids, expected, order)
        if index is not None and not probability_problems(table, metrics):
            return table, index
    checked = read_checked(file)
    table = checked.table
    problems = [
        *checked.problems,
        *id_problems(table, expected, is_whole=checked.is_whole),
        *probability_problems(table, metrics),
    ]
    if problems:
        raise InvalidSubmission(*problems[:MAX_PROBLEMS])
    index = align(table.ids, expected, order)
    if index is None:
        raise AssertionError("ids without a problem always align")
    return table, index


def _prediction(spec: MetricSpec, table: Table, classes: Sequence[str]) -> Prediction:
    """The answer columns as the metric's function takes them."""
    columns = [table.columns[name] for name in spec.prediction]
    match METRICS[spec.name].answer:
        case Answer.LABEL:
            return _labels(columns[0], classes)
        case Answer.NUMBER:
            return np.asarray(columns[0], dtype=np.float64)
        case Answer.PROBABILITIES if len(columns) == 1:
            second = np.asarray(columns[0], dtype=np.float64)
            return np.column_stack([1.0 - second, second])
        case Answer.PROBABILITIES:
            return np.column_stack([np.asarray(column, dtype=np.float64) for column in columns])


def _labels(column: Column, classes: Sequence[str]) -> Prediction:
    """Labels as numbers; each text that is no class of the solution gets a number of its own."""
    if not isinstance(column, list):
        return column
    numbers = {label: number for number, label in enumerate(classes)}
    codes = (numbers.setdefault(label, len(numbers)) for label in column)
    return np.fromiter(codes, dtype=np.int64, count=len(column))


def _value(spec: MetricSpec, target: NDArray[Any], prediction: Prediction) -> float:
    value = FUNCTIONS[spec.name](target, prediction)
    if not math.isfinite(value):
        params: dict[str, str | int] = {"metric": METRICS[spec.name].title}
        raise InvalidSubmission(Problem("score_not_finite", params))
    return value


def _signature(spec: MetricSpec, split: Split, rows: int, solution: str, submission: str) -> str:
    """What made a score, after sacreBLEU: two scores compare if these agree."""
    parameters = json.dumps(spec.parameters, sort_keys=True, separators=(",", ":"))
    return "|".join(
        [
            spec.name,
            parameters,
            split.value,
            f"rows:{rows}",
            f"solution:{solution[:8]}",
            f"submission:{submission[:8]}",
            f"agon:{ENGINE_VERSION}",
        ]
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
