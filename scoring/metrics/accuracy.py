"""Accuracy: the share of right labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scoring.metrics.shapes import Floats, Tallies, TallyMetric, ratio


def _finish(tallies: Tallies) -> Floats:
    return ratio(tallies.hits.sum(axis=-1), tallies.total)


METRIC = TallyMetric(_finish)


def accuracy(target: NDArray[np.int64], prediction: NDArray[np.int64]) -> float:
    r"""The share of rows whose predicted label is the true one.

    .. math:: \frac{1}{n} \sum_{i=1}^{n} \mathbf{1}[\hat{y}_i = y_i]

    Equal to scikit-learn's ``accuracy_score``.

    Args:
        target: True classes, numbered from 0, shape (n,).
        prediction: Predicted classes, shape (n,).

    Raises:
        ValueError: no rows, or the shapes differ.

    >>> accuracy(np.array([1, 2, 3, 3]), np.array([1, 2, 3, 1]))
    0.75
    """
    return METRIC.value(target, prediction)
