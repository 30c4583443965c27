"""Rows of items: texts such as ``cat dog bird``, read into numbers all at once.

Rankings and sets of labels are sent as one text a row, with spaces between the items. Metrics
compare items only for equality, so each item becomes a 64-bit number made from its UTF-8 bytes
(FNV-1a, then splitmix64's finish). Two different items of one row share a number with a chance of
about 1 in 10^19, and then merely count as the same item.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scoring.metrics.shapes import Integers

Keys = NDArray[np.uint64]
Bytes = NDArray[np.uint8]

NO_LIMIT = np.iinfo(np.int64).max

_BASIS = np.uint64(0xCBF29CE484222325)
_PRIME = np.uint64(0x100000001B3)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True, slots=True)
class ItemRows:
    """The items of each row, in their order.

    Attributes:
        keys: The number of each item, one row after the other, shape (items,).
        starts: Where each row begins in `keys`, and the end of the last one, shape (rows + 1,).
    """

    keys: Keys
    starts: Integers

    @property
    def sizes(self) -> Integers:
        """How many items each row has, shape (rows,)."""
        return np.diff(self.starts)

    @property
    def rows(self) -> Integers:
        """The row of each item, shape (items,)."""
        return np.repeat(np.arange(self.starts.size - 1), self.sizes)

    @property
    def places(self) -> Integers:
        """The place of each item in its row, from 0, shape (items,)."""
        return np.arange(self.keys.size) - np.repeat(self.starts[:-1], self.sizes)


def parse_items(texts: Sequence[str], *, most: int | None = None) -> ItemRows:
    """Read rows of items, separated by any number of spaces or tabs.

    An empty text has no items. Letters are compared as they are: ``Cat`` is not ``cat``.

    Args:
        texts: One text a row.
        most: How many items of a row to read; those after them are passed over.

    >>> parse_items(["b a", "", "a"]).sizes.tolist()
    [2, 0, 1]
    """
    joined = "\n".join(texts)
    if joined.count("\n") != len(texts) - 1:
        joined = "\n".join(" ".join(text.split("\n")) for text in texts)
    content = np.frombuffer(joined.encode(errors="surrogatepass"), dtype=np.uint8)
    limit = NO_LIMIT if most is None else most
    starts = np.zeros(len(texts) + 1, dtype=np.int64)
    if texts:
        _count(content, limit, starts)
    keys = np.empty(starts[-1], dtype=np.uint64)
    _read(content, limit, starts, keys)
    return ItemRows(keys, starts)


def without_repeats(items: ItemRows) -> ItemRows:
    """The same rows, each item kept at its first place only."""
    is_first = find_items(items, items) >= 0
    sizes = np.bincount(items.rows[is_first], minlength=items.starts.size - 1)
    return ItemRows(items.keys[is_first], np.concatenate([[0], np.cumsum(sizes)]))


def find_items(items: ItemRows, among: ItemRows) -> Integers:
    """Where each item stands in the same row of other items.

    Args:
        items: What to look for.
        among: Where to look, as many rows. Of an item that is there twice, the first one counts.

    Returns:
        Indices into ``among.keys``, shape (items,); -1 for an item that is not there, and for one
        that stood in its row before.
    """
    found = np.empty(items.keys.size, dtype=np.int64)
    _find(items.keys, items.starts, among.keys, among.starts, found)
    return found


@njit(cache=True)
def _is_space(byte: np.uint8) -> bool:
    # The bytes at which bytes.split() cuts; the line feed ends a row.
    return byte == 32 or 9 <= byte <= 13  # type: ignore[return-value]


@njit(cache=True)
def _count(content: Bytes, limit: int, starts: Integers) -> None:
    row = 0
    count = 0
    is_inside = False
    for byte in content:
        if _is_space(byte):
            is_inside = False
            if byte == 10:
                starts[row + 1] = starts[row] + min(count, limit)
                row += 1
                count = 0
        elif not is_inside:
            is_inside = True
            count += 1
    starts[row + 1] = starts[row] + min(count, limit)


@njit(cache=True)
def _read(content: Bytes, limit: int, starts: Integers, keys: Keys) -> None:
    row = 0
    place = 0
    position = 0
    while position < content.size:
        if _is_space(content[position]):
            if content[position] == 10:
                row += 1
                place = 0
            position += 1
            continue
        key = _BASIS
        while position < content.size and not _is_space(content[position]):
            key = (key ^ np.uint64(content[position])) * _PRIME
            position += 1
        if place < limit:
            key = (key ^ (key >> np.uint64(30))) * _FIRST
            key = (key ^ (key >> np.uint64(27))) * _SECOND
            keys[starts[row] + place] = key ^ (key >> np.uint64(31))
        place += 1


@njit(cache=True)
def _find(
    keys: Keys, starts: Integers, others: Keys, other_starts: Integers, found: Integers
) -> None:
    most = 0
    for row in range(starts.size - 1):
        most = max(most, other_starts[row + 1] - other_starts[row])
    is_taken = np.zeros(most, np.bool_)
    for row in range(starts.size - 1):
        first = other_starts[row]
        size = other_starts[row + 1] - first
        is_taken[:size] = False
        for index in range(starts[row], starts[row + 1]):
            found[index] = -1
            for place in range(size):
                if others[first + place] == keys[index]:
                    if not is_taken[place]:
                        is_taken[place] = True
                        found[index] = first + place
                    break
