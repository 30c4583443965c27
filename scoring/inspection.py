"""The check at the door: what can be seen of an upload in milliseconds, before quota is spent.

Standard library only, because the web tier runs it. It reads the first part of the file and
never decides that a file is right; the worker reads the rest.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from scoring.contract import Layout, Limits
from scoring.errors import InvalidSubmission, Problem
from scoring.unpacking import Format, Packing, Readable, kind_of, spoken_name, unpacked

HEAD_BYTES = 256 * 1024
MAX_EXTRA_COLUMNS = 1000
MAX_PROBLEMS = 20
"""As many as a result may carry."""
MAX_HEADER_CHARACTERS = 64 * 1024
MAX_GZIP_RATIO = 1032
_PARQUET_MAGIC = b"PAR1"
_MAGICS = {
    b"PK\x03\x04": "a zip file",
    b"\x1f\x8b": "a gzip file",
    _PARQUET_MAGIC: "a Parquet file",
    b"%PDF": "a PDF document",
    b"\x89PNG": "an image",
    b"\xd0\xcf\x11\xe0": "an Excel document",
}
_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_CONTROL_BYTES = bytes(sorted({*range(32)} - {9, 10, 13}))


def inspect_upload(stream: BinaryIO, *, name: str, layout: Layout, limits: Limits) -> None:
    """Refuse what can't be scored, as far as the first part of the file shows it.

    Raises:
        InvalidSubmission: with every problem that was seen.
    """
    kind = kind_of(name)
    size = stream.seek(0, 2)
    if size == 0:
        raise InvalidSubmission(Problem("empty_file"))
    if size > limits.file_bytes:
        params: dict[str, str | int] = {"found": size, "limit": limits.file_bytes}
        raise InvalidSubmission(Problem("file_too_large", params))
    with unpacked(stream, name, limit=limits.unpacked_bytes) as (format_, content):
        head = _read_head(content)
    if kind.packing is Packing.GZIP and len(head) == HEAD_BYTES:
        _check_gzip_size(stream, size, limit=limits.unpacked_bytes)
    if format_ is Format.PARQUET:
        if kind.packing is Packing.NONE:
            _check_parquet_ends(stream, size)
        elif not head.startswith(_PARQUET_MAGIC):
            raise InvalidSubmission(Problem("damaged_parquet"))
        return
    header = check_head(head, name=name, layout=layout)
    if header.is_all and not header.has_rows:
        raise InvalidSubmission(Problem("no_rows"))


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a CSV file, understood.

    Attributes:
        columns: The names, without the spaces around them.
        has_rows: Whether anything but blank lines follows in the head.
        is_all: Whether the head is the whole file.
    """

    columns: tuple[str, ...]
    has_rows: bool
    is_all: bool


def check_head(head: bytes, *, name: str, layout: Layout) -> Header:
    """Check the first part of a CSV file: that it is text, and its header.

    Args:
        head: The first `HEAD_BYTES` or fewer of the file.
        name: The file's name, for the sentences.
        layout: The columns that should be there.
    """
    if not head.strip():
        raise InvalidSubmission(Problem("empty_file"))
    text = _decode(head, name=name)
    line, _, rest = text.replace("\r\n", "\n").replace("\r", "\n").partition("\n")
    is_all = len(head) < HEAD_BYTES
    columns = _split_header(line, layout=layout)
    problems = header_problems(columns, layout=layout)
    if problems:
        delimiter = _wrong_delimiter(line, layout)
        raise InvalidSubmission(*([delimiter] if delimiter else problems))
    return Header(tuple(columns), has_rows=bool(rest.strip()), is_all=is_all)


def header_problems(columns: Sequence[str], *, layout: Layout) -> list[Problem]:
    """What is wrong with the names of a table's columns; columns that are not needed are fine."""
    expected = expected_header(layout)
    needed = [layout.id_column, *layout.columns]
    spare = [column for column in columns if column not in needed]
    problems = []
    for column in needed:
        found = columns.count(column)
        if found > 1:
            problems.append(Problem("duplicate_column", {"column": column}))
        if found == 0:
            params: dict[str, str | int] = {"column": column, "expected": expected}
            close = _closest(column, spare)
            if close is None:
                problems.append(Problem("missing_column", params))
            else:
                problems.append(Problem("misspelled_column", {**params, "found": close[:80]}))
    return problems[:MAX_PROBLEMS]


def expected_header(layout: Layout) -> str:
    """The header line that a submission should have, shortened where it is very wide."""
    columns = [layout.id_column, *layout.columns]
    if len(columns) > 20:
        columns = [*columns[:10], "…", *columns[-5:]]
    return ",".join(columns)


def _closest(column: str, spare: Sequence[str]) -> str | None:
    folded = {name.casefold().replace(" ", "_"): name for name in spare[:MAX_EXTRA_COLUMNS]}
    close = difflib.get_close_matches(column.casefold(), list(folded), n=1, cutoff=0.7)
    return folded[close[0]] if close else None


def _read_head(content: Readable) -> bytes:
    chunks: list[bytes] = []
    left = HEAD_BYTES
    while left and (chunk := content.read(left)):
        chunks.append(chunk)
        left -= len(chunk)
    return b"".join(chunks)


def _decode(head: bytes, *, name: str) -> str:
    """The head as text without its byte order mark."""
    for magic, found in _MAGICS.items():
        if head.startswith(magic):
            params: dict[str, str | int] = {"name": spoken_name(name), "found": found}
            raise InvalidSubmission(Problem("disguised_file", params))
    if _looks_like_utf16(head):
        raise InvalidSubmission(Problem("utf16"))
    for position, byte in enumerate(head[:4096]):
        if byte in _CONTROL_BYTES:
            raise InvalidSubmission(Problem("binary_file", {"position": position + 1}))
    if b"\0" in head:
        raise InvalidSubmission(Problem("binary_file", {"position": head.index(b"\0") + 1}))
    try:
        # A character may be cut in two where the head ends; that is no fault.
        decoder = codecs.getincrementaldecoder("utf-8-sig")()
        return decoder.decode(head, final=len(head) < HEAD_BYTES)
    except UnicodeDecodeError as error:
        raise InvalidSubmission(Problem("not_utf8")) from error


def _looks_like_utf16(head: bytes) -> bool:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)):
        return True
    start = head[:200]
    odd, even = start[1::2], start[::2]
    return len(start) >= 4 and any(
        half.count(0) > 0.7 * len(half) and other.count(0) < 0.3 * len(other)
        for half, other in ((odd, even), (even, odd))
    )


def _split_header(line: str, *, layout: Layout) -> list[str]:
    """The names in the header line; refused while it is still only a long string."""
    needed = [layout.id_column, *layout.columns]
    max_columns = len(needed) + MAX_EXTRA_COLUMNS
    if line.count(",") >= max_columns:
        params: dict[str, str | int] = {"limit": max_columns, "expected": expected_header(layout)}
        raise InvalidSubmission(Problem("too_many_columns", params))
    max_characters = MAX_HEADER_CHARACTERS + sum(map(len, needed))
    if len(line) > max_characters:
        params = {"limit": max_characters, "expected": expected_header(layout)}
        raise InvalidSubmission(Problem("header_too_long", params))
    return _cells(line, ",")


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return [line]


def _wrong_delimiter(line: str, layout: Layout) -> Problem | None:
    for delimiter, found in _DELIMITERS.items():
        cells = _cells(line, delimiter)
        if len(cells) > 1 and layout.id_column in cells:
            return Problem("wrong_delimiter", {"found": found})
    return None


def _check_gzip_size(stream: BinaryIO, size: int, *, limit: int) -> None:
    """Refuse a file that itself says it is too large; one that lies is caught while unpacking.

    The last four bytes of a file that was cut short say anything; what gzip can't do is no claim.
    """
    stream.seek(-4, 2)
    claimed = struct.unpack("<L", stream.read(4))[0]
    if limit < claimed <= MAX_GZIP_RATIO * size:
        raise InvalidSubmission(Problem("unpacked_too_large", {"limit": limit}))


def _check_parquet_ends(stream: BinaryIO, size: int) -> None:
    """Both ends of a Parquet file carry its mark, and the footer lies between them."""
    stream.seek(0)
    start = stream.read(4)
    stream.seek(max(0, size - 8))
    end = stream.read(8)
    is_whole = start == _PARQUET_MAGIC and end.endswith(_PARQUET_MAGIC) and size >= 12
    if not is_whole or struct.unpack("<L", end[:4])[0] > size - 12:
        raise InvalidSubmission(Problem("damaged_parquet"))
