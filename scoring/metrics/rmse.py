"""RMSE: root mean squared error."""

from __future__ import annotations

import numpy as np

from scoring.metrics.numeric import check_numbers, mean
from scoring.metrics.shapes import Floats, RowMetric


def _rows(target: Floats, prediction: Floats) -> Floats:
    check_numbers(target, prediction)
    with np.errstate(over="ignore"):
        difference = prediction - target
        return difference * difference


def _finish(sums: Floats, total: Floats) -> Floats:
    return np.sqrt(mean(sums, total))


METRIC = RowMetric(_rows, _finish)


def rmse(target: Floats, prediction: Floats, *, weights: Floats | None = None) -> float:
    r"""The square root of the mean squared difference.

    .. math:: \sqrt{\frac{\sum_i w_i (\hat{y}_i - y_i)^2}{\sum_i w_i}}

    In the truth's unit. Equal to scikit-learn's ``root_mean_squared_error``. Differences beyond
    about 1e154 have no finite square: the result is then infinite, which the pipeline refuses.

    Args:
        target: True values, shape (n,).
        prediction: Predicted values, shape (n,).
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, the shapes differ, or a value is not finite.

    >>> rmse(np.array([0.0, 0.0]), np.array([3.0, 3.0]))
    3.0
    """
    return METRIC.value(target, prediction, weights=weights)
