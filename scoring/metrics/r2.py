"""R²: the coefficient of determination."""

from __future__ import annotations

import numpy as np

from scoring.metrics.numeric import check_numbers, exponent_of, means, variance
from scoring.metrics.shapes import Floats, RowMetric


def _rows(target: Floats, prediction: Floats) -> Floats:
    check_numbers(target, prediction)
    with np.errstate(over="ignore"):
        # Scaled by powers of 2, which changes no digit, so that no square is too large or small.
        exponent = exponent_of(target)
        scaled, predicted = np.ldexp(target, -exponent), np.ldexp(prediction, -exponent)
        deviations = scaled - np.median(scaled)
        exponent = exponent_of(deviations)
        deviations = np.ldexp(deviations, -exponent)
        residuals = np.ldexp(predicted - scaled, -exponent)
        return np.stack([residuals * residuals, deviations, deviations * deviations], axis=1)


def _finish(sums: Floats, total: Floats) -> Floats:
    residual, deviation, square = means(sums, total)
    result: Floats = 1.0 - residual / variance(square, deviation)
    return result


METRIC = RowMetric(_rows, _finish)


def r2(target: Floats, prediction: Floats, *, weights: Floats | None = None) -> float:
    r"""The share of the truth's variance that the predictions explain.

    .. math:: 1 - \frac{\sum_i w_i (\hat{y}_i - y_i)^2}{\sum_i w_i (y_i - \bar{y})^2}

    1 is perfect, 0 is as good as the truth's own mean for every row, and there is no lowest value.
    Equal to scikit-learn's ``r2_score``, except that it is NaN where the truth is constant (a
    single row, say); scikit-learn then gives 0 or 1.

    Args:
        target: True values, shape (n,).
        prediction: Predicted values, shape (n,).
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, the shapes differ, or a value is not finite.

    >>> r2(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0]))
    0.5
    """
    return METRIC.value(target, prediction, weights=weights)
