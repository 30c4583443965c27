"""Macro F1: the mean of each class's F1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MAX_TABLE = 1_000_000
"""Labels in a range up to this are counted in a table; others are sorted first."""


def macro_f1(target: NDArray[np.int64], prediction: NDArray[np.int64]) -> float:
    r"""The mean over classes of 2 TP / (2 TP + FP + FN).

    .. math:: \frac{1}{|C|} \sum_{c \in C} \frac{2 TP_c}{2 TP_c + FP_c + FN_c}

    The classes are all labels seen in either array, so a predicted class that never occurs
    counts as a class with F1 = 0. Equal to scikit-learn's ``f1_score(average="macro")``.

    Args:
        target: True labels, shape (n,).
        prediction: Predicted labels, shape (n,).

    Raises:
        ValueError: no rows, or the shapes differ.

    >>> round(macro_f1(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 2])), 6)
    0.555556
    """
    if target.shape != prediction.shape or target.size == 0:
        raise ValueError(f"expected rows of one shape, not {target.shape} and {prediction.shape}")
    target, prediction = _small_codes(target, prediction)
    classes = int(max(target.max(), prediction.max())) + 1
    hits = np.bincount(target[target == prediction], minlength=classes)
    # TP + FN is how often a class occurs, TP + FP how often it is predicted.
    seen = np.bincount(target, minlength=classes) + np.bincount(prediction, minlength=classes)
    present = seen > 0
    return float(np.mean(2.0 * hits[present] / seen[present]))


def _small_codes(
    target: NDArray[np.int64], prediction: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The labels as whole numbers from 0 that fit a table."""
    lowest = int(min(target.min(), prediction.min()))
    highest = int(max(target.max(), prediction.max()))
    if highest - lowest < MAX_TABLE:
        return target - lowest, prediction - lowest
    _, codes = np.unique(np.concatenate([target, prediction]), return_inverse=True)
    return codes[: target.size], codes[target.size :]
