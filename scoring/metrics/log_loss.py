"""Log loss: the cost of the probability given to the true class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def log_loss(target: NDArray[np.int64], prediction: NDArray[np.float64]) -> float:
    r"""The mean negative logarithm of the probability of the true class.

    .. math:: -\frac{1}{n} \sum_{i=1}^{n} \ln \frac{p_{i, y_i}}{\sum_{k} p_{i, k}}

    Rows are divided by their sum and then clipped to [eps, 1 - eps], eps being that of float64.
    On rows that sum to 1 it equals scikit-learn's ``log_loss``, which does not divide.

    Args:
        target: The number of the true class's column, shape (n,).
        prediction: Probabilities in [0, 1], shape (n, classes).

    Raises:
        ValueError: no rows, shapes that do not fit, a class that has no column, a probability
            that is NaN or outside [0, 1], or a row of zeros only.

    >>> round(log_loss(np.array([0, 1]), np.array([[0.5, 0.5], [0.25, 0.75]])), 6)
    0.490415
    """
    if prediction.ndim != 2 or target.shape != prediction.shape[:1] or target.size == 0:
        raise ValueError(f"shapes {target.shape} and {prediction.shape} do not fit")
    if target.min() < 0 or target.max() >= prediction.shape[1]:
        raise ValueError("a class has no column")
    # Written so that NaN fails it too.
    if not (prediction.min() >= 0.0 and prediction.max() <= 1.0):
        raise ValueError("every probability must be between 0 and 1")
    sums = prediction.sum(axis=1)
    if sums.min() <= 0.0:
        raise ValueError("a row has no probability above 0")
    chosen = prediction[np.arange(target.size), target] / sums
    epsilon = float(np.finfo(np.float64).eps)
    return float(-np.log(np.clip(chosen, epsilon, 1.0 - epsilon)).mean())
