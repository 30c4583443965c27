"""Balanced accuracy: the mean of each class's recall."""

from __future__ import annotations

import numpy as np

from scoring.metrics.shapes import Floats, Integers, Tallies, TallyMetric, ratio


def _finish(tallies: Tallies) -> Floats:
    recalls = ratio(tallies.hits, tallies.truths)
    return ratio(recalls.sum(axis=-1), (tallies.truths > 0).sum(axis=-1), otherwise=np.nan)


METRIC = TallyMetric(_finish)


def balanced_accuracy(target: Integers, prediction: Integers) -> float:
    r"""The mean over classes of the share of the class's rows that are labelled right.

    .. math:: \frac{1}{|C|} \sum_{c \in C} \frac{TP_c}{TP_c + FN_c}

    The classes are those that occur in the truth. Equal to scikit-learn's
    ``balanced_accuracy_score``.

    Args:
        target: True classes, numbered from 0, shape (n,).
        prediction: Predicted classes, shape (n,).

    Raises:
        ValueError: no rows, or the shapes differ.

    >>> balanced_accuracy(np.array([0, 0, 0, 1]), np.array([0, 0, 0, 0]))
    0.5
    """
    return METRIC.value(target, prediction)
