"""MAPE: mean absolute percentage error."""

from __future__ import annotations

import numpy as np

from scoring.metrics.numeric import check_numbers, mean
from scoring.metrics.shapes import Floats, RowMetric

_EPSILON = float(np.finfo(np.float64).eps)


def _rows(target: Floats, prediction: Floats) -> Floats:
    check_numbers(target, prediction)
    with np.errstate(over="ignore"):
        return np.abs(prediction - target) / np.maximum(np.abs(target), _EPSILON)


METRIC = RowMetric(_rows, mean)


def mape(target: Floats, prediction: Floats, *, weights: Floats | None = None) -> float:
    r"""The mean absolute difference as a share of the truth; 0.1 is 10 percent.

    .. math:: \frac{1}{\sum_i w_i} \sum_i w_i \frac{|\hat{y}_i - y_i|}{\max(|y_i|, \varepsilon)}

    Equal to scikit-learn's ``mean_absolute_percentage_error``: the divisor is at least eps, that of
    float64 (2.2e-16), so a row whose truth is 0 costs nothing if it is met and enormously much if
    it is missed.

    Args:
        target: True values, shape (n,).
        prediction: Predicted values, shape (n,).
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, the shapes differ, or a value is not finite.

    >>> mape(np.array([2.0, 4.0]), np.array([3.0, 4.0]))
    0.25
    """
    return METRIC.value(target, prediction, weights=weights)
