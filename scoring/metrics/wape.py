"""WAPE: weighted absolute percentage error."""

from __future__ import annotations

import numpy as np

from scoring.metrics.numeric import check_numbers
from scoring.metrics.shapes import Floats, RowMetric, ratio


def _rows(target: Floats, prediction: Floats) -> Floats:
    check_numbers(target, prediction)
    with np.errstate(over="ignore"):
        return np.stack([np.abs(prediction - target), np.abs(target)], axis=1)


def _finish(sums: Floats, _total: Floats) -> Floats:
    return ratio(sums[..., 0], sums[..., 1], otherwise=np.nan)


METRIC = RowMetric(_rows, _finish)


def wape(target: Floats, prediction: Floats, *, weights: Floats | None = None) -> float:
    r"""The sum of absolute differences as a share of the sum of absolute truths.

    .. math:: \frac{\sum_i w_i |\hat{y}_i - y_i|}{\sum_i w_i |y_i|}

    Also called MAD/mean ratio and weighted MAPE; rows whose truth is 0 are no trouble. Where every
    truth is 0 it is NaN. Source: Kolassa and Schütz, "Advantages of the MAD/mean ratio over the
    MAPE", 2007.

    Args:
        target: True values, shape (n,).
        prediction: Predicted values, shape (n,).
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, the shapes differ, or a value is not finite.

    >>> wape(np.array([0.0, 4.0]), np.array([1.0, 3.0]))
    0.5
    """
    return METRIC.value(target, prediction, weights=weights)
