"""Whether a text is so regular that polars and the exact reader must agree on it.

polars takes more than it should: rows that are too short, quotation marks astray, a line end of
its own kind. So the fast path reads only texts that these checks call regular; all others go to
the exact reader. A check never says that a text is wrong. It costs a fraction of parsing, since
nearly all texts have neither quotation marks nor columns that are not read.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scoring.rows import MAX_ROW_CHARACTERS

_UNUSUAL_ESCAPE = re.compile(rb"\\u(?:0000|00[2-7]|[dD][89a-fA-F])")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_ .-]*")
_QUOTE = 34


def is_regular_csv(block: bytes, *, delimiter: str, width: int | None) -> bool:
    """Whether a block of whole lines holds only what both readers read alike.

    Args:
        block: Lines of a CSV file.
        delimiter: What separates the columns.
        width: How many values each row must have; None where polars sees itself that one has not.
    """
    # polars passes over a byte order mark wherever it begins to read.
    if b"\0" in block or block.startswith(codecs.BOM_UTF8):
        return False
    if b"\r" in block and block.count(b"\r") != block.count(b"\r\n"):
        return False
    has_quotes = b'"' in block
    if not has_quotes and width is None:
        return not _has_long_line(block)
    data = np.frombuffer(block, dtype=np.uint8)
    inside = _quoted(data, delimiter) if has_quotes else None
    if has_quotes and inside is None:
        return False
    if width is not None and not _has_width(data, inside, delimiter, width):
        return False
    return not _has_long_line(block)


def is_regular_json(
    content: bytes, *, names: Sequence[str], needed: Sequence[str], texts: Sequence[str], rows: int
) -> bool:
    """Whether no object of a JSON Lines text nests, repeats a needed key or hides one.

    Args:
        content: The whole text.
        names: The keys of its first object.
        needed: The keys that are read, each of which every object has.
        texts: Those of them whose values must be text; polars makes text of anything.
        rows: How many objects there are.
    """
    if b"[" in content or content.count(b"{") != rows or b"\0" in content:
        return False
    # A key may be written in disguise, and half a character is none.
    if b"\\" in content and (
        not all(map(_PLAIN_NAME.fullmatch, needed)) or _UNUSUAL_ESCAPE.search(content)
    ):
        return False
    # As many blank lines as rows are still no nuisance.
    if content.count(b"\n") >= 2 * rows or _has_long_line(content):
        return False
    for name in texts:
        key = f'"{name}":'.encode()
        if content.count(key + b'"') + content.count(key + b' "') != rows:
            return False
    if len(names) == len(needed):
        return content.count(b":") == rows * len(names)
    return all(content.count(f'"{name}"'.encode()) == rows for name in needed)


def _quoted(data: NDArray[np.uint8], delimiter: str) -> NDArray[np.bool_] | None:
    """Which bytes stand between quotation marks; None where a mark is not in its place.

    Of marks in their places every other one opens a value or is the second of a doubled pair,
    and the rest close a value or are the first of such a pair.
    """
    is_quote = data == _QUOTE
    places = np.flatnonzero(is_quote)
    if places.size % 2:
        return None
    opening, closing = places[::2], places[1::2]
    if (closing - opening).max() > MAX_ROW_CHARACTERS // 4:
        return None
    separators = np.zeros(256, dtype=bool)
    separators[[ord(delimiter), ord("\n"), ord("\r")]] = True
    before = data[np.maximum(opening - 1, 0)]
    after = data[np.minimum(closing + 1, data.size - 1)]
    opens = separators[before] | (opening == 0)
    closes = separators[after] | (closing == data.size - 1)
    is_pair = opening[1:] == closing[:-1] + 1
    opens[1:] |= is_pair
    closes[:-1] |= is_pair
    return np.logical_xor.accumulate(is_quote) if opens.all() and closes.all() else None


def _has_width(
    data: NDArray[np.uint8], inside: NDArray[np.bool_] | None, delimiter: str, width: int
) -> bool:
    """Whether every row has as many values as the header."""
    is_end = data == ord("\n")
    is_mark = is_end | (data == ord(delimiter))
    if inside is not None:
        is_mark &= ~inside
    ends = is_end[is_mark]
    if ends.size % width == width - 1:
        # The last line may do without its end.
        ends = np.append(ends, True)
    rows = ends.reshape(-1, width) if ends.size % width == 0 else None
    return rows is not None and bool(rows[:, -1].all() and not rows[:, :-1].any())


def _has_long_line(block: bytes) -> bool:
    """Whether any line may be longer than the exact reader takes."""
    limit = MAX_ROW_CHARACTERS // 2
    start = 0
    while len(block) - start > limit:
        end = block.rfind(b"\n", start, start + limit)
        if end < 0:
            return True
        start = end + 1
    return False
