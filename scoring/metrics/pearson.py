"""Pearson's correlation coefficient."""

from __future__ import annotations

import numpy as np

from scoring.metrics.numeric import centred, check_numbers, means, variance
from scoring.metrics.shapes import Floats, RowMetric


def _rows(target: Floats, prediction: Floats) -> Floats:
    check_numbers(target, prediction)
    x, y = centred(target), centred(prediction)
    return np.stack([x, y, x * x, y * y, x * y], axis=1)


def _finish(sums: Floats, total: Floats) -> Floats:
    x, y, xx, yy, xy = means(sums, total)
    product = variance(xx, x) * variance(yy, y)
    scale = np.sqrt(np.where(product > 0.0, product, np.nan))
    # Rounding may carry a perfect line a hair beyond 1.
    return np.clip((xy - x * y) / scale, -1.0, 1.0)


METRIC = RowMetric(_rows, _finish)


def pearson(target: Floats, prediction: Floats, *, weights: Floats | None = None) -> float:
    r"""How well a straight line maps predictions to truth: 1 rising, 0 not at all, -1 falling.

    .. math:: \frac{\sum_i w_i (y_i - \bar{y}) (\hat{y}_i - \bar{\hat{y}})}
        {\sqrt{\sum_i w_i (y_i - \bar{y})^2 \sum_i w_i (\hat{y}_i - \bar{\hat{y}})^2}}

    Equal to SciPy's ``pearsonr``. NaN where the truth or the predictions are constant.

    Args:
        target: True values, shape (n,).
        prediction: Predicted values, shape (n,).
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, the shapes differ, or a value is not finite.

    >>> pearson(np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 30.0]))
    1.0
    """
    return METRIC.value(target, prediction, weights=weights)
