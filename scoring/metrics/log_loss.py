"""Log loss: the cost of the probability given to the true class."""

from __future__ import annotations

import numpy as np
from numba import njit

from scoring.metrics.numeric import mean
from scoring.metrics.probability_rows import row_sums
from scoring.metrics.shapes import Floats, Integers, RowMetric

_EPSILON = float(np.finfo(np.float64).eps)


def _rows(target: Integers, prediction: Floats) -> Floats:
    rows = _chosen(prediction, target, row_sums(target, prediction))
    np.log(rows, out=rows)
    return np.negative(rows, out=rows)


@njit(cache=True)
def _chosen(prediction: Floats, target: Integers, sums: Floats) -> Floats:
    """The share of the true class in each row, a hair away from 0 and 1."""
    result = np.empty(target.size)
    for row in range(target.size):
        share = prediction[row, target[row]] / sums[row]
        result[row] = min(max(share, _EPSILON), 1.0 - _EPSILON)
    return result


METRIC = RowMetric(_rows, mean)


def log_loss(target: Integers, prediction: Floats, *, weights: Floats | None = None) -> float:
    r"""The mean negative logarithm of the probability of the true class.

    .. math:: -\frac{1}{\sum_i w_i} \sum_i w_i \ln \frac{p_{i, y_i}}{\sum_k p_{i, k}}

    Rows are divided by their sum and then clipped to [eps, 1 - eps], eps being that of float64.
    On rows that sum to 1 it equals scikit-learn's ``log_loss``, which does not divide.

    Args:
        target: The number of the true class's column, shape (n,).
        prediction: Probabilities in [0, 1], shape (n, classes).
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, shapes that do not fit, a class that has no column, a probability
            that is NaN or outside [0, 1], or a row of zeros only.

    >>> round(log_loss(np.array([0, 1]), np.array([[0.5, 0.5], [0.25, 0.75]])), 6)
    0.490415
    """
    return METRIC.value(target, prediction, weights=weights)
