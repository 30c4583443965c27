"""What the metrics of one class at a time share: how the classes' values become one."""

from __future__ import annotations

import numpy as np

from scoring.metrics.shapes import Floats, Tallies, ratio


def averaged(
    numerators: Floats,
    denominators: Floats,
    tallies: Tallies,
    *,
    average: str,
    positive: int | None,
) -> Floats:
    """One value of the classes' quotients; a class with nothing to divide by has 0.

    Args:
        numerators: One for each class, shape (..., classes).
        denominators: Same shape.
        tallies: What they were made of.
        average: ``binary``: that of the positive class; ``micro``: of the sums; ``macro``: the mean
            over the classes that occur or are predicted; ``weighted``: the mean over the classes,
            each as often as it occurs.
        positive: The positive class; the last one of two by default.

    Returns:
        Shape (...). NaN for ``binary`` where there are more than two classes and no positive one.

    Raises:
        ValueError: there is no such average.
    """
    if average == "micro":
        return ratio(numerators.sum(axis=-1), denominators.sum(axis=-1))
    values = ratio(numerators, denominators)
    if average == "binary":
        if positive is None and tallies.known > 2:
            return np.full(values.shape[:-1], np.nan)
        one: Floats = values[..., tallies.known - 1 if positive is None else positive]
        return one
    if average == "weighted":
        shares = tallies.truths
    elif average == "macro":
        shares = (tallies.truths + tallies.predictions > 0).astype(np.float64)
    else:
        raise ValueError(f"there is no average “{average}”")
    return ratio((values * shares).sum(axis=-1), shares.sum(axis=-1), otherwise=np.nan)
