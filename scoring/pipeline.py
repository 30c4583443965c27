"""From a submission's file to its scores, as a list of steps."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from scoring.alignment import align, id_problems, order_of
from scoring.answers import given_parameters, prediction_of, text_problems, unfit_problem
from scoring.bootstrap import REPLICATES
from scoring.compiled import read_plain
from scoring.consistency import labels_of, takes_largest
from scoring.contract import Layout, Limits, MetricSpec, Score, Split
from scoring.errors import InvalidSubmission, Problem
from scoring.evaluation import Evaluation, Evaluator, in_order
from scoring.inspection import MAX_PROBLEMS
from scoring.intervals import packed, percentile_interval
from scoring.metrics.descriptions import METRICS
from scoring.metrics.functions import load, source_signature
from scoring.metrics.shapes import UnfitTexts
from scoring.probabilities import probability_problems
from scoring.reading import OpenedFile, open_file, read_checked, read_fast
from scoring.signatures import Made, signature
from scoring.solutions import PreparedSolution
from scoring.tables import Ids, Integers, Table
from scoring.unpacking import Format


def score_files(
    submission: Path,
    name: str,
    solution: PreparedSolution,
    *,
    layout: Layout,
    metrics: Sequence[MetricSpec],
    limits: Limits,
    submission_sha256: str | None = None,
    replicates: int = REPLICATES,
) -> tuple[Score, ...]:
    """Score one file: every metric on every split that has rows.

    Args:
        submission: Where the file lies.
        name: What the participant called it.
        solution: The truth.
        layout: The columns that are needed.
        metrics: What to compute; the first one ranks.
        limits: How large the file may be.
        submission_sha256: The hash of the file's bytes, where it is known.
        replicates: How many bootstrap replicates to make; 0 for no intervals.

    Raises:
        InvalidSubmission: with everything that is wrong with the file, not only the first thing.
    """
    digest = submission_sha256 or _sha256(submission)
    file = open_file(
        submission, name=name, layout=layout, limits=limits, expected_rows=len(solution.ids)
    )
    table, index = read_and_align(file, solution.ids, solution.order, metrics)
    splits = solution.splits
    evaluator = Evaluator(
        solution.usage, splits, solution.seed, replicates, known_totals=solution.totals
    )
    predictions: dict[object, Any] = {}
    scores: list[Score] = []
    for spec, truth in zip(metrics, solution.truths, strict=True):
        # Metrics of the same columns share what is made of them.
        labels = tuple(labels_of(spec)) if takes_largest(spec) else ()
        key = (METRICS[spec.name].answer, spec.target, spec.prediction, labels)
        if key not in predictions:
            predictions[key] = prediction_of(spec, table, truth.classes)
        parameters = given_parameters(spec, truth.classes)
        source = source_signature(spec.name, parameters, references=len(spec.target))
        made = Made(spec, solution.sha256, digest, solution.seed, replicates, source)
        try:
            evaluations = evaluator.evaluate(
                load(spec.name),
                truth.truth,
                predictions[key],
                parameters=parameters,
                known=len(truth.classes),
                weights=truth.weights,
                index=index,
                key=key,
            )
        except UnfitTexts as error:
            # Reading row by row tells the lines.
            lined = read_checked(file).table
            raise InvalidSubmission(unfit_problem(error, spec, lined, index)) from None
        scores.extend(
            _score(made, split, evaluation, splits[split].size)
            for split, evaluation in evaluations.items()
        )
    return tuple(scores)


def write_aligned(
    submission: Path,
    name: str,
    expected: Ids,
    *,
    layout: Layout,
    limits: Limits,
    target: Path,
) -> None:
    """Write a submission's needed columns, in the solution's order of rows, as plain CSV.

    Raises:
        InvalidSubmission: with everything that is wrong with the file.
    """
    file = open_file(
        submission, name=name, layout=layout, limits=limits, expected_rows=len(expected)
    )
    table, index = read_and_align(file, expected, order_of(expected), ())
    columns = {layout.id_column: expected}
    columns |= {column: in_order(table.columns[column], index) for column in layout.columns}
    pl.DataFrame(columns).write_csv(target)


def read_and_align(
    file: OpenedFile, expected: Ids, order: Integers, metrics: Sequence[MetricSpec]
) -> tuple[Table, Integers | slice]:
    """The rows, and the index that puts them into the solution's order.

    The fast readers are believed only when all is well; otherwise the file is read again row by
    row, which finds every problem and its line.
    """
    table = _read_compiled(file, expected) or read_fast(file)
    if table is not None:
        index = align(table.ids, expected, order)
        if index is not None and not [
            *probability_problems(table, metrics),
            *text_problems(table, metrics),
        ]:
            return table, index
    checked = read_checked(file)
    table = checked.table
    problems = [
        *checked.problems,
        *id_problems(table, expected, is_whole=checked.is_whole),
        *probability_problems(table, metrics),
        *text_problems(table, metrics),
    ]
    if problems:
        raise InvalidSubmission(*problems[:MAX_PROBLEMS])
    index = align(table.ids, expected, order)
    if index is None:
        raise AssertionError("ids without a problem always align")
    return table, index


def _read_compiled(file: OpenedFile, expected: Ids) -> Table | None:
    if file.format is not Format.CSV or isinstance(expected, list):
        return None
    return read_plain(file.content, columns=file.columns, layout=file.layout, rows=len(expected))


def _score(made: Made, split: Split, evaluation: Evaluation, rows: int) -> Score:
    if not math.isfinite(evaluation.value):
        params: dict[str, str | int] = {"metric": METRICS[made.spec.name].title}
        raise InvalidSubmission(Problem("score_not_finite", params))
    interval = None if evaluation.replicates is None else percentile_interval(evaluation.replicates)
    low, high = interval or (None, None)
    vector = (
        b"" if interval is None or evaluation.replicates is None else packed(evaluation.replicates)
    )
    return Score(
        metric=made.spec.name,
        split=split,
        value=evaluation.value,
        rows=rows,
        signature=signature(made, split, rows, has_interval=interval is not None),
        low=low,
        high=high,
        replicates=base64.b64encode(vector),
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
