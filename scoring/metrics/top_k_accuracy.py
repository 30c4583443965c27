"""Top-k accuracy: the share of rows whose true class is among the k likeliest."""

from __future__ import annotations

import numpy as np

from scoring.metrics.numeric import mean
from scoring.metrics.probability_rows import row_sums
from scoring.metrics.shapes import Floats, Integers, RowMetric


def _rows(target: Integers, prediction: Floats, *, k: int) -> Floats:
    row_sums(target, prediction)
    own = prediction[np.arange(target.size), target]
    ahead = np.zeros(target.size, dtype=np.int64)
    for number, column in enumerate(prediction.T):
        ahead += np.where(target < number, column >= own, column > own)
    return (ahead < k).astype(np.float64)


def _finish(sums: Floats, total: Floats, *, k: int) -> Floats:  # noqa: ARG001
    return mean(sums, total)


METRIC = RowMetric(_rows, _finish)


def top_k_accuracy(
    target: Integers, prediction: Floats, *, k: int = 5, weights: Floats | None = None
) -> float:
    r"""The share of rows in which the true class is among the k with the highest probability.

    .. math:: \frac{1}{\sum_i w_i} \sum_i w_i \, \mathbf{1}[y_i \in \mathrm{top}_k(p_i)]

    Of equal probabilities the later column goes first, so that there are always k classes, and
    equal ones for all do not win. Equal to scikit-learn's ``top_k_accuracy_score`` of a matrix.

    Args:
        target: The number of the true class's column, shape (n,).
        prediction: Probabilities in [0, 1], shape (n, classes).
        k: How many classes a row may name; 1 is accuracy.
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, shapes that do not fit, a class that has no column, a probability
            that is NaN or outside [0, 1], or a row of zeros only.

    >>> top_k_accuracy(np.array([0, 1]), np.array([[0.2, 0.3, 0.5], [0.2, 0.3, 0.5]]), k=2)
    0.5
    """
    return METRIC.value(target, prediction, weights=weights, k=k)
