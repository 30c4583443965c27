"""ROC-AUC: how often a positive row gets a higher score than a negative one."""

from __future__ import annotations

import numpy as np
from numba import njit

from scoring.metrics.scores import check_scores, grouped, sorted_apart
from scoring.metrics.shapes import Floats, Integers, WeightedMetric
from scoring.order_statistics import auc_replicates


def roc_auc(target: Integers, prediction: Floats, *, weights: Floats | None = None) -> float:
    r"""The share of pairs of a positive and a negative row in which the positive one scores higher.

    .. math:: \frac{\sum_{i: y_i = 1} \sum_{j: y_j = 0} w_i w_j \left( \mathbf{1}[s_i > s_j]
        + \frac{1}{2} \mathbf{1}[s_i = s_j] \right)}{\sum_{i: y_i = 1} w_i \sum_{j: y_j = 0} w_j}

    The area under the receiver operating characteristic; a tie counts one half. Only the order of
    the scores counts. Without weights it is the quotient of two whole numbers, rounded once. Equal
    to scikit-learn's ``roc_auc_score``. NaN where one of the two classes is missing.

    Args:
        target: 1 for the positive class, 0 for the other, shape (n,).
        prediction: Higher where the positive class is likelier, shape (n,).
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, the shapes differ, a truth that is not 0 or 1, or a score that is not
            finite.

    >>> roc_auc(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    0.75
    """
    check_scores(target, prediction)
    if weights is not None:
        return _weighted(target, prediction, weights)
    positives, negatives = sorted_apart(target, prediction)
    pairs = positives.size * negatives.size
    return int(_doubled_wins(positives, negatives)) / (2 * pairs) if pairs else float("nan")


def _weighted(target: Integers, prediction: Floats, weights: Floats) -> float:
    groups = grouped(target, prediction, weights)
    below = np.cumsum(groups.negatives)
    pairs = float(groups.positives.sum() * below[-1])
    if pairs == 0.0:
        return float("nan")
    # The mean of the negatives below and those below or tied.
    won = float(groups.positives @ (below - groups.negatives / 2.0))
    return min(max(won / pairs, 0.0), 1.0)


@njit(cache=True)
def _doubled_wins(positives: Floats, negatives: Floats) -> int:
    """Twice the pairs that are won, ties being half a win; both ascend."""
    doubled = 0
    below = 0
    not_above = 0
    for score in positives:
        while below < negatives.size and negatives[below] < score:
            below += 1
        while not_above < negatives.size and negatives[not_above] <= score:
            not_above += 1
        doubled += below + not_above
    return doubled


METRIC = WeightedMetric(roc_auc, replicates=auc_replicates)
