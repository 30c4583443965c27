"""The quick way through an ordinary file: parsed and checked in one pass by compiled code.

It knows one grammar: the needed columns and no others, whole-number ids, plain decimal numbers,
commas, line feeds. At the first byte that is anything else it gives up, and the readers in
`reading.py` take the file from the start; it never decides that a file is wrong.

Decimals become floats by one exact division where that is possible, else by the algorithm of
D. Lemire, "Number Parsing at a Gigabyte per Second" (2021), so every float is the nearest one.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scoring.contract import ColumnType, Layout
from scoring.tables import Column, Integers, Numbers, Table

CHUNK_BYTES = 1024**2
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ID, _INTEGER, _NUMBER = 0, 1, 2
_KINDS = {ColumnType.INTEGER: _INTEGER, ColumnType.NUMBER: _NUMBER}
_LOWEST_POWER, _HIGHEST_POWER = -342, 308
_MOST_DIGITS = np.uint64(18)
"""Whole numbers of more digits may not fit 64 bits with a sign."""
_MOST_SIGNIFICANT = np.uint64(19)
"""As many digits always fit 64 bits without one."""
_UNUSUAL = -1
_NOWHERE = np.uint64(0)
_ONE = np.uint64(1)
_TEN = np.uint64(10)
_ZERO = np.uint64(48)


def read_plain(
    content: Path | bytes, *, columns: tuple[str, ...], layout: Layout, rows: int
) -> Table | None:
    """The needed columns of a plain file that has just as many rows as the solution.

    Args:
        content: The file, or its unpacked bytes.
        columns: The header's names.
        layout: Which columns are needed.
        rows: How many rows the solution has.

    Returns:
        None where anything at all is unusual.
    """
    wanted = {layout.id_column: _ID}
    for name, kind in layout.columns.items():
        if kind not in _KINDS:
            return None
        wanted[name] = _KINDS[kind]
    if layout.id_type is not ColumnType.INTEGER or sorted(columns) != sorted(wanted):
        return None
    kinds = np.array([wanted[name] for name in columns], dtype=np.int64)
    ids = np.empty(rows, dtype=np.int64)
    integers = np.empty((int(np.sum(kinds == _INTEGER)), rows), dtype=np.int64)
    numbers = np.empty((int(np.sum(kinds == _NUMBER)), rows), dtype=np.float64)
    row = 0
    with _stream(content) as stream:
        if not _has_plain_header(stream, columns):
            return None
        for buffer, size in _lines(stream):
            row = _parse(buffer, size, row, kinds, ids, integers, numbers)
            if row == _UNUSUAL:
                return None
    if row != rows:
        return None
    found: dict[str, Column] = {}
    for wanted_kind, block in ((_INTEGER, integers), (_NUMBER, numbers)):
        names = [name for name, one in zip(columns, kinds, strict=True) if one == wanted_kind]
        found |= dict(zip(names, block, strict=True))
    return Table(ids=ids, columns={name: found[name] for name in layout.columns})


def _stream(content: Path | bytes) -> BinaryIO:
    return content.open("rb", buffering=0) if isinstance(content, Path) else io.BytesIO(content)


def _has_plain_header(stream: BinaryIO, columns: tuple[str, ...]) -> bool:
    """Read the header; whether it is the columns' names with commas and nothing else."""
    header = ",".join(columns).encode() + b"\n"
    found = stream.read(len(header))
    if found.startswith(_BYTE_ORDER_MARK):
        found = found[len(_BYTE_ORDER_MARK) :] + stream.read(len(_BYTE_ORDER_MARK))
    return found == header


def _lines(stream: BinaryIO) -> Iterator[tuple[NDArray[np.uint8], int]]:
    """Chunks that end with a line, in one buffer that stays in the processor's cache."""
    buffer = np.empty(CHUNK_BYTES + 1, dtype=np.uint8)
    view = memoryview(buffer)  # type: ignore[arg-type]  # numpy's stubs hide the buffer
    kept = 0
    while True:
        count = stream.readinto(view[kept:CHUNK_BYTES])  # type: ignore[attr-defined]
        size = kept + count
        if count == 0:
            if kept:
                buffer[kept] = ord("\n")
                yield buffer, kept + 1
            return
        end = _last_line_end(buffer, size)
        if end == 0 and size == CHUNK_BYTES:
            # A line of a megabyte: let the caller see an unusual byte.
            buffer[0] = 0
            end = size
        if end:
            yield buffer, end
        kept = size - end
        buffer[:kept] = buffer[end:size].copy()


@njit(cache=True)
def _last_line_end(buffer: NDArray[np.uint8], size: int) -> int:
    """The place after the last line feed; 0 where there is none."""
    while size and buffer[size - 1] != 10:
        size -= 1
    return size


@njit(cache=True)
def _parse(
    buffer: NDArray[np.uint8],
    size: int,
    row: int,
    kinds: Integers,
    ids: Integers,
    integers: Integers,
    numbers: Numbers,
) -> int:
    """Parse whole lines into the columns from a row on; the next row, or `_UNUSUAL`."""
    place = np.uint64(0)
    at = np.uint64(row)
    last = np.uint64(kinds.size - 1)
    while place < np.uint64(size):
        if at >= np.uint64(ids.size):
            return _UNUSUAL
        integer_column = np.uint64(0)
        number_column = np.uint64(0)
        for column in range(np.uint64(kinds.size)):
            end = np.uint8(10) if column == last else np.uint8(44)
            if kinds[column] == _NUMBER:
                value, after = _short_decimal(buffer, place, end)
                if after == _NOWHERE:
                    value, after = _decimal(buffer, place, end)
                numbers[number_column, at] = value
                place = after
                number_column += _ONE
            else:
                whole, place = _whole(buffer, place, end)
                if kinds[column] == _ID:
                    ids[at] = whole
                else:
                    integers[integer_column, at] = whole
                    integer_column += _ONE
            if place == _NOWHERE:
                return _UNUSUAL
        at += _ONE
    return int(at)


@njit(cache=True, inline="always")
def _whole(
    buffer: NDArray[np.uint8], place: np.uint64, end: np.uint8
) -> tuple[np.int64, np.uint64]:
    """A whole number and the place after its end; `_NOWHERE` where there is none.

    Every line ends within the buffer, so the loop does too. Places are unsigned, so that the
    compiled code need not ask whether they count from the end.
    """
    is_negative = buffer[place] == 45
    if is_negative:
        place += _ONE
    first = place
    value, place = _digits(buffer, place, np.uint64(0))
    # One question at a time: joined by `or`, the compiled code takes four times as long.
    if place == first:
        return np.int64(0), _NOWHERE
    if place - first > _MOST_DIGITS:
        return np.int64(0), _NOWHERE
    if buffer[place] != end:
        return np.int64(0), _NOWHERE
    whole = np.int64(value)
    return (-whole if is_negative else whole), place + _ONE


@njit(cache=True, inline="always")
def _digits(
    buffer: NDArray[np.uint8], place: np.uint64, mantissa: np.uint64
) -> tuple[np.uint64, np.uint64]:
    """Digits added to a mantissa, and the place after them."""
    # Wide arithmetic all along: narrowing after each step would take five times the time.
    digit = np.uint64(buffer[place]) - _ZERO
    while digit < _TEN:
        mantissa = mantissa * _TEN + digit
        place += _ONE
        digit = np.uint64(buffer[place]) - _ZERO
    return mantissa, place


@njit(cache=True, inline="always")
def _short_decimal(
    buffer: NDArray[np.uint8], place: np.uint64, end: np.uint8
) -> tuple[float, np.uint64]:
    """`_decimal` of at most 19 digits without exponent, which is most of what people send.

    Up to 2^53 such a number is one exact division, with but a few branches on the way.
    """
    is_negative = buffer[place] == 45
    if is_negative:
        place += _ONE
    first = place
    mantissa, place = _digits(buffer, place, np.uint64(0))
    digits = place - first
    decimals = np.uint64(0)
    if buffer[place] == 46:
        place += _ONE
        start = place
        mantissa, place = _digits(buffer, place, mantissa)
        decimals = place - start
        digits += decimals
    # No digit at all wraps around to a large number.
    is_short = digits - _ONE < _MOST_SIGNIFICANT
    is_short &= buffer[place] == end
    if not is_short:
        return 0.0, _NOWHERE
    if mantissa <= np.uint64(2**53):
        value = np.float64(mantissa) / _TENS[decimals]
    else:
        value, is_exact = _lemire(mantissa, -np.int64(decimals))
        if not is_exact:
            return 0.0, _NOWHERE
    if is_negative:
        value = -value
    return value, place + _ONE


@njit(cache=True)
def _decimal(buffer: NDArray[np.uint8], place: np.uint64, end: np.uint8) -> tuple[float, np.uint64]:
    """A decimal number and the place after its end; `_NOWHERE` where there is none."""
    is_negative = buffer[place] == 45
    if is_negative:
        place += _ONE
    first = place
    mantissa, place = _digits(buffer, place, np.uint64(0))
    digits = place - first
    power = np.int64(0)
    if buffer[place] == 46:
        point = place
        mantissa, place = _digits(buffer, place + _ONE, mantissa)
        digits += place - point - _ONE
        power = -np.int64(place - point - _ONE)
    if digits == np.uint64(0):
        return 0.0, _NOWHERE
    if digits > _MOST_SIGNIFICANT:
        if not _are_few(buffer, first, place):
            return 0.0, _NOWHERE
    if buffer[place] != end:
        exponent, place = _exponent(buffer, place)
        if place == _NOWHERE:
            return 0.0, _NOWHERE
        power += exponent
    if buffer[place] != end:
        return 0.0, _NOWHERE
    value, is_exact = _float(mantissa, power)
    if not is_exact:
        return 0.0, _NOWHERE
    return (-value if is_negative else value), place + _ONE


@njit(cache=True)
def _exponent(buffer: NDArray[np.uint8], place: np.uint64) -> tuple[np.int64, np.uint64]:
    """The number after an ``e``, and the place after it; `_NOWHERE` where there is none."""
    if buffer[place] | np.uint8(32) != 101:
        return np.int64(0), _NOWHERE
    place += _ONE
    is_minus = buffer[place] == 45
    if is_minus:
        place += _ONE
    elif buffer[place] == 43:
        place += _ONE
    first = place
    value, place = _digits(buffer, place, np.uint64(0))
    if place == first:
        return np.int64(0), _NOWHERE
    if place - first > np.uint64(4):
        return np.int64(0), _NOWHERE
    exponent = np.int64(value)
    return (-exponent if is_minus else exponent), place


@njit(cache=True)
def _are_few(buffer: NDArray[np.uint8], first: np.uint64, end: np.uint64) -> bool:
    """Whether there are so many digits only because of zeros before the first other one."""
    significant = 0
    for place in range(first, end):
        if buffer[place] != 46 and (significant or buffer[place] != 48):
            significant += 1
    return bool(significant <= _MOST_SIGNIFICANT)


@njit(cache=True)
def _float(mantissa: np.uint64, power: np.int64) -> tuple[float, bool]:
    """The float nearest to mantissa times ten to the power; False where it is not certain."""
    if mantissa == 0:
        return 0.0, True
    if mantissa <= np.uint64(2**53):
        # Both numbers are floats, so the one operation rounds once.
        if np.uint64(-power) <= np.uint64(22):
            return np.float64(mantissa) / _TENS[np.uint64(-power)], True
        if np.uint64(power) <= np.uint64(22):
            return np.float64(mantissa) * _TENS[np.uint64(power)], True
    if power < _LOWEST_POWER or power > _HIGHEST_POWER:
        return 0.0, False
    return _lemire(mantissa, power)


@njit(cache=True, inline="always")
def _normalised(mantissa: np.uint64) -> tuple[np.uint64, np.int64]:
    """A number shifted until its highest bit is set, and by how much."""
    shift = np.int64(0)
    for step in (32, 16, 8, 4, 2, 1):
        if mantissa >> np.uint64(64 - step) == np.uint64(0):
            mantissa = mantissa << np.uint64(step)
            shift += step
    return mantissa, shift


@njit(cache=True)
def _lemire(mantissa: np.uint64, power: np.int64) -> tuple[float, bool]:
    mantissa, shift = _normalised(mantissa)
    high, low = _product(mantissa, _FIVES_HIGH[power - _LOWEST_POWER])
    if high & np.uint64(0x1FF) == np.uint64(0x1FF):
        more, _ = _product(mantissa, _FIVES_LOW[power - _LOWEST_POWER])
        low = low + more
        if more > low:
            high = high + np.uint64(1)
    if low == np.uint64(0xFFFFFFFFFFFFFFFF) and (power < -27 or power > 55):
        return 0.0, False
    upper = np.int64(high >> np.uint64(63))
    cut = np.uint64(upper + 9)
    bits = high >> cut
    exponent = ((217706 * power) >> 16) + 63 + upper - shift + 1023
    if exponent <= 0:
        return 0.0, False
    if low <= np.uint64(1) and -4 <= power <= 23 and bits & np.uint64(3) == np.uint64(1):
        if bits << cut == high:
            bits = bits & ~np.uint64(1)
    bits = (bits + (bits & np.uint64(1))) >> np.uint64(1)
    if bits >= np.uint64(1 << 53):
        bits = np.uint64(1 << 52)
        exponent += 1
    if exponent >= 2047:
        return 0.0, False
    # Both factors and the product are floats, so nothing is rounded here.
    return np.float64(bits) * _TWOS[exponent], True


@njit(cache=True, inline="always")
def _product(first: np.uint64, second: np.uint64) -> tuple[np.uint64, np.uint64]:
    """The 128 bits of a product, the higher half first."""
    half = np.uint64(32)
    mask = np.uint64(0xFFFFFFFF)
    first_high, first_low = first >> half, first & mask
    second_high, second_low = second >> half, second & mask
    low = first_low * second_low
    middle = first_high * second_low + (low >> half)
    other = first_low * second_high + (middle & mask)
    high = first_high * second_high + (middle >> half) + (other >> half)
    return high, (other << half) | (low & mask)


def _fives() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The first 128 bits of each power of five, rounded as Lemire's paper has it (its table 1)."""
    words = []
    for power in range(_LOWEST_POWER, _HIGHEST_POWER + 1):
        if power >= 0:
            five = 5**power
            length = five.bit_length()
            words.append(five << (128 - length) if length <= 128 else five >> (length - 128))
            continue
        five = 5**-power
        bits = (five - 1).bit_length()
        whole = (1 << (bits + 127 if power >= -27 else 2 * bits + 128)) // five + 1
        words.append(whole >> max(whole.bit_length() - 128, 0))
    high = np.array([word >> 64 for word in words], dtype=np.uint64)
    low = np.array([word & (2**64 - 1) for word in words], dtype=np.uint64)
    return high, low


_FIVES_HIGH, _FIVES_LOW = _fives()
_TENS = np.array([float(10**power) for power in range(23)])
_TWOS = np.array([2.0 ** (exponent - 1075) for exponent in range(2047)])
