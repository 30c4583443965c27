"""What the metrics of probabilities share: checks of their input, and the sum of each row."""

from __future__ import annotations

import numpy as np
from numba import njit

from scoring.metrics.shapes import Floats, Integers


def row_sums(target: Integers, prediction: Floats) -> Floats:
    """The sum of each row's probabilities, shape (n,); refuses what can't be scored.

    Raises:
        ValueError: no rows, shapes that do not fit, a class that has no column, a probability that
            is NaN or outside [0, 1], or a row of zeros only.
    """
    if prediction.ndim != 2 or target.shape != prediction.shape[:1] or target.size == 0:
        raise ValueError(f"shapes {target.shape} and {prediction.shape} do not fit")
    if target.min() < 0 or target.max() >= prediction.shape[1]:
        raise ValueError("a class has no column")
    sums = np.zeros(target.size)
    for column in prediction.T:
        if not add_probabilities(column, sums):
            raise ValueError("every probability must be between 0 and 1")
    if sums.min() <= 0.0:
        raise ValueError("a row has no probability above 0")
    return sums


@njit(cache=True)
def add_probabilities(column: Floats, sums: Floats) -> bool:
    """Add a column to the rows' sums; False where a value is no probability."""
    are_inside = True
    for row in range(column.size):
        value = column[row]
        # NaN fails both.
        are_inside &= (value >= 0.0) & (value <= 1.0)
        sums[row] += value
    return are_inside
