"""Bootstrap weights that are computed instead of stored, and sums under them.

The weight of a row in a replicate is a Poisson(1) number made from a counter-based hash of the
phase's seed, the row's number in the solution and the replicate's number. So every submission of
a phase meets the same weights, whatever the order of its rows, on every worker, and two
submissions can be compared later by subtracting their vectors of replicates.

splitmix64 (Steele, Lea and Flood 2014) gives a 64-bit word for 8 replicates; a byte below 94 is a
weight of 0, below 188 of 1, then 235, 251 and 255 (mean 257/256, variance 1.004: `finish` divides
by the sum of weights, which takes out the first; the second widens an interval by 0.2 %).

All sums of weights are whole numbers, so they are equal on every machine; sums of values are taken
of values rounded to 2^-24 of their range, in whole numbers too.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scoring.metrics.shapes import Floats, Integers

REPLICATES = 1024
VALUE_STEPS = 2**24 - 1
"""Values are rounded to this many steps between the smallest and the largest."""

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_ROWS_BEFORE_SPILL = 16  # 16 rows of weight at most 5 and 24 bits stay below 2^31
_HEAVIEST = 5
_WEIGHTS_BEFORE_SPILL = 13_000  # of weight at most 5, below 2^16


def weights_of(rows: Integers, *, seed: int, count: int = REPLICATES) -> NDArray[np.uint8]:
    """The weights themselves, shape (replicates, rows): for small data and for tests."""
    return _weights(rows, np.uint64(seed), count)


def weight_totals(rows: Integers, *, seed: int, count: int = REPLICATES) -> Floats:
    """The sum of each replicate's weights, shape (replicates,)."""
    order = np.arange(rows.size)
    starts = np.array([0, rows.size])
    sums = _segment_sums(rows, order, starts, np.uint64(seed), count)
    totals: Floats = sums[0].astype(np.float64)
    return totals


def cell_sums(
    cells: Integers, rows: Integers, *, seed: int, count: int = REPLICATES
) -> tuple[Integers, NDArray[np.uint32]]:
    """The sum of weights of each cell that occurs.

    Args:
        cells: Each row's cell, any whole number, shape (n,).
        rows: Each row's number in the solution, shape (n,).
        seed: The phase's seed.
        count: How many replicates.

    Returns:
        The cells that occur, ascending, shape (c,); the sums, shape (c, replicates).
    """
    # numpy sorts 16-bit numbers by radix, which takes a tenth of the time.
    is_small = cells.size > 0 and cells.min() >= 0 and cells.max() < 2**16
    order = np.argsort(cells.astype(np.uint16) if is_small else cells, kind="stable")
    ordered = cells[order]
    is_first = np.empty(ordered.size, dtype=np.bool_)
    is_first[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    firsts = np.flatnonzero(is_first)
    starts = np.append(firsts, ordered.size)
    return ordered[firsts], _segment_sums(rows, order, starts, np.uint64(seed), count)


def value_sums(
    values: Floats, rows: Integers, totals: Floats, *, seed: int, count: int = REPLICATES
) -> Floats:
    """Weighted sums of values.

    Args:
        values: Shape (n, k), finite.
        rows: Each row's number in the solution, shape (n,).
        totals: `weight_totals` of the same rows.
        seed: The phase's seed.
        count: How many replicates.

    Returns:
        Shape (replicates, k).
    """
    lowest = values.min(axis=0)
    span = values.max(axis=0) - lowest
    step = np.where(span > 0, span, 1.0) / VALUE_STEPS
    steps = np.rint((values - lowest) / step).astype(np.int32)
    sums = _step_sums(steps, rows, np.uint64(seed), count)
    result: Floats = totals[:, None] * lowest + sums * step
    return result


def ordered_pairs(
    is_positive: NDArray[np.bool_],
    group_ends: NDArray[np.bool_],
    rows: Integers,
    *,
    seed: int,
    count: int = REPLICATES,
) -> tuple[Floats, Floats]:
    """For ROC-AUC: pairs of a positive above a negative, along rows sorted by score, ascending.

    Args:
        is_positive: Each row's truth, shape (n,).
        group_ends: Whether a row is the last one of its score, shape (n,).
        rows: Each row's number in the solution, shape (n,).
        seed: The phase's seed.
        count: How many replicates.

    Returns:
        Twice the number of pairs won (a tie counts 1) and the negatives' sums of weights; each of
        shape (replicates,). The positives' sums are the rest of `weight_totals`.
    """
    return _ordered_pairs(is_positive, group_ends, rows, np.uint64(seed), count)


@njit(cache=True, inline="always")
def mixed(state: np.uint64) -> np.uint64:
    state = (state ^ (state >> np.uint64(30))) * _FIRST
    state = (state ^ (state >> np.uint64(27))) * _SECOND
    return state ^ (state >> np.uint64(31))


@njit(cache=True)
def fill_weights(
    row: int,
    seed: np.uint64,
    words: NDArray[np.uint64],
    weights: NDArray[np.uint8],
    first: int = 0,
) -> None:
    """The weights of one row in replicates from 8 times `first` on; for compiled code."""
    state = mixed(seed ^ mixed(np.uint64(row) + _GAMMA))
    for number in range(words.size):
        words[number] = mixed(state + np.uint64(first + number + 1) * _GAMMA)
    bytes_ = words.view(np.uint8)
    for number in range(weights.size):
        byte = bytes_[number]
        weights[number] = (
            np.uint8(byte >= 94)
            + np.uint8(byte >= 188)
            + np.uint8(byte >= 235)
            + np.uint8(byte >= 251)
            + np.uint8(byte >= 255)
        )


@njit(cache=True)
def _weights(rows: Integers, seed: np.uint64, count: int) -> NDArray[np.uint8]:
    words = np.empty((count + 7) // 8, np.uint64)
    weights = np.empty(words.size * 8, np.uint8)
    result = np.empty((count, rows.size), np.uint8)
    for index in range(rows.size):
        fill_weights(rows[index], seed, words, weights)
        result[:, index] = weights[:count]
    return result


@njit(cache=True)
def _segment_sums(
    rows: Integers, order: Integers, starts: Integers, seed: np.uint64, count: int
) -> NDArray[np.uint32]:
    words = np.empty((count + 7) // 8, np.uint64)
    weights = np.empty(words.size * 8, np.uint8)
    result = np.zeros((starts.size - 1, count), np.uint32)
    partial = np.zeros(count, np.uint16)
    for segment in range(starts.size - 1):
        waiting = 0
        for place in range(starts[segment], starts[segment + 1]):
            fill_weights(rows[order[place]], seed, words, weights)
            for number in range(count):
                partial[number] += weights[number]
            waiting += 1
            if waiting == _WEIGHTS_BEFORE_SPILL:
                for number in range(count):
                    result[segment, number] += partial[number]
                    partial[number] = 0
                waiting = 0
        for number in range(count):
            result[segment, number] += partial[number]
            partial[number] = 0
    return result


@njit(cache=True)
def _step_sums(steps: NDArray[np.int32], rows: Integers, seed: np.uint64, count: int) -> Floats:
    words = np.empty((count + 7) // 8, np.uint64)
    weights = np.empty(words.size * 8, np.uint8)
    columns = steps.shape[1]
    sums = np.zeros((columns, count), np.int64)
    partial = np.zeros((columns, count), np.int32)
    waiting = 0
    for index in range(rows.size):
        fill_weights(rows[index], seed, words, weights)
        for column in range(columns):
            step = steps[index, column]
            lane = partial[column]
            for number in range(count):
                lane[number] = np.int32(lane[number] + np.int32(step * np.int32(weights[number])))
        waiting += 1
        if waiting == _ROWS_BEFORE_SPILL or index == rows.size - 1:
            for column in range(columns):
                for number in range(count):
                    sums[column, number] += partial[column, number]
                    partial[column, number] = 0
            waiting = 0
    return sums.T.astype(np.float64)


@njit(cache=True)
def _ordered_pairs(
    is_positive: NDArray[np.bool_],
    group_ends: NDArray[np.bool_],
    rows: Integers,
    seed: np.uint64,
    count: int,
) -> tuple[Floats, Floats]:
    words = np.empty((count + 7) // 8, np.uint64)
    weights = np.empty(words.size * 8, np.uint8)
    below = np.zeros(count, np.uint32)  # twice the negatives of a lower score
    tied_below = np.zeros(count, np.uint32)  # the negatives of this score
    tied = np.zeros(count, np.uint32)  # the positives of this score
    # Pairs are summed in 32 bits, which is several times faster, for as long as they surely fit.
    partial = np.zeros(count, np.uint32)
    doubled = np.zeros(count, np.uint64)
    bound = 0
    negatives = 0
    positives = 0
    is_open = False
    for index in range(rows.size):
        fill_weights(rows[index], seed, words, weights)
        is_last = group_ends[index]
        positives += is_positive[index]
        negatives += not is_positive[index]
        most = 2 * _HEAVIEST * _HEAVIEST * positives * negatives if is_last else 0
        if bound + most >= 2**32:
            _spill(partial, doubled)
            bound = 0
        if is_last and not is_open:
            # A score that occurs once, which most do.
            bound += most
            if is_positive[index]:
                for number in range(count):
                    partial[number] += np.uint32(weights[number] * below[number])
            else:
                for number in range(count):
                    below[number] += np.uint32(2) * weights[number]
            positives = 0
            continue
        is_open = True
        share = tied if is_positive[index] else tied_below
        for number in range(count):
            share[number] += weights[number]
        if is_last:
            if most < 2**32:
                bound += most
                _add_pairs(tied, below, tied_below, partial)
            else:
                _add_pairs(tied, below, tied_below, doubled)
            positives = 0
            is_open = False
    _spill(partial, doubled)
    return doubled.astype(np.float64), (below // np.uint32(2)).astype(np.float64)


@njit(cache=True)
def _add_pairs(
    tied: NDArray[np.uint32],
    below: NDArray[np.uint32],
    tied_below: NDArray[np.uint32],
    sums: NDArray[np.unsignedinteger],
) -> None:
    """Add the pairs of the rows of one score, and count them to those below."""
    for number in range(sums.size):
        lower = np.uint64(below[number] + tied_below[number])
        sums[number] += np.uint64(tied[number]) * lower
        below[number] += np.uint32(2) * tied_below[number]
        tied_below[number] = 0
        tied[number] = 0


@njit(cache=True)
def _spill(partial: NDArray[np.uint32], sums: NDArray[np.uint64]) -> None:
    for number in range(partial.size):
        sums[number] += partial[number]
        partial[number] = 0
