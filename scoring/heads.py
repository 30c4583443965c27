"""The first part of a text file: that it is text, how its columns are separated, and their names.

The delimiter of a CSV file is the comma. Where the header, split at commas, lacks a needed
column, and split at exactly one of semicolon, tab and vertical bar it has the id column, that one
is the delimiter. The columns of a JSON Lines file are the keys of its first object.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scoring.contract import Layout
from scoring.errors import InvalidSubmission, Problem
from scoring.unpacking import Format, spoken_name

HEAD_BYTES = 256 * 1024
MAX_EXTRA_COLUMNS = 1000
MAX_PROBLEMS = 20
"""As many as a result may carry."""
MAX_HEADER_CHARACTERS = 64 * 1024
_MAGICS = {
    b"PK\x03\x04": "a zip file",
    b"\x1f\x8b": "a gzip file",
    b"\x28\xb5\x2f\xfd": "a zstd file",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF document",
    b"\x89PNG": "an image",
    b"\xd0\xcf\x11\xe0": "an Excel document",
}
_OTHER_DELIMITERS = (";", "\t", "|")
_REFUSED_DELIMITERS = {" ": "spaces", ":": "colons"}
_CONTROL_BYTE = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_CONTROLLED_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Header:
    """The beginning of a text file, understood.

    Attributes:
        columns: The names, without the spaces around them.
        delimiter: What separates them; empty in JSON Lines.
        data_at: The byte of the head at which the rows begin.
        has_rows: Whether anything but blank lines follows in the head.
        is_all: Whether the head is the whole file.
    """

    columns: tuple[str, ...]
    delimiter: str
    data_at: int
    has_rows: bool
    is_all: bool


def check_head(head: bytes, *, name: str, format_: Format, layout: Layout) -> Header:
    """Check the first part of a text file and its columns.

    Args:
        head: The first `HEAD_BYTES` or fewer of the file.
        name: The file's name, for the sentences.
        format_: CSV or JSON Lines.
        layout: The columns that should be there.

    Raises:
        InvalidSubmission: with every problem that was seen.
    """
    if not head.strip():
        raise InvalidSubmission(Problem("empty_file"))
    text = _decode(head, name=name)
    is_all = len(head) < HEAD_BYTES
    if format_ is Format.JSON_LINES:
        return _json_header(text, len(head), layout=layout, is_all=is_all)
    line, _, rest = text.replace("\r\n", "\n").replace("\r", "\n").partition("\n")
    columns, delimiter = _split_header(line, layout=layout)
    problems = header_problems(columns, layout=layout)
    if problems:
        refused = _refused_delimiter(line, layout)
        raise InvalidSubmission(*([refused] if refused else problems))
    line_ends = [at for at in (head.find(b"\n"), head.find(b"\r")) if at >= 0]
    data_at = min(line_ends, default=len(head) - 1) + 1
    if head[data_at - 1 : data_at + 1] == b"\r\n":
        data_at += 1
    return Header(tuple(columns), delimiter, data_at, has_rows=bool(rest.strip()), is_all=is_all)


def header_problems(columns: Sequence[str], *, layout: Layout) -> list[Problem]:
    """What is wrong with the names of a table's columns; columns that are not needed are fine."""
    expected = expected_header(layout)
    needed = [layout.id_column, *layout.columns]
    spare = [column for column in columns if column not in needed]
    if len(spare) > MAX_EXTRA_COLUMNS:
        limit = len(needed) + MAX_EXTRA_COLUMNS
        return [Problem("too_many_columns", {"limit": limit, "expected": expected})]
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
                problems.append(
                    Problem("misspelled_column", {**params, "found": _printable(close)})
                )
        if len(problems) >= MAX_PROBLEMS:
            break
    return problems[:MAX_PROBLEMS]


def expected_header(layout: Layout) -> str:
    """The header line that a submission should have, shortened where it is very wide."""
    columns = [layout.id_column, *layout.columns]
    if len(columns) > 20:
        columns = [*columns[:10], "…", *columns[-5:]]
    return ",".join(columns)


def expected_object(layout: Layout) -> str:
    """The keys that each object of a JSON Lines file should have."""
    return "{" + ", ".join(f'"{name}": …' for name in expected_header(layout).split(",")) + "}"


class RepeatedKey(ValueError):
    """An object has a needed key twice, so that nobody can say which value is meant."""


class JsonText(str):
    """A number, or what stands for one, as it was written in the file."""

    __slots__ = ()


def json_decoder(needed: Sequence[str]) -> json.JSONDecoder:
    """A reader of objects that keeps numbers as they are written.

    So they fall under the same rules as in CSV, and long ones cost nothing. Its `decode` raises
    ValueError or RecursionError.
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        values = dict(pairs)
        if len(values) < len(pairs):
            names = [name for name, _ in pairs]
            for name in needed:
                if names.count(name) > 1:
                    raise RepeatedKey(name)
        return values

    return json.JSONDecoder(
        object_pairs_hook=unique, parse_int=JsonText, parse_float=JsonText, parse_constant=JsonText
    )


def _json_header(text: str, size: int, *, layout: Layout, is_all: bool) -> Header:
    start = text.lstrip("\r\n\t ")
    line, _, _ = start.partition("\n")
    if not is_all and len(line) == len(start):
        raise InvalidSubmission(Problem("row_too_long", {"limit": HEAD_BYTES}))
    try:
        first = json_decoder([layout.id_column, *layout.columns]).decode(line)
    except RepeatedKey as error:
        raise InvalidSubmission(Problem("duplicate_column", {"column": str(error)})) from error
    except (ValueError, RecursionError):
        first = None
    if not isinstance(first, dict):
        raise InvalidSubmission(Problem("not_json_lines", {"expected": expected_object(layout)}))
    problems = header_problems(list(first), layout=layout)
    if problems:
        raise InvalidSubmission(*problems)
    return Header(tuple(first), "", data_at=0, has_rows=size > 0, is_all=is_all)


def _printable(name: str) -> str:
    return "".join(letter if letter.isprintable() else "�" for letter in name[:80])


def _closest(column: str, spare: Sequence[str]) -> str | None:
    folded = {name.casefold().replace(" ", "_"): name for name in spare[:MAX_EXTRA_COLUMNS]}
    close = difflib.get_close_matches(column.casefold(), list(folded), n=1, cutoff=0.7)
    return folded[close[0]] if close else None


def _decode(head: bytes, *, name: str) -> str:
    """The head as text without its byte order mark."""
    for magic, found in _MAGICS.items():
        if head.startswith(magic):
            params: dict[str, str | int] = {"name": spoken_name(name), "found": found}
            raise InvalidSubmission(Problem("disguised_file", params))
    if _looks_like_utf16(head):
        raise InvalidSubmission(Problem("utf16"))
    control = _CONTROL_BYTE.search(head, 0, _CONTROLLED_BYTES)
    position = control.start() if control else head.find(b"\0")
    if position >= 0:
        raise InvalidSubmission(Problem("binary_file", {"position": position + 1}))
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


def _split_header(line: str, *, layout: Layout) -> tuple[list[str], str]:
    """The names in the header line and what separates them."""
    needed = [layout.id_column, *layout.columns]
    max_columns = len(needed) + MAX_EXTRA_COLUMNS
    # A hostile header is refused while it is still only a long string.
    if max(line.count(delimiter) for delimiter in (",", *_OTHER_DELIMITERS)) >= max_columns:
        params: dict[str, str | int] = {"limit": max_columns, "expected": expected_header(layout)}
        raise InvalidSubmission(Problem("too_many_columns", params))
    max_characters = MAX_HEADER_CHARACTERS + sum(map(len, needed))
    if len(line) > max_characters:
        params = {"limit": max_characters, "expected": expected_header(layout)}
        raise InvalidSubmission(Problem("header_too_long", params))
    found = {delimiter: _cells(line, delimiter) for delimiter in (",", *_OTHER_DELIMITERS)}
    columns = found.pop(",")
    if isinstance(columns, list) and set(needed) <= set(columns):
        return columns, ","
    fitting = [
        (cells, delimiter)
        for delimiter, cells in found.items()
        if isinstance(cells, list) and len(cells) > 1 and layout.id_column in cells
    ]
    if len(fitting) == 1:
        return fitting[0]
    if isinstance(columns, Problem):
        raise InvalidSubmission(columns)
    return columns, ","


def _cells(line: str, delimiter: str) -> list[str] | Problem:
    """The cells of one line; a problem where a quotation mark goes astray."""
    try:
        rows = csv.reader([line], delimiter=delimiter, strict=True)
        return [cell.strip() for cell in next(rows, [])]
    except csv.Error as error:
        code = "unclosed_quote" if "unexpected end" in str(error) else "misplaced_quote"
        return Problem(code, {"line": 1})


def _refused_delimiter(line: str, layout: Layout) -> Problem | None:
    for delimiter, found in _REFUSED_DELIMITERS.items():
        cells = [cell.strip() for cell in line.split(delimiter)]
        if len(cells) > 1 and layout.id_column in cells:
            return Problem("wrong_delimiter", {"found": found})
    return None
