"""One metric on both splits at once: its value, and its value under each bootstrap replicate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.alignment import SAME_ORDER
from scoring.bootstrap import REPLICATES, cell_sums, value_sums, weight_totals, weights_of
from scoring.cells import CellSums, counts_of, in_chunks, matrices, tallies_of
from scoring.contract import Split
from scoring.metrics.shapes import (
    MAX_CONFUSED,
    ConfusionMetric,
    Floats,
    Integers,
    Metric,
    RowMetric,
    Tallies,
    TallyMetric,
    WeightedMetric,
    as_columns,
    tally,
)

MAX_TABLE = 4_000_000
"""The most cells of a confusion matrix that is counted in one pass."""
MAX_CELLS = 100_000
"""The most distinct pairs of labels with an interval."""
MAX_VALUES = 100_000_000
"""The most values (rows times columns) with an interval."""
FEW_ROWS = 100
"""Below this a replicate may have no row at all."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A score on one split.

    Attributes:
        value: The score; may be NaN or infinite, which the caller refuses.
        replicates: The score under each bootstrap replicate, NaN where it has none, shape
            (replicates,); None where the metric and the data are too large for an interval.
    """

    value: float
    replicates: Floats | None


@dataclass(slots=True)
class Evaluator:
    """Evaluates the metrics of one submission, and keeps what several of them need.

    Attributes:
        usage: Each row's split, as in `PreparedSolution`.
        splits: The rows of each split.
        seed: What the bootstrap's weights are made from.
        count: How many replicates; 0 for none.
        known_totals: The sums of weights on each split, where they were computed before.
    """

    usage: NDArray[np.int8]
    splits: Mapping[Split, Integers]
    seed: int
    count: int = REPLICATES
    known_totals: Mapping[Split, Floats] = field(default_factory=dict)
    _totals: dict[Split, Floats] = field(default_factory=dict)
    _counts: dict[object, Any] = field(default_factory=dict)

    def evaluate(
        self,
        metric: Metric,
        truth: Any,
        prediction: Any,
        *,
        parameters: Mapping[str, Any],
        known: int = 0,
        weights: Floats | None = None,
        index: Integers | slice = SAME_ORDER,
        key: object = None,
    ) -> dict[Split, Evaluation]:
        """The score on each split that has rows.

        Args:
            metric: What to compute.
            truth: The truth of all rows of the solution.
            prediction: The answers, in the file's order of rows.
            parameters: The metric's options.
            known: How many classes the solution has.
            weights: Each row's weight.
            index: Where in the file the row of each of the solution's rows stands.
            key: Names truth and prediction, so that metrics of the same columns share counts.
        """
        if key is None:
            key = object()
        # A score that is undefined is NaN, not a warning; the caller refuses it.
        with np.errstate(all="ignore"):
            if isinstance(metric, RowMetric):
                evaluations = self._summed(metric, truth, prediction, parameters, weights, index)
            else:
                ordered = self._shared((key, "ordered"), in_order, prediction, index)
                evaluations = self._evaluate(
                    metric, truth, ordered, parameters, known, weights, key
                )
        for split, evaluation in evaluations.items():
            # Of more rows than that some always weigh something.
            if evaluation.replicates is not None and self.splits[split].size < FEW_ROWS:
                evaluation.replicates[self.totals(split) == 0.0] = np.nan
        return evaluations

    def _evaluate(
        self,
        metric: TallyMetric | ConfusionMetric | WeightedMetric,
        truth: Any,
        prediction: Any,
        parameters: Mapping[str, Any],
        known: int,
        weights: Floats | None,
        key: object,
    ) -> dict[Split, Evaluation]:
        match metric:
            case TallyMetric():
                return self._tallied(metric, truth, prediction, parameters, known, key)
            case ConfusionMetric():
                return self._confused(metric, truth, prediction, parameters, known, key)
            case WeightedMetric():
                return self._weighted(metric, truth, prediction, parameters, weights)

    def totals(self, split: Split) -> Floats:
        """The sum of each replicate's weights on a split, shape (replicates,)."""
        known = self.known_totals.get(split)
        if known is not None and known.size == self.count:
            return known
        if split not in self._totals:
            rows = self.splits[split]
            self._totals[split] = weight_totals(rows, seed=self.seed, count=self.count)
        return self._totals[split]

    def _summed(
        self,
        metric: RowMetric,
        truth: Any,
        prediction: Any,
        parameters: Mapping[str, Any],
        weights: Floats | None,
        index: Integers | slice,
    ) -> dict[Split, Evaluation]:
        values = as_columns(_row_values(metric, truth, prediction, parameters, index))
        if weights is not None:
            values = np.column_stack([values * weights[:, None], weights])
        results = {}
        for split, rows in self.splits.items():
            chosen = values.take(rows, axis=0)
            sums = chosen.sum(axis=0)
            if weights is None:
                value = metric.finish(sums, np.float64(rows.size), **parameters)
            else:
                value = metric.finish(sums[:-1], sums[-1], **parameters)
            replicates = None
            # One value that is not finite spoils every replicate that it is in.
            if self.count and chosen.size <= MAX_VALUES and np.isfinite(sums).all():
                totals = self.totals(split)
                sums = value_sums(chosen, rows, totals, seed=self.seed, count=self.count)
                if weights is not None:
                    totals, sums = sums[:, -1], sums[:, :-1]
                replicates = np.array(metric.finish(sums, totals, **parameters))
            results[split] = Evaluation(float(value), replicates)
        return results

    def _tallied(
        self,
        metric: TallyMetric,
        truth: Integers,
        prediction: Integers,
        parameters: Mapping[str, Any],
        known: int,
        key: object,
    ) -> dict[Split, Evaluation]:
        results = {}
        for split in self.splits:
            tallies = self._shared(
                (key, "tally", split), self._tally, truth, prediction, known, split
            )
            value = float(metric.finish(tallies, **parameters))
            replicates = None
            sums = self._shared((key, "cells", split), self._cells, truth, prediction, known, split)
            if sums is not None:
                finish = partial(_finish_tallies, metric, parameters, sums, known)
                replicates = in_chunks(finish, self.count, sums.classes)
            results[split] = Evaluation(value, replicates)
        return results

    def _confused(
        self,
        metric: ConfusionMetric,
        truth: Integers,
        prediction: Integers,
        parameters: Mapping[str, Any],
        known: int,
        key: object,
    ) -> dict[Split, Evaluation]:
        classes = max(int(truth.max()), int(prediction.max()), known - 1) + 1
        if classes > MAX_CONFUSED:
            return {split: Evaluation(float("nan"), None) for split in self.splits}
        results = {}
        for split, rows in self.splits.items():
            value = metric.value(
                truth.take(rows), prediction.take(rows), known=classes, **parameters
            )
            replicates = None
            sums = self._shared((key, "cells", split), self._cells, truth, prediction, known, split)
            if sums is not None:
                finish = partial(_finish_counts, metric, parameters, sums)
                replicates = in_chunks(finish, self.count, classes * classes)
            results[split] = Evaluation(value, replicates)
        return results

    def _weighted(
        self,
        metric: WeightedMetric,
        truth: Any,
        prediction: Any,
        parameters: Mapping[str, Any],
        weights: Floats | None,
    ) -> dict[Split, Evaluation]:
        results = {}
        for split, rows in self.splits.items():
            own = None if weights is None else weights.take(rows)
            some, answers = truth, prediction
            if isinstance(truth, np.ndarray):
                some, answers = truth.take(rows, axis=0), prediction.take(rows, axis=0)
            else:
                # What is no array is not cut; rows of the other split weigh nothing.
                own = np.zeros(self.usage.size)
                own[rows] = 1.0 if weights is None else weights[rows]
            value = metric.function(some, answers, weights=own, **parameters)
            replicates = None
            if self.count and np.isfinite(value):
                if metric.replicates is not None and weights is None:
                    replicates = metric.replicates(
                        some,
                        answers,
                        rows,
                        self.seed,
                        self.count,
                        totals=self.totals(split),
                        **parameters,
                    )
                else:
                    replicates = self._replicates(metric, some, answers, parameters, rows, own)
            results[split] = Evaluation(float(value), replicates)
        return results

    def _replicates(
        self,
        metric: WeightedMetric,
        truth: Any,
        prediction: Any,
        parameters: Mapping[str, Any],
        rows: Integers,
        weights: Floats | None,
    ) -> Floats | None:
        if rows.size > metric.interval_rows:
            return None
        drawn = weights_of(rows, seed=self.seed, count=self.count).astype(np.float64)
        if not isinstance(truth, np.ndarray):
            every = np.zeros((self.count, self.usage.size))
            every[:, rows] = drawn
            drawn = every
        if weights is not None:
            drawn = drawn * weights
        return np.array(
            [metric.function(truth, prediction, weights=one, **parameters) for one in drawn]
        )

    def _shared(self, key: object, make: Any, *arguments: Any) -> Any:
        if key not in self._counts:
            self._counts[key] = make(*arguments)
        return self._counts[key]

    def _tally(self, truth: Integers, prediction: Integers, known: int, split: Split) -> Tallies:
        classes = max(int(truth.max()), int(prediction.max()), known - 1) + 1
        if classes * classes > MAX_TABLE:
            rows = self.splits[split]
            return tally(truth.take(rows), prediction.take(rows), known=known)
        counts = self._shared(
            ("matrix", id(truth), id(prediction)), matrices, self.usage, truth, prediction, classes
        )[_NUMBERS[split]].astype(np.float64)
        return Tallies(
            hits=np.diagonal(counts),
            truths=counts.sum(axis=1),
            predictions=counts.sum(axis=0),
            known=known,
        )

    def _cells(
        self, truth: Integers, prediction: Integers, known: int, split: Split
    ) -> CellSums | None:
        if not self.count:
            return None
        classes = max(int(truth.max()), int(prediction.max()), known - 1) + 1
        rows = self.splits[split]
        cells = truth.take(rows) * classes + prediction.take(rows)
        if classes * classes > MAX_CELLS and np.unique(cells).size > MAX_CELLS:
            return None
        return CellSums(*cell_sums(cells, rows, seed=self.seed, count=self.count), classes)


def in_order(prediction: Any, index: Integers | slice) -> Any:
    """The answers in the solution's order of rows."""
    if isinstance(index, slice):
        return prediction
    if isinstance(prediction, list):
        return [prediction[row] for row in index.tolist()]
    # Twice as fast as indexing.
    return prediction.take(index, axis=0)


def _row_values(
    metric: RowMetric,
    truth: Any,
    prediction: Any,
    parameters: Mapping[str, Any],
    index: Integers | slice,
) -> Floats:
    """What each row adds, in the solution's order."""
    is_wide = isinstance(prediction, np.ndarray) and prediction.ndim == 2
    if isinstance(index, slice) or not (is_wide and isinstance(truth, np.ndarray)):
        return metric.rows(truth, in_order(prediction, index), **parameters)
    # Moving one column of truths, and what comes of them, is cheaper than many of answers.
    moved = np.empty_like(truth)
    moved[index] = truth
    return metric.rows(moved, prediction, **parameters).take(index, axis=0)


_NUMBERS = {Split.PUBLIC: 0, Split.PRIVATE: 1}


def _finish_tallies(
    metric: TallyMetric,
    parameters: Mapping[str, Any],
    cells: CellSums,
    known: int,
    part: slice,
) -> Floats:
    return metric.finish(tallies_of(cells, known, part), **parameters)


def _finish_counts(
    metric: ConfusionMetric, parameters: Mapping[str, Any], cells: CellSums, part: slice
) -> Floats:
    return metric.finish(counts_of(cells, part), **parameters)
