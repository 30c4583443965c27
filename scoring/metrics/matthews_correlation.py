"""Matthews correlation: the correlation of true and predicted classes."""

from __future__ import annotations

import numpy as np

from scoring.metrics.shapes import Floats, Integers, Tallies, TallyMetric, ratio


def _finish(tallies: Tallies) -> Floats:
    total = np.asarray(tallies.total)[..., None]
    together = (total * tallies.hits - tallies.truths * tallies.predictions).sum(axis=-1)
    # Products of whole numbers, so that rare classes lose no digits to a difference of squares.
    of_truths = (tallies.truths * (total - tallies.truths)).sum(axis=-1)
    of_predictions = (tallies.predictions * (total - tallies.predictions)).sum(axis=-1)
    return np.clip(ratio(together, np.sqrt(of_truths * of_predictions)), -1.0, 1.0)


METRIC = TallyMetric(_finish)


def matthews_correlation(target: Integers, prediction: Integers) -> float:
    r"""The correlation of truth and prediction, each as one indicator a class; -1 to 1.

    .. math:: \frac{n \sum_k c_k - \sum_k t_k p_k}
        {\sqrt{n^2 - \sum_k t_k^2} \sqrt{n^2 - \sum_k p_k^2}}

    t is how often a class occurs, p how often it is predicted and c how often it is hit. 0 where
    all rows have the same true class or the same prediction. Equal to scikit-learn's
    ``matthews_corrcoef``. Source: Gorodkin, "Comparing two K-category assignments by a K-category
    correlation coefficient", 2004.

    Args:
        target: True classes, numbered from 0, shape (n,).
        prediction: Predicted classes, shape (n,).

    Raises:
        ValueError: no rows, or the shapes differ.

    >>> round(matthews_correlation(np.array([1, 1, 1, 0]), np.array([1, 0, 1, 1])), 6)
    -0.333333
    """
    return METRIC.value(target, prediction)
