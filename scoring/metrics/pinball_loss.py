"""Pinball loss: the cost of quantile forecasts."""

from __future__ import annotations

from collections.abc import Sequence

from scoring.metrics.numeric import check_quantiles, mean, pinball_rows
from scoring.metrics.shapes import Floats, RowMetric


def _rows(target: Floats, prediction: Floats, *, quantiles: Sequence[float]) -> Floats:
    columns = check_quantiles(target, prediction, quantiles)
    return pinball_rows(target, columns, quantiles)


def _finish(sums: Floats, total: Floats, *, quantiles: Sequence[float]) -> Floats:  # noqa: ARG001
    return mean(sums, total)


METRIC = RowMetric(_rows, _finish)


def pinball_loss(
    target: Floats,
    prediction: Floats,
    *,
    quantiles: Sequence[float],
    weights: Floats | None = None,
) -> float:
    r"""The mean cost of quantile forecasts over rows and quantiles; also called quantile loss.

    .. math:: \frac{1}{\sum_i w_i} \sum_i w_i \frac{1}{K} \sum_{k=1}^{K}
        \max\left(\tau_k (y_i - q_{i,k}), (\tau_k - 1) (y_i - q_{i,k})\right)

    In the truth's unit. Equal to scikit-learn's ``mean_pinball_loss``, averaged over the quantiles.
    Source: Koenker and Bassett, "Regression quantiles", 1978.

    Args:
        target: True values, shape (n,).
        prediction: One column for each quantile, shape (n, K); shape (n,) will do for one.
        quantiles: The level of each column, between 0 and 1, shape (K,).
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, shapes that do not fit, a value that is not finite, or a level that is
            not between 0 and 1.

    >>> import numpy as np
    >>> pinball_loss(np.array([10.0]), np.array([[8.0, 14.0]]), quantiles=[0.5, 0.75])
    1.0
    """
    return METRIC.value(target, prediction, weights=weights, quantiles=quantiles)
