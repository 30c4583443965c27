"""Hamming loss: the share of wrong labels."""

from __future__ import annotations

from scoring.metrics.shapes import Floats, Integers, Tallies, TallyMetric, ratio


def _finish(tallies: Tallies) -> Floats:
    return ratio(tallies.total - tallies.hits.sum(axis=-1), tallies.total)


METRIC = TallyMetric(_finish)


def hamming_loss(target: Integers, prediction: Integers) -> float:
    r"""The share of rows whose predicted label is not the true one.

    .. math:: \frac{1}{n} \sum_{i=1}^{n} \mathbf{1}[\hat{y}_i \ne y_i]

    With one label a row it is 1 less accuracy. Equal to scikit-learn's ``hamming_loss``.

    Args:
        target: True classes, numbered from 0, shape (n,).
        prediction: Predicted classes, shape (n,).

    Raises:
        ValueError: no rows, or the shapes differ.

    >>> import numpy as np
    >>> hamming_loss(np.array([1, 2, 3, 3]), np.array([1, 2, 3, 1]))
    0.25
    """
    return METRIC.value(target, prediction)
