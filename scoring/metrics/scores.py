"""What the metrics of scores share: checks of their input, and the two classes in order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from scoring.metrics.numeric import check_finite, exponent_of
from scoring.metrics.shapes import Floats, Integers


@dataclass(frozen=True, slots=True)
class ScoreGroups:
    """The rows of each distinct score, scores ascending.

    Attributes:
        positives: The sum of the positive rows' weights, shape (scores,).
        negatives: The same of the negative rows.
    """

    positives: Floats
    negatives: Floats


def check_scores(target: Integers, prediction: Floats) -> None:
    """Refuse what no metric of scores is defined for.

    Raises:
        ValueError: no rows, the shapes differ, a truth that is not 0 or 1, or a score that is not
            finite.
    """
    if target.ndim != 1 or target.shape != prediction.shape or target.size == 0:
        raise ValueError(f"expected rows of one shape, not {target.shape} and {prediction.shape}")
    if target.min() < 0 or target.max() > 1:
        raise ValueError("the truth must be 0 or 1")
    check_finite(prediction)


def sorted_apart(target: Integers, prediction: Floats) -> tuple[Floats, Floats]:
    """The scores of the positive and of the negative rows, each ascending.

    Sorting two columns of plain numbers is several times faster than finding the order of one.
    """
    parted = np.empty(target.size)
    count = _part(target, prediction, parted)
    positives, negatives = parted[:count], parted[count:]
    positives.sort()
    negatives.sort()
    return positives, negatives


@njit(cache=True)
def _part(target: Integers, prediction: Floats, parted: Floats) -> int:
    """The scores, the positive rows' first; how many those are."""
    front = np.uint64(0)
    back = np.uint64(target.size - 1)
    for row in range(np.uint64(target.size)):
        # Written at both ends and kept at one: a question to the truth would be guessed wrong often.
        parted[front] = prediction[row]
        parted[back] = prediction[row]
        is_positive = np.uint64(target[row] == 1)
        front += is_positive
        back -= np.uint64(1) - is_positive
    return int(front)


def grouped(target: Integers, prediction: Floats, weights: Floats) -> ScoreGroups:
    """Sums of weights by score; the weights are scaled, which changes no ratio of them."""
    order = np.argsort(prediction, kind="stable")
    ordered = prediction[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    scaled = np.ldexp(weights, -exponent_of(weights))[order]
    is_positive = target[order] == 1
    return ScoreGroups(
        positives=np.add.reduceat(np.where(is_positive, scaled, 0.0), starts),
        negatives=np.add.reduceat(np.where(is_positive, 0.0, scaled), starts),
    )
