"""Average precision: the area under the steps of the precision-recall curve."""

from __future__ import annotations

import numpy as np
from numba import njit

from scoring.metrics.scores import check_scores, grouped, sorted_apart
from scoring.metrics.shapes import Floats, Integers, WeightedMetric, ratio
from scoring.order_statistics import average_precision_replicates


def average_precision(
    target: Integers, prediction: Floats, *, weights: Floats | None = None
) -> float:
    r"""The mean, over the positive rows, of the precision at the threshold that lets them in.

    .. math:: \sum_k (R_k - R_{k-1}) P_k

    P and R are precision and recall among the rows that score at least as high as the k-th highest
    distinct score. Only the order of the scores counts; rows of equal score come in together, and
    nothing is interpolated. Equal to scikit-learn's ``average_precision_score``. NaN where there is
    no positive row.

    Args:
        target: 1 for the positive class, 0 for the other, shape (n,).
        prediction: Higher where the positive class is likelier, shape (n,).
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, the shapes differ, a truth that is not 0 or 1, or a score that is not
            finite.

    >>> round(average_precision(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8])), 6)
    0.833333
    """
    check_scores(target, prediction)
    if weights is not None:
        return _weighted(target, prediction, weights)
    positives, negatives = sorted_apart(target, prediction)
    if positives.size == 0:
        return float("nan")
    return float(_precisions(positives, negatives)) / positives.size


def _weighted(target: Integers, prediction: Floats, weights: Floats) -> float:
    groups = grouped(target, prediction, weights)
    positives, negatives = groups.positives[::-1], groups.negatives[::-1]
    found = np.cumsum(positives)
    if found[-1] == 0.0:
        return float("nan")
    precisions = ratio(found, found + np.cumsum(negatives))
    return min(float(positives @ precisions / found[-1]), 1.0)


@njit(cache=True)
def _precisions(positives: Floats, negatives: Floats) -> float:
    """The sum over the positive rows of the precision at their score; both ascend."""
    total = 0.0
    found = 0
    wrong = 0
    while found < positives.size:
        score = positives[positives.size - 1 - found]
        before = found
        while found < positives.size and positives[positives.size - 1 - found] == score:
            found += 1
        while wrong < negatives.size and negatives[negatives.size - 1 - wrong] >= score:
            wrong += 1
        total += (found - before) * (found / (found + wrong))
    return total


METRIC = WeightedMetric(average_precision, replicates=average_precision_replicates)
