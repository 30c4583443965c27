"""Which of several columns holds each row's largest value: the answer of one column a class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit

from scoring.metrics.shapes import Floats, Integers

ROWS_AT_ONCE = 8_192
"""So many rows' best values stay in the processor's cache while the columns pass by."""


def numbers_of_largest(columns: Sequence[Floats]) -> Integers:
    """The number of the column with each row's largest value, the first of equal ones, shape (n,).

    The columns are read where they lie, whether or not they are parts of one array.

    >>> numbers_of_largest([np.array([0.5, 0.1]), np.array([0.5, 0.9])]).tolist()
    [0, 1]
    """
    rows = columns[0].size
    numbers = np.zeros(rows, dtype=np.int64)
    best = np.empty(min(rows, ROWS_AT_ONCE))
    for start in range(0, rows, ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        first = columns[0][part]
        best[: first.size] = first
        for number, column in enumerate(columns[1:], start=1):
            _replace_smaller(best, numbers[part], column[part], number)
    return numbers


@njit(cache=True)
def _replace_smaller(best: Floats, numbers: Integers, column: Floats, number: int) -> None:
    for row in range(column.size):
        is_larger = column[row] > best[row]
        best[row] = column[row] if is_larger else best[row]
        numbers[row] = number if is_larger else numbers[row]
