"""Columns of the solution and of a submission as the metrics take them.

Labels become class numbers: those of the solution from 0, in sorted order; a label that the
solution has not gets a number of its own above them. Where a metric of labels is given one column
a class, the classes are those of the columns, and the answer is that of the largest value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.consistency import labels_of, takes_largest
from scoring.contract import ColumnType, Layout, MetricSpec
from scoring.errors import BrokenCompetition, Problem
from scoring.largest import numbers_of_largest
from scoring.metrics.descriptions import METRICS, Answer, ParameterType
from scoring.metrics.functions import load
from scoring.metrics.shapes import Floats, RowMetric, UnfitTexts, WeightedMetric
from scoring.tables import Column, Integers, Table, examples_of

Classes = NDArray[Any] | tuple[str, ...]
"""The label of each class number: numbers ascending, or texts."""

NO_CLASSES: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreparedTruth:
    """One metric's side of the solution.

    Attributes:
        truth: What the metric is given: an array, columns of text, or what it prepared itself.
        classes: The labels behind class numbers; empty where there are none.
        weights: Each row's weight; None where all weigh the same.
    """

    truth: Any
    classes: Classes = NO_CLASSES
    weights: Floats | None = None


def truth_types(layout: Layout, metrics: Sequence[MetricSpec]) -> dict[str, ColumnType]:
    """The type of each truth column, from what its metrics compare it with.

    Raises:
        BrokenCompetition: a column would have to be of two types.
    """
    types: dict[str, ColumnType] = {}
    for spec in metrics:
        kind = _truth_type(spec, layout)
        wanted = [(name, kind) for name in spec.target]
        if spec.weights:
            wanted.append((spec.weights, ColumnType.NUMBER))
        for name, one in wanted:
            other = types.setdefault(name, one)
            if other is one:
                continue
            if {one, other} == {ColumnType.INTEGER, ColumnType.NUMBER}:
                # Whole numbers are numbers too, so the stricter of the two types serves both.
                types[name] = ColumnType.INTEGER
            elif {one, other} == {ColumnType.TEXT, ColumnType.SEQUENCE}:
                types[name] = ColumnType.SEQUENCE
            else:
                reason = f"the column “{name}” would be both text and number"
                params: dict[str, str | int] = {"metric": spec.name, "reason": reason}
                raise BrokenCompetition(Problem("metric_parameters", params))
    return types


def _truth_type(spec: MetricSpec, layout: Layout) -> ColumnType:
    match METRICS[spec.name].answer:
        case Answer.LABEL if not takes_largest(spec):
            return layout.columns[spec.prediction[0]]
        case Answer.NUMBER | Answer.NUMBERS:
            return ColumnType.NUMBER
        case Answer.SCORE:
            positive = spec.parameters.get("positive")
            return ColumnType.TEXT if isinstance(positive, str) else ColumnType.INTEGER
        case Answer.PROBABILITIES | Answer.LABEL:
            is_text = isinstance(labels_of(spec)[0], str)
            return ColumnType.TEXT if is_text else ColumnType.INTEGER
        case Answer.TEXT:
            return ColumnType.TEXT
        case Answer.SEQUENCE:
            return ColumnType.SEQUENCE


def prepare_truth(spec: MetricSpec, layout: Layout, table: Table) -> PreparedTruth:
    """The truth as a metric takes it.

    Raises:
        BrokenCompetition: a value can't be what the metric needs.
    """
    columns = [table.columns[name] for name in spec.target]
    weights = _weights(spec, table)
    match METRICS[spec.name].answer:
        case Answer.NUMBER | Answer.NUMBERS:
            numbers = np.asarray(columns[0], dtype=np.float64)
            _check_truth(spec, (numbers,))
            return PreparedTruth(numbers, weights=weights)
        case Answer.LABEL if takes_largest(spec):
            classes = _classes_of_columns(spec)
            _refuse_many_classes(spec, classes)
            return PreparedTruth(_class_numbers(spec, columns[0]), classes, weights)
        case Answer.LABEL:
            column: Column = columns[0]
            if layout.columns[spec.prediction[0]] is ColumnType.NUMBER:
                column = np.asarray(column, dtype=np.float64)
            truth, classes = _numbered(column)
            _refuse_many_classes(spec, classes)
            return PreparedTruth(truth, classes, weights)
        case Answer.SCORE:
            return PreparedTruth(_is_positive(spec, columns[0]), weights=weights)
        case Answer.PROBABILITIES:
            classes = tuple(map(str, labels_of(spec)))
            return PreparedTruth(_class_numbers(spec, columns[0]), classes, weights)
        case Answer.TEXT | Answer.SEQUENCE:
            texts = tuple(column for column in columns if isinstance(column, list))
            return PreparedTruth(_prepared_texts(spec, texts), weights=weights)


def _prepared_texts(spec: MetricSpec, texts: tuple[list[str], ...]) -> Any:
    metric = load(spec.name)
    parameters = given_parameters(spec)
    if not isinstance(metric, RowMetric | WeightedMetric):
        raise TypeError(f"{spec.name} takes no text")
    _check_truth(spec, texts)
    if metric.prepare is None:
        return texts
    try:
        return dict(metric.prepare(texts, **parameters))
    except UnfitTexts as error:
        params: dict[str, str | int] = {
            "column": spec.target[error.column],
            "reason": error.faults[0].reason,
        }
        raise BrokenCompetition(Problem("solution_texts", params, len(error.faults))) from None


def _check_truth(spec: MetricSpec, columns: Sequence[Column]) -> None:
    """Refuse a truth that only the metric can tell to be wrong."""
    metric = load(spec.name)
    if not isinstance(metric, RowMetric | WeightedMetric) or metric.check_truth is None:
        return
    for name, column in zip(spec.target, columns, strict=True):
        faults = metric.check_truth(column, **given_parameters(spec))
        if faults:
            params: dict[str, str | int] = {"column": name, "reason": faults[0].reason}
            raise BrokenCompetition(Problem("solution_texts", params, len(faults)))


def prediction_of(spec: MetricSpec, table: Table, classes: Classes) -> Any:
    """The answer columns as a metric takes them, in the file's order of rows."""
    columns = [table.columns[name] for name in spec.prediction]
    match METRICS[spec.name].answer:
        case Answer.LABEL if takes_largest(spec):
            return numbers_of_largest([np.asarray(one, dtype=np.float64) for one in columns])
        case Answer.LABEL:
            return _coded(columns[0], classes)
        case Answer.NUMBER | Answer.SCORE:
            return np.asarray(columns[0], dtype=np.float64)
        case Answer.PROBABILITIES if len(columns) == 1:
            second = np.asarray(columns[0], dtype=np.float64)
            return np.stack([1.0 - second, second]).T
        case Answer.PROBABILITIES | Answer.NUMBERS:
            return _side_by_side([np.asarray(column, dtype=np.float64) for column in columns])
        case Answer.TEXT | Answer.SEQUENCE:
            return columns[0]


def _side_by_side(columns: Sequence[Floats]) -> Floats:
    """Columns as one array, shape (n, columns), each a contiguous stretch of it.

    Columns that are the rows of one array already, in order, are not copied.
    """
    block = columns[0].base
    if not isinstance(block, np.ndarray) or block.shape != (len(columns), columns[0].size):
        return np.stack(columns).T
    if all(np.shares_memory(one, row) for one, row in zip(columns, block, strict=True)):
        whole: Floats = block.T
        return whole
    return np.stack(columns).T


def text_problems(table: Table, metrics: Sequence[MetricSpec]) -> Iterator[Problem]:
    """Answers that only a metric can tell to be wrong: texts it can't read, numbers out of range."""
    for spec in metrics:
        metric = load(spec.name)
        if not isinstance(metric, RowMetric | WeightedMetric) or metric.check is None:
            continue
        column = table.columns[spec.prediction[0]]
        reasons: dict[str, list[int]] = {}
        for fault in metric.check(column, **given_parameters(spec)):
            reasons.setdefault(fault.reason, []).append(fault.row)
        for reason, rows in reasons.items():
            params: dict[str, str | int] = {"column": spec.prediction[0], "reason": reason}
            yield Problem("unreadable_answer", params, len(rows), examples_of(table, rows, column))


def unfit_problem(
    error: UnfitTexts, spec: MetricSpec, table: Table, index: Integers | slice
) -> Problem:
    """Answers that do not fit their rows of the solution, as a problem of the file's rows."""
    reason = error.faults[0].reason
    rows = [fault.row for fault in error.faults if fault.reason == reason]
    if not isinstance(index, slice):
        rows = index[rows].tolist()
    params: dict[str, str | int] = {"column": spec.prediction[0], "reason": reason}
    examples = examples_of(table, rows, table.columns[spec.prediction[0]])
    return Problem("unreadable_answer", params, len(rows), examples)


def given_parameters(spec: MetricSpec, classes: Classes = NO_CLASSES) -> dict[str, Any]:
    """A metric's options with their defaults; labels as class numbers."""
    described = METRICS[spec.name].parameters
    parameters: dict[str, Any] = {}
    for name, description in described.items():
        value = spec.parameters.get(name, description.default)
        if description.type is ParameterType.LABEL and value is not None:
            if METRICS[spec.name].answer is Answer.SCORE:
                continue  # the truth is 1 for it already
            value = _class_number(spec, name, value, classes)
        parameters[name] = value
    if METRICS[spec.name].answer in {Answer.PROBABILITIES, Answer.LABEL}:
        # They have become the order of the columns.
        parameters.pop("labels", None)
    return parameters


def _class_number(spec: MetricSpec, name: str, value: object, classes: Classes) -> int:
    known = classes if isinstance(classes, tuple) else tuple(classes.tolist())
    if value not in known:
        reason = f"{name}: the solution has no label {value}"
        params: dict[str, str | int] = {"metric": spec.name, "reason": reason}
        raise BrokenCompetition(Problem("metric_parameters", params))
    return known.index(value)


def _refuse_many_classes(spec: MetricSpec, classes: Classes) -> None:
    """A binary average over more than two labels must say which one is the positive one."""
    parameters = given_parameters(spec, classes)
    is_binary = parameters.get("average") == "binary" and parameters.get("positive") is None
    if is_binary and len(classes) > 2:
        reason = f"the solution has {len(classes)} labels, so name `positive` or another `average`"
        params: dict[str, str | int] = {"metric": spec.name, "reason": reason}
        raise BrokenCompetition(Problem("metric_parameters", params))


def _weights(spec: MetricSpec, table: Table) -> Floats | None:
    if spec.weights is None:
        return None
    weights = np.asarray(table.columns[spec.weights], dtype=np.float64)
    wrong = int(np.count_nonzero(~(weights >= 0.0)))
    if wrong or weights.sum() <= 0.0:
        params: dict[str, str | int] = {"column": spec.weights, "expected": "weights of 0 or more"}
        raise BrokenCompetition(Problem("solution_values", params, max(wrong, 1)))
    return weights


def _is_positive(spec: MetricSpec, column: Column) -> Integers:
    positive = spec.parameters.get("positive", 1)
    values = np.array(column) if isinstance(column, list) else column
    is_positive = values == positive
    if np.unique(values[~is_positive]).size > 1:
        reason = f"the column “{spec.target[0]}” has more than two labels"
        params: dict[str, str | int] = {"metric": spec.name, "reason": reason}
        raise BrokenCompetition(Problem("metric_parameters", params))
    truth: Integers = is_positive.astype(np.int64)
    return truth


def _classes_of_columns(spec: MetricSpec) -> Classes:
    """The label of each prediction column of a metric that takes the largest."""
    labels = labels_of(spec)
    return tuple(map(str, labels)) if isinstance(labels[0], str) else np.array(labels)


def _class_numbers(spec: MetricSpec, column: Column) -> Integers:
    numbers = {label: number for number, label in enumerate(labels_of(spec))}
    plain: Sequence[Any] = column if isinstance(column, list) else column.tolist()
    codes = np.array([numbers.get(value, -1) for value in plain], dtype=np.int64)
    unknown = int(np.count_nonzero(codes < 0))
    if unknown:
        raise BrokenCompetition(Problem("label_unknown", {"column": spec.target[0]}, unknown))
    return codes


def _numbered(column: Column) -> tuple[Integers, Classes]:
    """Class numbers, and the label of each."""
    if isinstance(column, list):
        texts = tuple(sorted(set(column)))
        return _coded(column, texts), texts
    classes, numbers = np.unique(column, return_inverse=True)
    return numbers.astype(np.int64), classes


def _coded(column: Column, classes: Classes) -> Integers:
    """Each label's class number; labels that are none of the classes are numbered above them."""
    if isinstance(column, list) or isinstance(classes, tuple):
        numbers: dict[object, int] = {label: number for number, label in enumerate(classes)}
        codes = (numbers.setdefault(label, len(numbers)) for label in column)
        return np.fromiter(codes, dtype=np.int64, count=len(column))
    lowest, highest, count = classes[0], classes[-1], classes.size
    is_dense = np.issubdtype(classes.dtype, np.integer) and highest - lowest == count - 1
    if is_dense and column.min() >= lowest and column.max() <= highest:
        return column.astype(np.int64, copy=False) - int(lowest) if lowest else column  # type: ignore[return-value]
    places = np.minimum(np.searchsorted(classes, column), count - 1)
    is_unknown = classes[places] != column
    if is_unknown.any():
        _, extra = np.unique(column[is_unknown], return_inverse=True)
        places[is_unknown] = count + extra
    return places.astype(np.int64, copy=False)
