"""How many n-grams of an answer its references have, for rows of words or of characters.

An n-gram is a 64-bit number, made from that of the n-gram one shorter and the next item: no text is
cut, and no n-gram is kept. Of each row and order the references' n-grams go into a small table that
fits the processor's nearest cache; each n-gram of the answer then takes one away.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scoring.bootstrap import mixed
from scoring.metrics.items import ItemRows, Keys
from scoring.metrics.shapes import Integers, Prepared

_FACTOR = np.uint64(0x94D049BB133111EB)


def packed_references(
    references: Sequence[ItemRows], name: str, kind: type[np.unsignedinteger[Any]] = np.uint64
) -> dict[str, NDArray[Any]]:
    """References as arrays that a prepared solution keeps, the columns one after the other."""
    return {
        f"{name}_keys": np.concatenate([each.keys for each in references]).astype(kind),
        f"{name}_starts": np.stack([each.starts for each in references]),
    }


def unpacked_references(prepared: Prepared, name: str) -> list[ItemRows]:
    """What `packed_references` packed."""
    starts = prepared[f"{name}_starts"]
    keys = prepared[f"{name}_keys"].astype(np.uint64, copy=False)
    ends = np.cumsum(starts[:, -1])
    return [ItemRows(keys[end - own[-1] : end], own) for own, end in zip(starts, ends, strict=True)]


def ngram_matches(answers: ItemRows, references: Sequence[ItemRows], *, orders: int) -> Integers:
    """How many n-grams of each answer are in its references.

    An n-gram counts at most as often as it is in the reference that has it most often (clipped
    counts, Papineni et al. 2002).

    Args:
        answers: n rows of items.
        references: One or more columns of n rows.
        orders: n-grams of 1 to so many items.

    Returns:
        Shape (n, orders).
    """
    matches = np.zeros((answers.starts.size - 1, orders), dtype=np.int64)
    offsets = np.cumsum([0] + [each.keys.size for each in references])[:-1]
    starts = np.stack(
        [each.starts + offset for each, offset in zip(references, offsets, strict=True)]
    )
    # The n-grams are made in place, order by order.
    keys = np.concatenate([each.keys for each in references])
    _match(answers.keys.copy(), answers.starts, keys, starts, matches)
    return matches


def ngram_totals(sizes: Integers, *, orders: int) -> Integers:
    """How many n-grams rows of so many items have, shape (n, orders)."""
    totals: Integers = np.maximum(sizes[:, None] - np.arange(orders), 0)
    return totals


@njit(cache=True)
def _lengthen(grams: Keys, items: Keys, start: int, end: int, order: int) -> None:
    """Make n-grams of so many items from those of one fewer."""
    if order == 1:
        for place in range(start, end):
            items[place] = mixed(items[place] + _FACTOR)
            grams[place] = items[place]
        return
    for place in range(start, end - order + 1):
        grams[place] = mixed(grams[place] * _FACTOR + items[place + order - 1])


@njit(cache=True)
def _slot(grams: Keys, stamps: Integers, gram: np.uint64, stamp: int, mask: int) -> np.int64:
    """Where a gram stands in the table, or the free place where it would."""
    slot = np.int64(gram & np.uint64(mask))
    while stamps[slot] == stamp and grams[slot] != gram:
        slot = (slot + 1) & mask
    return slot


@njit(cache=True)
def _table_size(row: int, starts: Integers) -> int:
    items = 0
    for column in range(starts.shape[0]):
        items += starts[column, row + 1] - starts[column, row]
    size = 2
    while size < 2 * items + 2:
        size *= 2
    return size


@njit(cache=True)
def _match(
    answers: Keys, answer_starts: Integers, references: Keys, starts: Integers, matches: Integers
) -> None:
    largest = 2
    for row in range(matches.shape[0]):
        largest = max(largest, _table_size(row, starts))
    table = np.empty(largest, np.uint64)
    stamps = np.full(largest, -1, np.int64)
    column_of = np.empty(largest, np.int64)
    counts = np.empty(largest, np.int64)  # in the column that was added last
    left = np.empty(largest, np.int64)  # the largest count of any column, less what was matched
    answer_grams = np.empty_like(answers)
    grams = np.empty_like(references)
    for row in range(matches.shape[0]):
        mask = _table_size(row, starts) - 1
        start, end = answer_starts[row], answer_starts[row + 1]
        for order in range(1, matches.shape[1] + 1):
            if end - start < order:
                break
            stamp = row * matches.shape[1] + order
            for column in range(starts.shape[0]):
                first, last = starts[column, row], starts[column, row + 1]
                _lengthen(grams, references, first, last, order)
                for place in range(first, last - order + 1):
                    slot = _slot(table, stamps, grams[place], stamp, mask)
                    if stamps[slot] != stamp:
                        stamps[slot] = stamp
                        table[slot] = grams[place]
                        column_of[slot] = column
                        counts[slot] = 0
                        left[slot] = 0
                    if column_of[slot] != column:
                        column_of[slot] = column
                        counts[slot] = 0
                    counts[slot] += 1
                    left[slot] = max(left[slot], counts[slot])
            _lengthen(answer_grams, answers, start, end, order)
            for place in range(start, end - order + 1):
                slot = _slot(table, stamps, answer_grams[place], stamp, mask)
                if stamps[slot] == stamp and left[slot] > 0:
                    left[slot] -= 1
                    matches[row, order - 1] += 1
