"""Cohen's kappa: agreement beyond chance."""

from __future__ import annotations

import numpy as np

from scoring.metrics.shapes import ConfusionMetric, Floats, Integers, ratio


def _finish(counts: Floats, *, weights: str) -> Floats:
    costs = _costs(counts.shape[-1], weights)
    truths, predictions = counts.sum(axis=-1), counts.sum(axis=-2)
    observed = counts.reshape(*counts.shape[:-2], -1) @ costs.ravel()
    by_chance = ((truths @ costs) * predictions).sum(axis=-1)
    disagreement = ratio(truths.sum(axis=-1) * observed, by_chance, otherwise=np.nan)
    return np.clip(1.0 - disagreement, -1.0, 1.0)


def _costs(classes: int, weights: str) -> Floats:
    """What each pair of a true and a predicted class costs, shape (classes, classes)."""
    numbers = np.arange(classes, dtype=np.float64)
    steps = np.abs(numbers[:, None] - numbers)
    match weights:
        case "none":
            return np.minimum(steps, 1.0)
        case "linear":
            return steps
        case "quadratic":
            return steps * steps
    raise ValueError(f"there are no weights “{weights}”")


METRIC = ConfusionMetric(_finish)


def cohen_kappa(target: Integers, prediction: Integers, *, weights: str = "none") -> float:
    r"""How much better than chance truth and prediction agree: 1 is perfect, 0 chance.

    .. math:: 1 - \frac{\sum_{i,j} w_{ij} O_{ij}}{\sum_{i,j} w_{ij} t_i p_j / n}

    O is the confusion matrix, t and p are its sums by true and by predicted class. Equal to
    scikit-learn's ``cohen_kappa_score`` where ``labels`` are all classes. NaN where all rows have
    one and the same true and predicted class.

    Args:
        target: True classes, numbered from 0 in their order, shape (n,).
        prediction: Predicted classes, shape (n,).
        weights: What a wrong class costs: ``none``: 1; ``linear``: how many classes it is off;
            ``quadratic``: the square of that.

    Raises:
        ValueError: no rows, the shapes differ, or there are no such weights.

    >>> cohen_kappa(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]))
    0.5
    """
    return METRIC.value(target, prediction, weights=weights)
