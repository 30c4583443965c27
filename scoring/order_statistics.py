"""Bootstrap replicates of scores that depend on the order of rows: one pass along it for all.

Each function has the signature of `scoring.metrics.shapes.WeightedMetric.replicates`. A replicate
in which a score is undefined, for want of one of the classes, say, is NaN.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scoring.bootstrap import fill_weights, ordered_pairs, weight_totals
from scoring.metrics.shapes import Floats, Integers, ratio

MAX_RANKED = 200_000
"""The most rows of a rank correlation with an interval."""
_BLOCK_WORDS = 4  # 32 replicates at once keep the ranks of many rows in memory


def auc_replicates(
    truth: Integers,
    scores: Floats,
    rows: Integers,
    seed: int,
    count: int,
    *,
    totals: Floats | None = None,
    **_: Any,
) -> Floats:
    """ROC-AUC under each replicate.

    Args:
        truth: 1 for the positive class, 0 for the other, shape (n,).
        scores: Higher where the positive class is likelier, shape (n,).
        rows: Each row's number in the solution, shape (n,).
        seed: The phase's seed.
        count: How many replicates.
        totals: The sums of the rows' weights, where they are known.
    """
    if totals is None:
        totals = weight_totals(rows, seed=seed, count=count)
    order = np.argsort(scores)  # the order inside ties makes no difference
    won, negatives = ordered_pairs(
        (truth == 1).take(order),
        _group_ends(scores.take(order)),
        rows.take(order),
        seed=seed,
        count=count,
    )
    positives = totals - negatives
    return ratio(won, 2.0 * positives * negatives, otherwise=np.nan)


def average_precision_replicates(
    truth: Integers, scores: Floats, rows: Integers, seed: int, count: int, **_: Any
) -> Floats:
    """Average precision under each replicate; arguments as of `auc_replicates`."""
    order = np.argsort(-scores)
    sums, positives = _precisions(
        truth[order] == 1, _group_ends(scores[order]), rows[order], np.uint64(seed), count
    )
    return ratio(sums, positives, otherwise=np.nan)


def median_replicates(values: Floats, rows: Integers, seed: int, count: int) -> Floats:
    """The median of values, each as often as its weight says, under each replicate."""
    order = np.argsort(values, kind="stable")
    totals = weight_totals(rows, seed=seed, count=count).astype(np.int64)
    result = _medians(values[order], rows[order], totals, np.uint64(seed), count)
    result[totals == 0] = np.nan
    return result


def spearman_replicates(
    truth: Floats, prediction: Floats, rows: Integers, seed: int, count: int, **_: Any
) -> Floats | None:
    """Spearman's correlation under each replicate, the ranks made anew for each.

    Returns:
        None for more than `MAX_RANKED` rows.
    """
    if rows.size > MAX_RANKED:
        return None
    first, second = np.argsort(truth, kind="stable"), np.argsort(prediction, kind="stable")
    result = np.empty(count)
    step = 8 * _BLOCK_WORDS
    for start in range(0, count, step):
        moments = _rank_moments(
            first,
            _group_ends(truth[first]),
            second,
            _group_ends(prediction[second]),
            rows,
            np.uint64(seed),
            start // 8,
        )
        scale = np.sqrt(moments[0] * moments[1])
        result[start : start + step] = ratio(moments[2], scale, otherwise=np.nan)[: count - start]
    return np.clip(result, -1.0, 1.0)


def _group_ends(ordered: Floats) -> NDArray[np.bool_]:
    """Whether a row is the last one of its value, along ordered values."""
    ends = np.ones(ordered.size, dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=ends[:-1])
    return ends


@njit(cache=True)
def _precisions(
    is_positive: NDArray[np.bool_],
    group_ends: NDArray[np.bool_],
    rows: Integers,
    seed: np.uint64,
    count: int,
) -> tuple[Floats, Floats]:
    """The sum over thresholds of new positives times precision, and the positives."""
    words = np.empty((count + 7) // 8, np.uint64)
    weights = np.empty(words.size * 8, np.uint8)
    sums = np.zeros(count)
    positives = np.zeros(count)
    seen = np.zeros(count)
    fresh = np.zeros(count)
    has_fresh = False
    for index in range(rows.size):
        fill_weights(rows[index], seed, words, weights)
        for number in range(count):
            seen[number] += np.int32(weights[number])
        if is_positive[index]:
            has_fresh = True
            for number in range(count):
                fresh[number] += np.int32(weights[number])
        if group_ends[index] and has_fresh:
            for number in range(count):
                positives[number] += fresh[number]
                # Where nothing is fresh, a precision of 0 in 0 would spoil the sum.
                sums[number] += fresh[number] * positives[number] / max(seen[number], 1.0)
                fresh[number] = 0.0
            has_fresh = False
    return sums, positives


@njit(cache=True)
def _medians(
    values: Floats, rows: Integers, totals: Integers, seed: np.uint64, count: int
) -> Floats:
    words = np.empty((count + 7) // 8, np.uint64)
    weights = np.empty(words.size * 8, np.uint8)
    below = np.zeros(count, np.int64)
    lower = np.zeros(count)
    upper = np.zeros(count)
    for index in range(rows.size):
        fill_weights(rows[index], seed, words, weights)
        value = values[index]
        for number in range(count):
            # The middle one of an odd number, or the two of an even one, counted from 0.
            if below[number] <= (totals[number] - 1) // 2:
                lower[number] = value
            if below[number] <= totals[number] // 2:
                upper[number] = value
            below[number] += np.int64(weights[number])
    return (lower + upper) / 2.0


@njit(cache=True)
def _rank_moments(
    first: Integers,
    first_ends: NDArray[np.bool_],
    second: Integers,
    second_ends: NDArray[np.bool_],
    rows: Integers,
    seed: np.uint64,
    word: int,
) -> Floats:
    """Weighted sums of squares and products of centred ranks in some replicates, shape (3, ·)."""
    words = np.empty(_BLOCK_WORDS, np.uint64)
    drawn = np.empty((rows.size, 8 * _BLOCK_WORDS), np.uint8)
    for row in range(rows.size):
        fill_weights(rows[row], seed, words, drawn[row], word)
    ranks = _ranks(first, first_ends, drawn)
    others = _ranks(second, second_ends, drawn)
    moments = np.zeros((3, drawn.shape[1]))
    for row in range(rows.size):
        for number in range(drawn.shape[1]):
            weight = np.int32(drawn[row, number])
            moments[0, number] += weight * ranks[row, number] * ranks[row, number]
            moments[1, number] += weight * others[row, number] * others[row, number]
            moments[2, number] += weight * ranks[row, number] * others[row, number]
    return moments


@njit(cache=True)
def _ranks(order: Integers, ends: NDArray[np.bool_], drawn: NDArray[np.uint8]) -> Floats:
    """Each row's rank less the mean of all, in each replicate; equal values share theirs."""
    ranks = np.empty(drawn.shape)
    below = np.zeros(drawn.shape[1])
    share = np.zeros(drawn.shape[1])
    start = 0
    for place in range(order.size):
        for number in range(share.size):
            share[number] += np.int32(drawn[order[place], number])
        if ends[place]:
            for member in range(start, place + 1):
                for number in range(share.size):
                    ranks[order[member], number] = below[number] + share[number] / 2.0
            for number in range(share.size):
                below[number] += share[number]
                share[number] = 0.0
            start = place + 1
    # What is below all is the total; the mean of the ranks is half of it.
    return ranks - below / 2.0
