"""Macro F1: the mean of each class's F1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scoring.metrics.shapes import Floats, Tallies, TallyMetric, ratio


def _finish(tallies: Tallies) -> Floats:
    # TP + FN is how often a class occurs, TP + FP how often it is predicted.
    seen = tallies.truths + tallies.predictions
    present = seen > 0
    total: Floats = ratio(2.0 * tallies.hits, seen).sum(axis=-1)
    mean: Floats = total / present.sum(axis=-1)
    return mean


METRIC = TallyMetric(_finish)


def macro_f1(target: NDArray[np.int64], prediction: NDArray[np.int64]) -> float:
    r"""The mean over classes of 2 TP / (2 TP + FP + FN).

    .. math:: \frac{1}{|C|} \sum_{c \in C} \frac{2 TP_c}{2 TP_c + FP_c + FN_c}

    The classes are all labels seen in either array, so a predicted class that never occurs
    counts as a class with F1 = 0. Equal to scikit-learn's ``f1_score(average="macro")``.

    Args:
        target: True classes, numbered from 0, shape (n,).
        prediction: Predicted classes, shape (n,).

    Raises:
        ValueError: no rows, or the shapes differ.

    >>> round(macro_f1(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 2])), 6)
    0.555556
    """
    return METRIC.value(target, prediction)
