"""MSE: mean squared error."""

from __future__ import annotations

import numpy as np

from scoring.metrics.numeric import check_numbers, mean
from scoring.metrics.shapes import Floats, RowMetric


def _rows(target: Floats, prediction: Floats) -> Floats:
    check_numbers(target, prediction)
    with np.errstate(over="ignore"):
        difference = prediction - target
        return difference * difference


METRIC = RowMetric(_rows, mean)


def mse(target: Floats, prediction: Floats, *, weights: Floats | None = None) -> float:
    r"""The mean squared difference.

    .. math:: \frac{\sum_i w_i (\hat{y}_i - y_i)^2}{\sum_i w_i}

    In the truth's unit squared. Equal to scikit-learn's ``mean_squared_error``. Differences beyond
    about 1e154 have no finite square: the result is then infinite, which the pipeline refuses.

    Args:
        target: True values, shape (n,).
        prediction: Predicted values, shape (n,).
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, the shapes differ, or a value is not finite.

    >>> mse(np.array([0.0, 0.0]), np.array([3.0, 1.0]))
    5.0
    """
    return METRIC.value(target, prediction, weights=weights)
