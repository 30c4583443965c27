"""MAE: mean absolute error."""

from __future__ import annotations

import numpy as np

from scoring.metrics.numeric import check_numbers, mean
from scoring.metrics.shapes import Floats, RowMetric


def _rows(target: Floats, prediction: Floats) -> Floats:
    check_numbers(target, prediction)
    with np.errstate(over="ignore"):
        return np.abs(prediction - target)


METRIC = RowMetric(_rows, mean)


def mae(target: Floats, prediction: Floats, *, weights: Floats | None = None) -> float:
    r"""The mean absolute difference.

    .. math:: \frac{\sum_i w_i |\hat{y}_i - y_i|}{\sum_i w_i}

    In the truth's unit. Equal to scikit-learn's ``mean_absolute_error``.

    Args:
        target: True values, shape (n,).
        prediction: Predicted values, shape (n,).
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, the shapes differ, or a value is not finite.

    >>> mae(np.array([0.0, 0.0]), np.array([3.0, 1.0]))
    2.0
    """
    return METRIC.value(target, prediction, weights=weights)
