"""Recall: the share of a class's rows that are found."""

from __future__ import annotations

from scoring.metrics.averages import averaged
from scoring.metrics.shapes import Floats, Integers, Tallies, TallyMetric


def _finish(tallies: Tallies, *, average: str, positive: int | None) -> Floats:
    return averaged(tallies.hits, tallies.truths, tallies, average=average, positive=positive)


METRIC = TallyMetric(_finish)


def recall(
    target: Integers,
    prediction: Integers,
    *,
    average: str = "binary",
    positive: int | None = None,
) -> float:
    r"""The share of the rows of a class that are predicted to be of it.

    .. math:: \frac{TP}{TP + FN}

    0 for a class that never occurs. Equal to scikit-learn's ``recall_score`` with
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
    >>> recall(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 0]))
    0.5
    """
    return METRIC.value(target, prediction, average=average, positive=positive)
