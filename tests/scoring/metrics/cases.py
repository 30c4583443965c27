"""Random cases for what must hold for every metric; the families' builders lie beside this."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np


class Case(NamedTuple):
    """A truth with answers, as a metric's `value` takes them.

    Attributes:
        truth: An array, or columns of text.
        prediction: Random answers.
        perfect: Answers that must get the best value.
        parameters: The metric's options, all that are described.
    """

    truth: Any
    prediction: Any
    perfect: Any
    parameters: Mapping[str, Any] = {}


Builder = Callable[[np.random.Generator, int], Case]
"""Makes a case of so many rows."""


def reordered(column, order):
    """An array, texts, or columns of texts with their rows in another order, or some repeated."""
    if isinstance(column, np.ndarray):
        return column[order]
    if isinstance(column, tuple):
        return tuple(reordered(each, order) for each in column)
    return [column[row] for row in order]
