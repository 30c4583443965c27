"""WIS: the weighted interval score of forecasts given as quantiles."""

from __future__ import annotations

from collections.abc import Sequence

from scoring.metrics.description import are_central_levels
from scoring.metrics.numeric import check_quantiles, mean, pinball_rows
from scoring.metrics.shapes import Floats, RowMetric


def _rows(target: Floats, prediction: Floats, *, quantiles: Sequence[float]) -> Floats:
    columns = check_quantiles(target, prediction, quantiles)
    if not are_central_levels(quantiles):
        raise ValueError("quantiles must ascend, be symmetric about 0.5, and contain it")
    # The pinball losses of an interval's two ends add up to its term in the sum.
    return 2.0 * pinball_rows(target, columns, quantiles)


def _finish(sums: Floats, total: Floats, *, quantiles: Sequence[float]) -> Floats:  # noqa: ARG001
    return mean(sums, total)


METRIC = RowMetric(_rows, _finish)


def weighted_interval_score(
    target: Floats,
    prediction: Floats,
    *,
    quantiles: Sequence[float],
    weights: Floats | None = None,
) -> float:
    r"""The mean cost of a median and K central intervals: their width, and what lies outside.

    .. math:: \frac{1}{K + 1/2} \left( \frac{1}{2} |y - m| + \sum_{k=1}^{K} \frac{\alpha_k}{2}
        \left( (u_k - l_k) + \frac{2}{\alpha_k} (l_k - y)_+ + \frac{2}{\alpha_k} (y - u_k)_+
        \right) \right)

    of each row, averaged over the rows. l and u are the quantiles α/2 and 1 - α/2, m is the median;
    with the median alone it is the mean absolute error. In the truth's unit. It equals twice the
    mean pinball loss over the 2 K + 1 quantiles. Source: Bracher, Ray, Gneiting and Reich,
    "Evaluating epidemic forecasts in an interval format", 2021.

    Args:
        target: True values, shape (n,).
        prediction: One column for each quantile, shape (n, 2 K + 1); shape (n,) will do for the
            median alone.
        quantiles: The level of each column, ascending, symmetric about 0.5 and with it,
            shape (2 K + 1,).
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, shapes that do not fit, a value that is not finite, or levels that are
            not between 0 and 1, do not ascend, or are not symmetric.

    >>> import numpy as np
    >>> weighted_interval_score(
    ...     np.array([10.0]), np.array([[6.0, 8.0, 12.0]]), quantiles=[0.25, 0.5, 0.75]
    ... )
    1.6666666666666667
    """
    return METRIC.value(target, prediction, weights=weights, quantiles=quantiles)
