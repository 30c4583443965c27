"""Run-length encoded masks, in Kaggle's convention, read and compared without drawing a pixel.

A mask is a text of pairs ``start length``: pixels are numbered from 1, down the first column of the
image, then down the second; the runs ascend and do not overlap. An empty text is a mask without a
pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scoring.errors import gettext_noop
from scoring.metrics.shapes import Floats, Integers, Prepared, RowFault, UnfitTexts

_REASONS = (
    "",
    gettext_noop("is not a row of whole numbers with spaces between them"),
    gettext_noop("has a start without a length"),
    gettext_noop("has a start or a length below 1"),
    gettext_noop("has runs that overlap or are not in order"),
    gettext_noop("goes beyond the last pixel"),
)
_NO_NUMBER, _ODD, _BELOW_ONE, _OUT_OF_ORDER, _BEYOND = range(1, len(_REASONS))


@dataclass(frozen=True, slots=True)
class MaskRows:
    """The runs of each row.

    Attributes:
        firsts: The first pixel of each run, one row after the other, shape (runs,).
        lengths: How many pixels each has, same shape.
        starts: Where each row begins in these, and the end of the last one, shape (rows + 1,).
    """

    firsts: Integers
    lengths: Integers
    starts: Integers

    @property
    def areas(self) -> Integers:
        """How many pixels each mask has, shape (rows,)."""
        sums = np.concatenate([[0], np.cumsum(self.lengths)])
        areas: Integers = sums[self.starts[1:]] - sums[self.starts[:-1]]
        return areas


def mask_faults(texts: Sequence[str], *, height: int, width: int, **_: Any) -> list[RowFault]:
    """What is wrong with a column of masks; of each row the first thing."""
    return _faults(_parsed(texts, height * width)[1])


def parse_masks(texts: Sequence[str], *, height: int, width: int, column: int = 0) -> MaskRows:
    """Read masks of images of one size.

    Raises:
        UnfitTexts: a text is no such mask.

    >>> parse_masks(["1 3 10 2", ""], height=4, width=3).areas.tolist()
    [5, 0]
    """
    masks, codes = _parsed(texts, height * width)
    faults = _faults(codes)
    if faults:
        raise UnfitTexts(faults, column=column)
    return masks


def prepare_masks(
    truth: tuple[Sequence[str], ...], *, height: int, width: int, **_: Any
) -> dict[str, NDArray[Any]]:
    """The first column's masks as arrays that a prepared solution keeps."""
    masks = parse_masks(truth[0], height=height, width=width)
    return {"firsts": masks.firsts, "lengths": masks.lengths, "starts": masks.starts}


def overlaps(
    prepared: Prepared, prediction: Sequence[str], *, height: int, width: int
) -> tuple[Floats, Floats, Floats]:
    """Compare predicted masks with the truth's.

    Returns:
        How many pixels both masks of a row have, how many the truth's has, and how many the
        predicted one has; each of shape (n,).

    Raises:
        ValueError: no rows, not as many masks as rows, or a text that is no mask.
    """
    truth = MaskRows(prepared["firsts"], prepared["lengths"], prepared["starts"])
    rows = truth.starts.size - 1
    if rows == 0 or len(prediction) != rows:
        raise ValueError(f"expected {rows} masks, one or more, not {len(prediction)}")
    answers = parse_masks(prediction, height=height, width=width)
    shared = np.zeros(rows, dtype=np.int64)
    _intersect(
        truth.firsts,
        truth.lengths,
        truth.starts,
        answers.firsts,
        answers.lengths,
        answers.starts,
        shared,
    )
    return (
        shared.astype(np.float64),
        truth.areas.astype(np.float64),
        answers.areas.astype(np.float64),
    )


def _parsed(texts: Sequence[str], pixels: int) -> tuple[MaskRows, NDArray[np.int8]]:
    joined = "\n".join(texts)
    if joined.count("\n") > len(texts) - 1:
        joined = "\n".join(text.replace("\n", " ") for text in texts)
    content = np.frombuffer(joined.encode(errors="replace"), dtype=np.uint8)
    is_space = (content == 32) | ((content >= 9) & (content <= 13))
    numbers = np.count_nonzero(~is_space & np.concatenate([[True], is_space])[:-1])
    values = np.zeros(int(numbers) + 1, dtype=np.int64)
    starts = np.zeros(len(texts) + 1, dtype=np.int64)
    codes = np.zeros(len(texts), dtype=np.int8)
    if texts:
        _read(content, is_space, pixels, values, starts, codes)
    pairs = values[: 2 * starts[-1]].reshape(-1, 2)
    return MaskRows(pairs[:, 0].copy(), pairs[:, 1].copy(), starts), codes


def _faults(codes: NDArray[np.int8]) -> list[RowFault]:
    return [RowFault(row, _REASONS[codes[row]]) for row in np.flatnonzero(codes).tolist()]


@njit(cache=True)
def _fault_of(values: Integers, begin: int, end: int, pixels: int) -> int:
    if (end - begin) % 2 == 1:
        return _ODD
    free = 1
    for place in range(begin, end, 2):
        first, length = values[place], values[place + 1]
        if first < 1 or length < 1:
            return _BELOW_ONE
        if first < free:
            return _OUT_OF_ORDER
        if first > pixels or length > pixels or first + length - 1 > pixels:
            return _BEYOND
        free = first + length
    return 0


@njit(cache=True)
def _read(
    content: NDArray[np.uint8],
    is_space: NDArray[np.bool_],
    pixels: int,
    values: Integers,
    starts: Integers,
    codes: NDArray[np.int8],
) -> None:
    """Read all rows; one with a fault gets its code, and no runs."""
    row = 0
    begin = 0
    count = 0
    position = 0
    while position <= content.size:
        if position == content.size or content[position] == 10:
            if codes[row] == 0:
                codes[row] = _fault_of(values, begin, count, pixels)
            if codes[row] != 0:
                count = begin
            begin = count
            row += 1
            starts[row] = count // 2
            position += 1
            continue
        if is_space[position]:
            position += 1
            continue
        value = np.int64(0)
        while position < content.size and not is_space[position]:
            digit = np.int64(content[position]) - 48
            if digit < 0 or digit > 9:
                codes[row] = _NO_NUMBER
            # Beyond any image, and far from overflowing.
            value = min(value * 10 + digit, np.int64(2**50))
            position += 1
        values[count] = value
        count += 1


@njit(cache=True)
def _intersect(
    firsts: Integers,
    lengths: Integers,
    starts: Integers,
    other_firsts: Integers,
    other_lengths: Integers,
    other_starts: Integers,
    shared: Integers,
) -> None:
    for row in range(shared.size):
        one, other = starts[row], other_starts[row]
        while one < starts[row + 1] and other < other_starts[row + 1]:
            end = firsts[one] + lengths[one]
            other_end = other_firsts[other] + other_lengths[other]
            both = min(end, other_end) - max(firsts[one], other_firsts[other])
            if both > 0:
                shared[row] += both
            if end <= other_end:
                one += 1
            else:
                other += 1
