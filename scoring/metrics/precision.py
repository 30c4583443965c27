"""Precision: the share of a class's predictions that are right."""

from __future__ import annotations

from scoring.metrics.averages import averaged
from scoring.metrics.shapes import Floats, Integers, Tallies, TallyMetric


def _finish(tallies: Tallies, *, average: str, positive: int | None) -> Floats:
    return averaged(tallies.hits, tallies.predictions, tallies, average=average, positive=positive)


METRIC = TallyMetric(_finish)


def precision(
    target: Integers,
    prediction: Integers,
    *,
    average: str = "binary",
    positive: int | None = None,
) -> float:
    r"""The share of the rows predicted to be of a class that are of it.

    .. math:: \frac{TP}{TP + FP}

    0 for a class that is never predicted. Equal to scikit-learn's ``precision_score`` with
    ``zero_division=0``.

    Args:
        target: True classes, numbered from 0, shape (n,).
        prediction: Predicted classes, shape (n,).
        average: ``binary``: that of the positive class; ``micro``: of all classes' sums, which is
            accuracy; ``macro``: the mean over the classes that occur or are predicted;
            ``weighted``: the mean over the classes, each as often as it occurs.
        positive: The class that ``binary`` looks at; the last by default. With more than two
            classes it must be given: the value is NaN otherwise.

    Raises:
        ValueError: no rows, the shapes differ, or there is no such average.

    >>> import numpy as np
    >>> precision(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]))
    0.6666666666666666
    """
    return METRIC.value(target, prediction, average=average, positive=positive)
