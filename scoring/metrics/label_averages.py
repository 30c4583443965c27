"""Averages over sets of labels, and their bootstrap replicates.

A `Quotient` makes a value of how many labels are hit, true and predicted; the averages differ in
what is counted together: all labels of all rows, each label, or each row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from scoring.bootstrap import cell_sums, value_sums, weight_totals
from scoring.metrics.label_sets import LabelSets, compared, prepare_labels
from scoring.metrics.shapes import Floats, Integers, Prepared, WeightedMetric, ratio

MAX_LABELS = 20_000
"""The most different labels of a macro average with an interval."""

Quotient = Callable[..., tuple[Floats, Floats]]
"""``quotient(hits, truths, predictions, **options)``: what to divide by what; nothing divided by
nothing means that nothing was there and nothing was said, and counts as 1."""


def label_metric(quotient: Quotient) -> WeightedMetric:
    """The metric of a quotient, with the option `average` beside the quotient's own."""

    def function(
        truth: Prepared,
        prediction: Sequence[str],
        *,
        average: str,
        weights: Floats | None = None,
        **options: Any,
    ) -> float:
        sets = compared(truth, prediction)
        used = np.ones(sets.truths.sizes.size) if weights is None else weights
        if used.max() <= 0.0:
            return float("nan")
        return _value(quotient, sets, used / used.max(), average, options)

    def replicates(
        truth: Prepared,
        prediction: Sequence[str],
        rows: Integers,
        seed: int,
        count: int,
        *,
        average: str,
        totals: Floats | None = None,
        **options: Any,
    ) -> Floats | None:
        sets = compared(truth, prediction)
        if average == "macro":
            return _macro_replicates(quotient, sets, rows, seed, count, options)
        if totals is None:
            totals = weight_totals(rows, seed=seed, count=count)
        counts = sets.counts[rows]
        if average == "micro":
            sums = value_sums(counts, rows, totals, seed=seed, count=count)
            # Whole numbers, of which the steps of `value_sums` are a hair off.
            return _ratio(quotient, np.rint(sums), options)
        values = _ratio(quotient, counts, options)[:, None]
        sums = value_sums(values, rows, totals, seed=seed, count=count)
        return ratio(sums[:, 0], totals, otherwise=np.nan)

    return WeightedMetric(function, replicates=replicates, prepare=prepare_labels)


def _value(
    quotient: Quotient,
    sets: LabelSets,
    weights: Floats,
    average: str,
    options: Mapping[str, Any],
) -> float:
    match average:
        case "micro":
            return float(_ratio(quotient, weights @ sets.counts, options))
        case "samples":
            values = _ratio(quotient, sets.counts, options)
            return float(weights @ values / weights.sum())
        case "macro":
            places = sets.numbered
            counts = [
                np.bincount(numbers, weights=weights[rows], minlength=places.labels)
                for numbers, rows in zip(places.numbers, places.rows, strict=True)
            ]
            return float(_macro(quotient, np.stack(counts, axis=-1), options))
    raise ValueError(f"there is no average “{average}”")


def _macro_replicates(
    quotient: Quotient,
    sets: LabelSets,
    rows: Integers,
    seed: int,
    count: int,
    options: Mapping[str, Any],
) -> Floats | None:
    places = sets.numbered
    if places.labels > MAX_LABELS:
        return None
    is_used = np.zeros(sets.truths.sizes.size, dtype=np.bool_)
    is_used[rows] = True
    counts = np.zeros((3, places.labels, count), dtype=np.uint32)
    for place, (numbers, owners) in enumerate(zip(places.numbers, places.rows, strict=True)):
        used = is_used[owners]
        if used.any():
            present, sums = cell_sums(numbers[used], owners[used], seed=seed, count=count)
            counts[place, present] = sums
    # One replicate after the other keeps the memory of all of them at four bytes a count.
    return np.array(
        [
            _macro(quotient, counts[:, :, number].T.astype(np.float64), options)
            for number in range(count)
        ]
    )


def _macro(quotient: Quotient, counts: Floats, options: Mapping[str, Any]) -> Floats:
    """The mean over the labels that are true or predicted anywhere; 1 where there are none."""
    is_seen = counts[:, 1] + counts[:, 2] > 0.0
    values = _ratio(quotient, counts, options)
    return ratio(values @ is_seen, is_seen.sum(), otherwise=1.0)


def _ratio(quotient: Quotient, counts: Floats, options: Mapping[str, Any]) -> Floats:
    """The values of counts of shape (..., 3): hit, true and predicted."""
    numerators, denominators = quotient(counts[..., 0], counts[..., 1], counts[..., 2], **options)
    return ratio(numerators, denominators, otherwise=1.0)
