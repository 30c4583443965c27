"""MASE: mean absolute scaled error."""

from __future__ import annotations

import numpy as np

from scoring.metrics.numeric import check_numbers, mean
from scoring.metrics.shapes import Floats, RowMetric


def _rows(target: Floats, prediction: Floats, *, scale: float) -> Floats:
    check_numbers(target, prediction)
    if not scale > 0.0:
        raise ValueError("scale must be above 0")
    with np.errstate(over="ignore"):
        return np.abs(prediction - target)


def _finish(sums: Floats, total: Floats, *, scale: float) -> Floats:
    return mean(sums, total) / scale


METRIC = RowMetric(_rows, _finish)


def mase(
    target: Floats, prediction: Floats, *, scale: float, weights: Floats | None = None
) -> float:
    r"""The mean absolute difference as a multiple of the naive forecast's.

    .. math:: \frac{1}{s} \frac{\sum_i w_i |\hat{y}_i - y_i|}{\sum_i w_i}

    s is the mean absolute error of the naive forecast on the training data: of each value by the
    one before it, or by the one a season before it. Below 1 is better than that forecast. Source:
    Hyndman and Koehler, "Another look at measures of forecast accuracy", 2006.

    Args:
        target: True values, shape (n,).
        prediction: Predicted values, shape (n,).
        scale: s, above 0, in the truth's unit.
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, the shapes differ, a value is not finite, or `scale` is not above 0.

    >>> mase(np.array([0.0, 0.0]), np.array([3.0, 1.0]), scale=4.0)
    0.5
    """
    return METRIC.value(target, prediction, weights=weights, scale=scale)
