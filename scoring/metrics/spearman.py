"""Spearman's rank correlation."""

from __future__ import annotations

import numpy as np

from scoring.metrics.numeric import check_numbers
from scoring.metrics.shapes import Floats, WeightedMetric
from scoring.order_statistics import spearman_replicates


def spearman(target: Floats, prediction: Floats, *, weights: Floats | None = None) -> float:
    r"""Pearson's correlation of the ranks: 1 where the order is right, -1 where it is reversed.

    .. math:: \frac{\sum_i w_i (r_i - \bar{r}) (s_i - \bar{s})}
        {\sqrt{\sum_i w_i (r_i - \bar{r})^2 \sum_i w_i (s_i - \bar{s})^2}}

    r and s are the ranks of truth and prediction; equal values share the mean of their ranks. A
    row of weight w takes w ranks, so whole weights give what repeated rows give. Equal to SciPy's
    ``spearmanr``. NaN where the truth or the predictions are constant.

    Args:
        target: True values, shape (n,).
        prediction: Predicted values, shape (n,).
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, the shapes differ, or a value is not finite.

    >>> spearman(np.array([1.0, 2.0, 3.0]), np.array([1.0, 10.0, 100.0]))
    1.0
    """
    check_numbers(target, prediction)
    w = np.ones(target.size) if weights is None else weights
    if w.max() == 0.0:
        return float("nan")
    w = w / w.max()
    r, s = _ranks(target, w), _ranks(prediction, w)
    scale = np.sqrt(((w * r) @ r) * ((w * s) @ s))
    # Rounding may carry a perfect order a hair beyond 1.
    return float(np.clip((w * r) @ s / scale, -1.0, 1.0)) if scale > 0.0 else float("nan")


def _ranks(values: Floats, weights: Floats) -> Floats:
    """Each row's rank less the mean of all; equal values share the mean of their ranks."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    shares = np.add.reduceat(weights[order], starts)
    # The weights below, and half of its own; the mean of that over all rows is half of the total.
    ends = np.cumsum(shares)
    middles = ends - shares / 2.0 - ends[-1] / 2.0
    # A single value has no order, whatever rounding says.
    middles *= np.count_nonzero(shares) > 1
    ranks = np.empty(values.size)
    ranks[order] = np.repeat(middles, np.diff(starts, append=values.size))
    return ranks


METRIC = WeightedMetric(spearman, replicates=spearman_replicates)
