"""CSV read row by row: slow, and exact about what is wrong on which line.

Only files that the fast path in `reading.py` did not understand, or whose ids do not fit, come
here. It also understands what a strict typed parser does not, such as ``7.0`` for a whole number
or blank lines between rows.
"""

from __future__ import annotations

import csv
import math
import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

import numpy as np

from scoring.contract import ColumnType, Layout
from scoring.errors import InvalidSubmission, Problem
from scoring.tables import CheckedTable, Column, Table, Tally, shown

MAX_ROW_CHARACTERS = 1024**2
MAX_INTEGER = 2**63 - 1
EXPECTED = {
    ColumnType.INTEGER: "whole numbers",
    ColumnType.NUMBER: "numbers",
    ColumnType.TEXT: "text",
}
_INTEGER = re.compile(r"[+-]?[0-9]+(?:\.0*)?")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NOT_FINITE = {"nan", "na", "n/a", "null", "none", "inf", "+inf", "-inf", "infinity", "-infinity"}


def read_rows(
    stream: IO[str], *, columns: Sequence[str], layout: Layout, max_rows: int
) -> CheckedTable:
    """Read the needed columns of a CSV text and everything that is wrong with them.

    Args:
        stream: The text from its header line on, opened with ``newline=""``.
        columns: The header's names.
        layout: Which columns are needed, and their types.
        max_rows: Where to stop reading.

    Raises:
        InvalidSubmission: the text can't be split into rows.
    """
    reader = _RowReader(columns=columns, layout=layout, max_rows=max_rows)
    try:
        for line, row in _numbered_rows(stream):
            if not reader.take(line, row):
                break
    except UnicodeDecodeError as error:
        raise InvalidSubmission(Problem("not_utf8")) from error
    return reader.result()


def _numbered_rows(stream: IO[str]) -> Iterator[tuple[int, list[str]]]:
    """Each row after the header with the line it starts on; blank lines are skipped."""
    csv.field_size_limit(MAX_ROW_CHARACTERS)
    rows = csv.reader(_bounded_lines(stream), strict=True)
    next(rows, None)
    while True:
        line = rows.line_num + 1
        try:
            row = next(rows, None)
        except csv.Error as error:
            at_end = "unexpected end" in str(error) or "field larger" in str(error)
            code = "unclosed_quote" if at_end else "misplaced_quote"
            raise InvalidSubmission(Problem(code, {"line": line})) from error
        if row is None:
            return
        if row:
            yield line, row


def _bounded_lines(stream: IO[str]) -> Iterator[str]:
    while line := stream.readline(MAX_ROW_CHARACTERS + 1):
        if len(line) > MAX_ROW_CHARACTERS:
            raise InvalidSubmission(Problem("row_too_long", {"limit": MAX_ROW_CHARACTERS}))
        yield line


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A needed column: where it stands in a row, its type, and the values so far."""

    name: str
    position: int
    type: ColumnType
    values: array[int] | array[float] | list[str]


class _RowReader:
    """Collects values and problems row after row."""

    def __init__(self, *, columns: Sequence[str], layout: Layout, max_rows: int) -> None:
        self.width = len(columns)
        self.max_rows = max_rows
        self.id = _wanted(layout.id_column, layout.id_type, columns)
        self.others = [_wanted(name, kind, columns) for name, kind in layout.columns.items()]
        self.lines = array("q")
        self.tallies: dict[tuple[str, str], Tally] = {}
        self.rows = 0

    def take(self, line: int, row: list[str]) -> bool:
        """Take one row in; False where enough was read."""
        self.rows += 1
        if self.rows > self.max_rows:
            return False
        if len(row) != self.width:
            text = f"line {line}: {len(row)} value(s)"
            self._tally("ragged_rows", "", {"expected": self.width}).add(text)
            return True
        identifier = self._value(self.id, row, line, spoken="")
        if identifier is None:
            return True
        self.id.values.append(identifier)  # type: ignore[arg-type]
        self.lines.append(line)
        spoken = f": id {row[self.id.position].strip()[:60]}"
        for wanted in self.others:
            value = self._value(wanted, row, line, spoken=spoken)
            wanted.values.append(_PLACEHOLDERS[wanted.type] if value is None else value)  # type: ignore[arg-type]
        return True

    def result(self) -> CheckedTable:
        if self.rows == 0:
            raise InvalidSubmission(Problem("no_rows"))
        table = Table(
            ids=_as_column(self.id),  # type: ignore[arg-type]
            columns={wanted.name: _as_column(wanted) for wanted in self.others},
            lines=np.array(self.lines, dtype=np.int64),
        )
        problems = [tally.problem() for tally in self.tallies.values()]
        is_whole = self.rows <= self.max_rows
        if not is_whole:
            problems.insert(0, Problem("too_many_rows", {"limit": self.max_rows}))
        return CheckedTable(table, tuple(problems), is_whole=is_whole)

    def _value(
        self, wanted: _Wanted, row: list[str], line: int, *, spoken: str
    ) -> int | float | str | None:
        text = row[wanted.position]
        value = parse(text, wanted.type)
        if not isinstance(value, Refusal):
            return value
        params: dict[str, str | int] = {"column": wanted.name}
        if value.code == "wrong_type":
            params["expected"] = EXPECTED[wanted.type]
        example = f"line {line}{spoken}"
        if value.code != "empty_values":
            example += f" → {shown(text)}"
        self._tally(value.code, wanted.name, params).add(example)
        return None

    def _tally(self, code: str, column: str, params: dict[str, str | int]) -> Tally:
        return self.tallies.setdefault((code, column), Tally(code, params))


_PLACEHOLDERS: dict[ColumnType, int | float | str] = {
    ColumnType.INTEGER: 0,
    ColumnType.NUMBER: 0.0,
    ColumnType.TEXT: "",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a text is no value of its column; `code` is a key of `SENTENCES`."""

    code: str


_EMPTY, _WRONG = Refusal("empty_values"), Refusal("wrong_type")
_INFINITE, _TOO_LARGE = Refusal("not_finite"), Refusal("out_of_range")


def parse(text: str, kind: ColumnType) -> int | float | str | Refusal:
    """One value from its text."""
    if kind is ColumnType.TEXT:
        if "\0" in text:
            return _WRONG
        return text or _EMPTY
    text = text.strip()
    if not text:
        return _EMPTY
    if kind is ColumnType.INTEGER and _INTEGER.fullmatch(text):
        whole = text.partition(".")[0]
        # Long digits are refused unread: converting them takes quadratic time.
        if len(whole) > 30 or abs(int(whole)) > MAX_INTEGER:
            return _TOO_LARGE
        return int(whole)
    if kind is ColumnType.NUMBER and _NUMBER.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else _INFINITE
    return _INFINITE if text.lower() in _NOT_FINITE else _WRONG


def _wanted(name: str, kind: ColumnType, columns: Sequence[str]) -> _Wanted:
    values: array[int] | array[float] | list[str]
    match kind:
        case ColumnType.INTEGER:
            values = array("q")
        case ColumnType.NUMBER:
            values = array("d")
        case ColumnType.TEXT:
            values = []
    return _Wanted(name, list(columns).index(name), kind, values)


def _as_column(wanted: _Wanted) -> Column:
    match wanted.type:
        case ColumnType.INTEGER:
            return np.array(wanted.values, dtype=np.int64)
        case ColumnType.NUMBER:
            return np.array(wanted.values, dtype=np.float64)
        case ColumnType.TEXT:
            return list(wanted.values)  # type: ignore[arg-type]
