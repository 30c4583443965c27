"""Brier score: the squared distance of the probabilities from the truth."""

from __future__ import annotations

import numpy as np

from scoring.metrics.numeric import mean
from scoring.metrics.probability_rows import row_sums
from scoring.metrics.shapes import Floats, Integers, RowMetric


def _rows(target: Integers, prediction: Floats) -> Floats:
    sums = row_sums(target, prediction)
    rows = np.zeros(target.size)
    for number, column in enumerate(prediction.T):
        difference = column / sums
        difference -= target == number
        difference *= difference
        rows += difference
    # Of two classes both columns are off by the same.
    return rows / 2.0 if prediction.shape[1] == 2 else rows


METRIC = RowMetric(_rows, mean)


def brier_score(target: Integers, prediction: Floats, *, weights: Floats | None = None) -> float:
    r"""The mean squared distance of the probabilities from 1 for the true class and 0 elsewhere.

    .. math:: \frac{1}{\sum_i w_i} \sum_i w_i \sum_k (p_{i, k} - \mathbf{1}[y_i = k])^2

    With two classes it is half of that, :math:`(p_i - y_i)^2`, and at most 1; with more it is at
    most 2. Rows are divided by their sum first. On rows that sum to 1 it equals scikit-learn's
    ``brier_score_loss``.

    Args:
        target: The number of the true class's column, shape (n,).
        prediction: Probabilities in [0, 1], shape (n, classes).
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, shapes that do not fit, a class that has no column, a probability
            that is NaN or outside [0, 1], or a row of zeros only.

    >>> brier_score(np.array([0, 1]), np.array([[0.5, 0.5], [0.25, 0.75]]))
    0.15625
    """
    return METRIC.value(target, prediction, weights=weights)
