"""Jaccard index: a class's hits among the rows that are of it or are predicted to be."""

from __future__ import annotations

from scoring.metrics.averages import averaged
from scoring.metrics.shapes import Floats, Integers, Tallies, TallyMetric


def _finish(tallies: Tallies, *, average: str, positive: int | None) -> Floats:
    union = tallies.truths + tallies.predictions - tallies.hits
    return averaged(tallies.hits, union, tallies, average=average, positive=positive)


METRIC = TallyMetric(_finish)


def jaccard(
    target: Integers,
    prediction: Integers,
    *,
    average: str = "binary",
    positive: int | None = None,
) -> float:
    r"""The rows rightly predicted to be of a class, among those that are of it or predicted to be.

    .. math:: \frac{TP}{TP + FP + FN}

    0 for a class that neither occurs nor is predicted. Equal to scikit-learn's ``jaccard_score``
    with ``zero_division=0``.

    Args:
        target: True classes, numbered from 0, shape (n,).
        prediction: Predicted classes, shape (n,).
        average: ``binary``: that of the positive class; ``micro``: of all classes' sums;
            ``macro``: the mean over the classes that occur or are predicted; ``weighted``: the mean
            over the classes, each as often as it occurs.
        positive: The class that ``binary`` looks at; the last by default. With more than two
            classes it must be given: the value is NaN otherwise.

    Raises:
        ValueError: no rows, the shapes differ, or there is no such average.

    >>> import numpy as np
    >>> jaccard(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 0]))
    0.3333333333333333
    """
    return METRIC.value(target, prediction, average=average, positive=positive)
