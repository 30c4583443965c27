"""Median absolute error."""

from __future__ import annotations

from typing import Any

import numpy as np

from scoring.metrics.numeric import check_numbers
from scoring.metrics.shapes import Floats, Integers, WeightedMetric
from scoring.order_statistics import median_replicates

_TIE = 1e-12
"""A sum of weights this close to half of all, as a share of all, is half of all."""


def median_absolute_error(
    target: Floats, prediction: Floats, *, weights: Floats | None = None
) -> float:
    r"""The median of the absolute differences: half of the rows are nearer than that.

    .. math:: \mathrm{median}_i \, |\hat{y}_i - y_i|

    In the truth's unit. Equal to scikit-learn's ``median_absolute_error``. With weights it is the
    difference below which half of the weight lies; where a row ends exactly there, the mean of
    it and the next, so that whole weights give what repeated rows give. NaN where all weights are 0.

    Args:
        target: True values, shape (n,).
        prediction: Predicted values, shape (n,).
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, the shapes differ, or a value is not finite.

    >>> median_absolute_error(np.zeros(3), np.array([1.0, 2.0, 90.0]))
    2.0
    """
    check_numbers(target, prediction)
    with np.errstate(over="ignore"):
        differences = np.abs(prediction - target)
    if weights is None:
        return float(np.median(differences))
    differences, weights = differences[weights > 0.0], weights[weights > 0.0]
    if differences.size == 0:
        return float("nan")
    order = np.argsort(differences, kind="stable")
    below = np.cumsum(weights[order])
    half, tie = below[-1] / 2.0, _TIE * below[-1]
    first, last = np.searchsorted(below, [half - tie, half + tie])
    return float(differences[order[[first, last]]].mean())


def _replicates(
    target: Floats, prediction: Floats, rows: Integers, seed: int, count: int, **_: Any
) -> Floats:
    return median_replicates(np.abs(prediction - target), rows, seed, count)


METRIC = WeightedMetric(median_absolute_error, replicates=_replicates)
