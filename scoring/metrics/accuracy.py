"""Accuracy: the share of right labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def accuracy(target: NDArray[np.int64], prediction: NDArray[np.int64]) -> float:
    r"""The share of rows whose predicted label is the true one.

    .. math:: \frac{1}{n} \sum_{i=1}^{n} \mathbf{1}[\hat{y}_i = y_i]

    Equal to scikit-learn's ``accuracy_score``.

    Args:
        target: True labels, shape (n,).
        prediction: Predicted labels, shape (n,).

    Raises:
        ValueError: no rows, or the shapes differ.

    >>> accuracy(np.array([1, 2, 3, 3]), np.array([1, 2, 3, 1]))
    0.75
    """
    if target.shape != prediction.shape or target.size == 0:
        raise ValueError(f"expected rows of one shape, not {target.shape} and {prediction.shape}")
    return int(np.count_nonzero(target == prediction)) / target.size
