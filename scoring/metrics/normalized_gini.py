"""Normalised Gini: the ROC-AUC on a scale from -1 to 1."""

from __future__ import annotations

from typing import Any

from scoring.metrics.roc_auc import roc_auc
from scoring.metrics.shapes import Floats, Integers, WeightedMetric
from scoring.order_statistics import auc_replicates


def normalized_gini(
    target: Integers, prediction: Floats, *, weights: Floats | None = None
) -> float:
    r"""The Gini coefficient of the predictions, as a share of that of a perfect file.

    .. math:: 2 \, \mathrm{AUC} - 1

    For two classes the two are the same. Equal scores count one half each, so, unlike with the
    sums over sorted rows that are often used, the order of the rows in the file does not matter.
    NaN where one of the two classes is missing.

    Args:
        target: 1 for the positive class, 0 for the other, shape (n,).
        prediction: Higher where the positive class is likelier, shape (n,).
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, the shapes differ, a truth that is not 0 or 1, or a score that is not
            finite.

    >>> import numpy as np
    >>> normalized_gini(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    0.5
    """
    return 2.0 * roc_auc(target, prediction, weights=weights) - 1.0


def _replicates(
    truth: Integers, prediction: Floats, rows: Integers, seed: int, count: int, **known: Any
) -> Floats:
    return 2.0 * auc_replicates(truth, prediction, rows, seed, count, **known) - 1.0


METRIC = WeightedMetric(normalized_gini, replicates=_replicates)
