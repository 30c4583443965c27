"""Counts of pairs of labels under the bootstrap's weights, and what metrics take of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scoring.metrics.shapes import Floats, Integers, Tallies

MAX_COUNTED = 2**25
"""How many numbers are finished at once."""


@dataclass(frozen=True, slots=True)
class CellSums:
    """Pairs of labels (truth times classes, plus prediction), and their sums of weights.

    Attributes:
        present: The cells that occur, ascending, shape (c,).
        sums: Shape (c, replicates).
        classes: How many classes there are.
    """

    present: Integers
    sums: NDArray[np.uint32]
    classes: int


def in_chunks(finish: Callable[[slice], Floats], count: int, width: int) -> Floats:
    """Finish some replicates at a time, so that many classes don't take the memory of all."""
    chunk = max(1, min(count, MAX_COUNTED // max(width, 1)))
    starts = range(0, count, chunk)
    return np.concatenate([finish(slice(start, start + chunk)) for start in starts])


def tallies_of(cells: CellSums, known: int, part: slice) -> Tallies:
    """Tallies of some replicates, shape (replicates, classes)."""
    classes = cells.classes
    some = cells.sums[:, part].astype(np.float64)
    truth, prediction = np.divmod(cells.present, classes)
    hits = np.zeros((classes, some.shape[1]))
    hit = truth == prediction
    hits[truth[hit]] = some[hit]
    return Tallies(
        hits=hits.T,
        truths=_added(some, truth, classes).T,
        predictions=_added(some, prediction, classes).T,
        known=known,
    )


def _added(sums: Floats, groups: Integers, count: int) -> Floats:
    """The sums of the rows of each group, shape (count, replicates)."""
    order = np.argsort(groups, kind="stable")
    present, starts = np.unique(groups[order], return_index=True)
    result = np.zeros((count, sums.shape[1]))
    result[present] = np.add.reduceat(sums[order], starts, axis=0)
    return result


def counts_of(cells: CellSums, part: slice) -> Floats:
    """Confusion matrices of some replicates, shape (replicates, classes, classes)."""
    some = cells.sums[:, part]
    counts = np.zeros((some.shape[1], cells.classes * cells.classes))
    counts[:, cells.present] = some.T
    return counts.reshape(-1, cells.classes, cells.classes)


@njit(cache=True)
def matrices(
    usage: NDArray[np.int8], truth: Integers, prediction: Integers, classes: int
) -> Integers:
    """A confusion matrix of each split, in one pass; shape (3, classes, classes)."""
    counts = np.zeros((3, classes, classes), np.int64)
    for row in range(usage.size):
        counts[usage[row], truth[row], prediction[row]] += 1
    return counts
