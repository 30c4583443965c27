"""SMAPE: symmetric mean absolute percentage error."""

from __future__ import annotations

import numpy as np

from scoring.metrics.numeric import check_numbers, mean
from scoring.metrics.shapes import Floats, RowMetric, ratio


def _rows(target: Floats, prediction: Floats) -> Floats:
    check_numbers(target, prediction)
    with np.errstate(over="ignore", invalid="ignore"):
        difference = np.abs(prediction - target)
        return ratio(2.0 * difference, np.abs(target) + np.abs(prediction))


METRIC = RowMetric(_rows, mean)


def smape(target: Floats, prediction: Floats, *, weights: Floats | None = None) -> float:
    r"""The mean absolute difference as a share of the mean of truth and prediction; from 0 to 2.

    .. math:: \frac{1}{\sum_i w_i} \sum_i w_i \frac{2 |\hat{y}_i - y_i|}{|y_i| + |\hat{y}_i|}

    A row in which both are 0 costs 0, the rule of the M4 competition and of Kaggle's. Other places
    multiply by 100 (percent), or leave out the 2. Source: Makridakis, "Accuracy measures:
    theoretical and practical concerns", 1993.

    Args:
        target: True values, shape (n,).
        prediction: Predicted values, shape (n,).
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, the shapes differ, or a value is not finite.

    >>> smape(np.array([0.0, 1.0]), np.array([0.0, 3.0]))
    0.5
    """
    return METRIC.value(target, prediction, weights=weights)
