"""RMSE: root mean squared error."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def rmse(target: NDArray[np.float64], prediction: NDArray[np.float64]) -> float:
    r"""The square root of the mean squared difference.

    .. math:: \sqrt{\frac{1}{n} \sum_{i=1}^{n} (\hat{y}_i - y_i)^2}

    Equal to scikit-learn's ``root_mean_squared_error``. Differences beyond about 1e154 have no
    finite square: the result is then infinite, which the pipeline refuses.

    Args:
        target: True values, shape (n,).
        prediction: Predicted values, shape (n,).

    Raises:
        ValueError: no rows, the shapes differ, or a value is not finite.

    >>> rmse(np.array([0.0, 0.0]), np.array([3.0, 3.0]))
    3.0
    """
    if target.shape != prediction.shape or target.size == 0:
        raise ValueError(f"expected rows of one shape, not {target.shape} and {prediction.shape}")
    if not (np.isfinite(target).all() and np.isfinite(prediction).all()):
        raise ValueError("every value must be finite")
    with np.errstate(over="ignore"):
        difference = prediction - target
        return float(np.sqrt(np.mean(difference * difference)))
