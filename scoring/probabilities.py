"""Whether prediction columns can be probabilities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scoring.contract import MetricSpec
from scoring.errors import Problem
from scoring.metrics.descriptions import METRICS, Answer
from scoring.metrics.probability_rows import add_probabilities
from scoring.tables import Table, examples_of


def probability_problems(table: Table, metrics: Sequence[MetricSpec]) -> list[Problem]:
    """Values outside 0 to 1, and rows in which all are 0, of the metrics that need probabilities."""
    specs = [spec for spec in metrics if METRICS[spec.name].answer is Answer.PROBABILITIES]
    if all(_are_fine(table, spec.prediction) for spec in specs):
        return []
    problems = []
    for name in dict.fromkeys(name for spec in specs for name in spec.prediction):
        values = np.asarray(table.columns[name], dtype=np.float64)
        outside = np.flatnonzero(~((values >= 0.0) & (values <= 1.0))).tolist()
        if outside:
            examples = examples_of(table, outside, table.columns[name])
            problems.append(Problem("probability_range", {"column": name}, len(outside), examples))
    if problems:
        return problems
    for names in dict.fromkeys(spec.prediction for spec in specs if len(spec.prediction) > 1):
        total = sum(np.asarray(table.columns[name], dtype=np.float64) for name in names)
        empty = np.flatnonzero(np.asarray(total) <= 0.0).tolist()
        if empty:
            examples = examples_of(table, empty)
            problems.append(Problem("probability_sum", {}, len(empty), examples))
    return problems


def _are_fine(table: Table, names: Sequence[str]) -> bool:
    """Whether every value is between 0 and 1 and every row has one above 0, in few passes."""
    columns = [np.asarray(table.columns[name], dtype=np.float64) for name in names]
    sums = np.zeros(len(columns[0]))
    are_inside = all(add_probabilities(column, sums) for column in columns)
    return are_inside and (len(columns) == 1 or bool(sums.min() > 0.0))
