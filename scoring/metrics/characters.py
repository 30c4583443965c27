"""Texts as numbers: the characters of each row, or its words, read all at once.

White space is what Python's ``str.split`` and ``str.isspace`` call so, in all of Unicode. A character
is its code point. A word becomes a 64-bit number made from its code points (FNV-1a, then the finish
of splitmix64): two different words of one corpus of a million words share a number with a chance of
about 1 in 10^7, and then count as the same word.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scoring.bootstrap import mixed
from scoring.metrics.items import ItemRows, Keys
from scoring.metrics.shapes import Integers

Points = NDArray[np.uint32]

_LAST_SPACE = 0x3000
_SPACES = np.zeros(_LAST_SPACE + 2, dtype=np.bool_)
_SPACES[[point for point in range(_LAST_SPACE + 1) if chr(point).isspace()]] = True
_PUNCTUATION = np.zeros(128, dtype=np.bool_)
_PUNCTUATION[[ord(mark) for mark in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"]] = True

_BASIS = np.uint64(0xCBF29CE484222325)
_PRIME = np.uint64(0x100000001B3)


def joined_lines(texts: Sequence[str]) -> str:
    """One line a text; line feeds inside a text become spaces."""
    joined = "\n".join(texts)
    if joined.count("\n") > len(texts) - 1:
        joined = "\n".join(text.replace("\n", " ") for text in texts)
    return joined


def characters(texts: Sequence[str]) -> ItemRows:
    """Each row's characters that are not white space.

    >>> characters(["a b", "", "c"]).keys.tolist()
    [97, 98, 99]
    """
    points = _points(joined_lines(texts))
    is_space = _SPACES[np.minimum(points, _LAST_SPACE + 1)]
    before = np.cumsum(~is_space)
    ends = before[np.flatnonzero(points == ord("\n"))]
    starts = np.concatenate([[0], ends, before[-1:]]) if texts else np.zeros(1, dtype=np.int64)
    if texts and not points.size:
        starts = np.zeros(len(texts) + 1, dtype=np.int64)
    return ItemRows(points[~is_space].astype(np.uint64), starts.astype(np.int64))


def words(lines: str, rows: int, *, splits_punctuation: bool = False) -> ItemRows:
    """Each line's words, which white space separates.

    Args:
        lines: One line a row, as of `joined_lines`.
        rows: How many rows there are.
        splits_punctuation: Whether a mark of ASCII punctuation at the end of a word, or else at
            its beginning, is a word of its own, as chrF++ has it.

    >>> words("b a\\n\\na", 3).sizes.tolist()
    [2, 0, 1]
    """
    points = _points(lines)
    is_space = _SPACES[np.minimum(points, _LAST_SPACE + 1)]
    most = int(np.count_nonzero(~is_space & np.concatenate([[True], is_space])[:-1]))
    keys = np.empty(2 * most if splits_punctuation else most, dtype=np.uint64)
    starts = np.zeros(rows + 1, dtype=np.int64)
    if rows:
        _words(points, is_space, splits_punctuation, _PUNCTUATION, keys, starts)
    return ItemRows(keys[: starts[-1]], starts)


def _points(text: str) -> Points:
    return np.frombuffer(text.encode("utf-32-le", errors="surrogatepass"), dtype="<u4")


@njit(cache=True)
def _key(points: Points, start: int, end: int) -> np.uint64:
    key = _BASIS
    for position in range(start, end):
        key = (key ^ np.uint64(points[position])) * _PRIME
    return mixed(key)


@njit(cache=True)
def _words(
    points: Points,
    is_space: NDArray[np.bool_],
    splits: bool,
    punctuation: NDArray[np.bool_],
    keys: Keys,
    starts: Integers,
) -> None:
    row = 0
    count = 0
    position = 0
    while position < points.size:
        if is_space[position]:
            if points[position] == 10:
                row += 1
                starts[row] = count
            position += 1
            continue
        start = position
        while position < points.size and not is_space[position]:
            position += 1
        cut = position
        if splits and position - start > 1:
            last = points[position - 1]
            first = points[start]
            if last < 128 and punctuation[last]:
                cut = position - 1
            elif first < 128 and punctuation[first]:
                cut = start + 1
        keys[count] = _key(points, start, cut)
        count += 1
        if cut < position:
            keys[count] = _key(points, cut, position)
            count += 1
    starts[row + 1] = count
