"""The shapes that metrics come in: what a metric keeps of each row, and how that becomes a score.

A metric's module has a documented function of truth and answers, and ``METRIC``, one of these
shapes. The shape lets the engine compute both splits in one pass and 1,024 bootstrap replicates
from sums, without calling the function a thousand times:

- `RowMetric`: a function of weighted sums of something computed for each row (means, BLEU, R²);
- `TallyMetric`: a function of how often each class occurs, is predicted, and is hit;
- `ConfusionMetric`: a function of the whole confusion matrix;
- `WeightedMetric`: anything else that knows what to do with row weights (ranks, medians).

A metric that has no value for some data (one class only, say) gives NaN; the pipeline then refuses
the score and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Truth = Any
"""What `scoring.answers` makes of the truth's column(s); see `scoring.metrics.description.Answer`."""
Prepared = Mapping[str, NDArray[Any]]
"""What a metric computed of the truth once, kept in the solution's cache."""

MAX_CONFUSED = 500
"""The most classes of a metric that needs the whole confusion matrix."""


@dataclass(frozen=True, slots=True)
class RowFault:
    """Something wrong with one answer that only the metric can see.

    Attributes:
        row: Its index.
        reason: What is wrong, as words that follow the value: ``has an odd number of values``.
    """

    row: int
    reason: str


class UnfitTexts(ValueError):
    """Texts that only show to be wrong when truth and answers, or several columns, are compared.

    `RowMetric.prepare` raises it for the truth, and `RowMetric.rows` for the answers.

    Attributes:
        faults: What is wrong, by the rows of the solution.
        column: Which of the metric's columns is wrong, from 0.
    """

    def __init__(self, faults: Sequence[RowFault], *, column: int = 0) -> None:
        super().__init__(f"row {faults[0].row} {faults[0].reason}")
        self.faults = faults
        self.column = column


Check = Callable[..., Sequence[RowFault]]
"""``check(values, **parameters)``: what is wrong with a column of answers or truths, texts or
numbers."""


@dataclass(frozen=True, slots=True)
class RowMetric:
    """A function of weighted sums over the rows.

    Attributes:
        rows: ``rows(truth, prediction, **parameters)``: what each row adds, shape (n,) or (n, k).
            Called once with all rows of the solution, whatever their split.
        finish: ``finish(sums, total, **parameters)``: from sums of shape (..., k) and sums of
            weights of shape (...) to scores of shape (...).
        prepare: ``prepare(truth, **parameters)``: arrays computed of the truth once; `rows` is
            then given these instead of the truth.
        check: What is wrong with the answers.
        check_truth: What is wrong with the truth.
    """

    rows: Callable[..., Floats]
    finish: Callable[..., Floats]
    prepare: Callable[..., Prepared] | None = None
    check: Check | None = None
    check_truth: Check | None = None

    def value(
        self, truth: Truth, prediction: Any, *, weights: Floats | None = None, **parameters: Any
    ) -> float:
        """The score of all rows together."""
        given = truth if self.prepare is None else self.prepare(truth, **parameters)
        rows = as_columns(self.rows(given, prediction, **parameters))
        if rows.shape[0] == 0:
            raise ValueError("there are no rows")
        sums, total = weighted_sums(rows, weights)
        return float(self.finish(sums, total, **parameters))


@dataclass(frozen=True, slots=True)
class Tallies:
    """How often each class is hit, occurs and is predicted; the last axis is the class.

    Attributes:
        hits: Rows whose label is right, shape (..., classes).
        truths: Rows of the class, same shape.
        predictions: Rows predicted to be of the class, same shape.
        known: How many classes the solution has; those from there on were only predicted.
    """

    hits: Floats
    truths: Floats
    predictions: Floats
    known: int

    @property
    def total(self) -> Floats:
        """How many rows there are, shape (...)."""
        total: Floats = self.truths.sum(axis=-1)
        return total


@dataclass(frozen=True, slots=True)
class TallyMetric:
    """A function of `Tallies`: ``finish(tallies, **parameters)`` gives scores of shape (...)."""

    finish: Callable[..., Floats]

    def value(
        self, truth: Integers, prediction: Integers, *, known: int | None = None, **parameters: Any
    ) -> float:
        """The score of all rows together; classes are numbers from 0."""
        return float(self.finish(tally(truth, prediction, known=known), **parameters))


@dataclass(frozen=True, slots=True)
class ConfusionMetric:
    """A function of the confusion matrix: ``finish(counts, **parameters)``.

    The counts have shape (..., classes, classes), the truth first.
    """

    finish: Callable[..., Floats]

    def value(
        self, truth: Integers, prediction: Integers, *, known: int | None = None, **parameters: Any
    ) -> float:
        """The score of all rows together; classes are numbers from 0."""
        classes = class_count(truth, prediction, known=known)
        cells = np.bincount(truth * classes + prediction, minlength=classes * classes)
        counts = cells.reshape(classes, classes).astype(np.float64)
        return float(self.finish(counts, **parameters))


@dataclass(frozen=True, slots=True)
class WeightedMetric:
    """Anything else: ``function(truth, prediction, *, weights=None, **parameters)``.

    A truth that is an array is cut to a split's rows, and the answers with it; of any other truth
    the rows of the other split are given the weight 0.

    Attributes:
        function: The score; weights are non-negative numbers, shape (n,).
        replicates: ``replicates(truth, prediction, rows, seed, count, *, totals, **parameters)``: the
            scores under `count` vectors of bootstrap weights, `rows` being the rows' numbers in
            the solution and `totals` their sums of weights. Without it, `function` is called `count` times, which is for small data.
        prepare: As in `RowMetric`.
        check: As in `RowMetric`.
        check_truth: As in `RowMetric`.
        interval_rows: The most rows for which calling `function` for every replicate is cheap.
    """

    function: Callable[..., float]
    replicates: Callable[..., Floats | None] | None = None
    prepare: Callable[..., Prepared] | None = None
    check: Check | None = None
    check_truth: Check | None = None
    interval_rows: int = 2_000

    def value(
        self, truth: Truth, prediction: Any, *, weights: Floats | None = None, **parameters: Any
    ) -> float:
        """The score of all rows together."""
        given = truth if self.prepare is None else self.prepare(truth, **parameters)
        return self.function(given, prediction, weights=weights, **parameters)


Metric = RowMetric | TallyMetric | ConfusionMetric | WeightedMetric


def as_columns(rows: Floats) -> Floats:
    """Rows of shape (n, k), whether they came as (n,) or (n, k)."""
    return rows.reshape(-1, 1) if rows.ndim == 1 else rows


def weighted_sums(rows: Floats, weights: Floats | None) -> tuple[Floats, Floats]:
    """The sums over rows of shape (n, k), and the sum of weights."""
    if weights is None:
        return rows.sum(axis=0), np.asarray(float(rows.shape[0]))
    sums: Floats = weights @ rows
    return sums, np.asarray(weights.sum())


def class_count(truth: Integers, prediction: Integers, *, known: int | None = None) -> int:
    """How many classes are numbered: those of the solution and those that were only predicted."""
    if truth.shape != prediction.shape or truth.size == 0:
        raise ValueError(f"expected rows of one shape, not {truth.shape} and {prediction.shape}")
    if truth.min() < 0 or prediction.min() < 0:
        raise ValueError("classes are numbered from 0")
    return max(int(truth.max()) + 1, int(prediction.max()) + 1, known or 0)


def tally(truth: Integers, prediction: Integers, *, known: int | None = None) -> Tallies:
    """Count hits, truths and predictions of each class."""
    classes = class_count(truth, prediction, known=known)

    def counts(of: Integers) -> Floats:
        return np.bincount(of, minlength=classes).astype(np.float64)

    return Tallies(
        hits=counts(truth[truth == prediction]),
        truths=counts(truth),
        predictions=counts(prediction),
        known=int(truth.max()) + 1 if known is None else known,
    )


def ratio(numerator: Floats, denominator: Floats, *, otherwise: float = 0.0) -> Floats:
    """Division in which nothing divided by nothing is `otherwise`, without a warning."""
    result = np.full(np.broadcast_shapes(np.shape(numerator), np.shape(denominator)), otherwise)
    np.divide(numerator, denominator, out=result, where=np.asarray(denominator) != 0)
    return result
