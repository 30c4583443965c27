"""F-beta: the harmonic mean of precision and recall, recall counting beta times as much."""

from __future__ import annotations

from scoring.metrics.averages import averaged
from scoring.metrics.shapes import Floats, Integers, Tallies, TallyMetric


def _finish(tallies: Tallies, *, beta: float, average: str, positive: int | None) -> Floats:
    hits = (1.0 + beta * beta) * tallies.hits
    missed = beta * beta * (tallies.truths - tallies.hits)
    # Summed so that nothing missed and nothing wrong is 1 to the last digit.
    seen = hits + missed + (tallies.predictions - tallies.hits)
    return averaged(hits, seen, tallies, average=average, positive=positive)


METRIC = TallyMetric(_finish)


def f_beta(
    target: Integers,
    prediction: Integers,
    *,
    beta: float = 1.0,
    average: str = "binary",
    positive: int | None = None,
) -> float:
    r"""The weighted harmonic mean of a class's precision and recall.

    .. math:: \frac{(1 + \beta^2) TP}{(1 + \beta^2) TP + \beta^2 FN + FP}

    0 for a class that neither occurs nor is predicted. Equal to scikit-learn's ``fbeta_score`` with
    ``zero_division=0``.

    Args:
        target: True classes, numbered from 0, shape (n,).
        prediction: Predicted classes, shape (n,).
        beta: How many times as much recall counts as precision, 0 or more.
        average: ``binary``: that of the positive class; ``micro``: of all classes' sums, which is
            accuracy; ``macro``: the mean over the classes that occur or are predicted;
            ``weighted``: the mean over the classes, each as often as it occurs.
        positive: The class that ``binary`` looks at; the last by default. With more than two
            classes it must be given: the value is NaN otherwise.

    Raises:
        ValueError: no rows, the shapes differ, or there is no such average.

    >>> import numpy as np
    >>> f_beta(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), beta=2.0)
    0.9090909090909091
    """
    return METRIC.value(target, prediction, beta=beta, average=average, positive=positive)
