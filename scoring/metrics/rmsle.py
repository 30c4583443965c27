"""RMSLE: root mean squared logarithmic error."""

from __future__ import annotations

import numpy as np

from scoring.errors import gettext_noop
from scoring.metrics.numeric import check_numbers, mean
from scoring.metrics.shapes import Floats, RowFault, RowMetric


def _rows(target: Floats, prediction: Floats) -> Floats:
    check_numbers(target, prediction)
    difference = _logarithm(prediction) - _logarithm(target)
    return difference * difference


def _logarithm(values: Floats) -> Floats:
    result: Floats = np.log1p(np.where(values > -1.0, values, np.nan))
    return result


def _finish(sums: Floats, total: Floats) -> Floats:
    return np.sqrt(mean(sums, total))


def _check(values: Floats) -> list[RowFault]:
    reason = gettext_noop("is not above -1")
    return [RowFault(int(row), reason) for row in np.flatnonzero(values <= -1.0)]


METRIC = RowMetric(_rows, _finish, check=_check, check_truth=_check)


def rmsle(target: Floats, prediction: Floats, *, weights: Floats | None = None) -> float:
    r"""The root mean squared difference of the logarithms of 1 + value.

    .. math:: \sqrt{\frac{\sum_i w_i (\ln(1 + \hat{y}_i) - \ln(1 + y_i))^2}{\sum_i w_i}}

    Equal to scikit-learn's ``root_mean_squared_log_error``. NaN where a value is -1 or less, of
    which there is no logarithm.

    Args:
        target: True values, shape (n,).
        prediction: Predicted values, shape (n,).
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, the shapes differ, or a value is not finite.

    >>> round(rmsle(np.array([0.0, 9.0]), np.array([9.0, 9.0])), 6)
    1.628174
    """
    return METRIC.value(target, prediction, weights=weights)
