"""Text read row by row: slow, and exact about what is wrong on which line.

Only files that the fast path in `reading.py` did not understand, or whose ids do not fit, come
here. It also understands what a strict typed parser does not, such as ``7.0`` for a whole number
or blank lines between rows.

What counts as a value, in every text format (`parse`):

=================================  =======================================================
``7``, ``+7``, ``-7``, ``007``      a whole number and a number
``7.``, ``7.0``                     a whole number and a number
``7.5``, ``.5``, ``7e3``            a number only
spaces around a number              ignored
``1_000``, ``1,000``, ``0x7``, ``7d``  `wrong_type`: neither
``nan``, ``inf``, ``null``, ``1e999``  `not_finite`; ``1e-999`` is 0
whole numbers beyond 64 bits        `out_of_range`
nothing                             `empty_values`; in a sequence, no values
text                                as it is, spaces included; a NUL byte is `wrong_type`
=================================  =======================================================
"""

from __future__ import annotations

import csv
import math
import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Generic, TypeVar

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
    ColumnType.SEQUENCE: "text",
}
IS_TEXT = {ColumnType.TEXT, ColumnType.SEQUENCE}
_INTEGER = re.compile(r"[+-]?[0-9]+(?:\.0*)?")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NOT_FINITE = {"nan", "na", "n/a", "null", "none", "inf", "+inf", "-inf", "infinity", "-infinity"}
_MAX_DIGITS = 30


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a text is no value of its column; `code` is a key of `SENTENCES`."""

    code: str


EMPTY, WRONG = Refusal("empty_values"), Refusal("wrong_type")
INFINITE, TOO_LARGE = Refusal("not_finite"), Refusal("out_of_range")
Value = int | float | str
Cell = TypeVar("Cell")
PLACEHOLDERS: dict[ColumnType, Value] = {
    ColumnType.INTEGER: 0,
    ColumnType.NUMBER: 0.0,
    ColumnType.TEXT: "",
    ColumnType.SEQUENCE: "",
}


def parse(text: str, kind: ColumnType) -> Value | Refusal:
    """One value from its text."""
    if kind in IS_TEXT:
        if "\0" in text:
            return WRONG
        return text or (EMPTY if kind is ColumnType.TEXT else "")
    text = text.strip()
    if not text:
        return EMPTY
    if kind is ColumnType.INTEGER and _INTEGER.fullmatch(text):
        whole = text.partition(".")[0]
        # Long digits are refused unread: converting them takes quadratic time.
        if len(whole) > _MAX_DIGITS and len(whole.lstrip("+-0")) > _MAX_DIGITS:
            return TOO_LARGE
        sign = -1 if whole.startswith("-") else 1
        number = sign * int(whole.lstrip("+-0") or "0")
        return number if -MAX_INTEGER - 1 <= number <= MAX_INTEGER else TOO_LARGE
    if kind is ColumnType.NUMBER and _NUMBER.fullmatch(text):
        value = float(text)
        return value if math.isfinite(value) else INFINITE
    return INFINITE if text.lower() in _NOT_FINITE else WRONG


def read_rows(
    stream: IO[str], *, columns: Sequence[str], delimiter: str, layout: Layout, max_rows: int
) -> CheckedTable:
    """Read the needed columns of a CSV text and everything that is wrong with them.

    Args:
        stream: The text from its header line on, opened with ``newline=""``.
        columns: The header's names.
        delimiter: What separates them.
        layout: Which columns are needed, and their types.
        max_rows: Where to stop reading.

    Raises:
        InvalidSubmission: the text can't be split into rows.
    """
    collector = RowCollector[str](layout=layout, max_rows=max_rows, parse=parse, show=shown)
    places = [list(columns).index(wanted.name) for wanted in collector.wanted]
    width = len(columns)
    try:
        for line, row in _numbered_rows(stream, delimiter):
            if not row:
                collector.pass_blank()
                continue
            if not collector.begin():
                break
            if len(row) == width:
                collector.take(line, [row[place] for place in places])
            else:
                text = f"line {line}: {len(row)} value(s)"
                collector.tally("ragged_rows", "", {"expected": width}).add(text)
    except UnicodeDecodeError as error:
        raise InvalidSubmission(Problem("not_utf8")) from error
    return collector.result()


def bounded_lines(stream: IO[str]) -> Iterator[str]:
    """The lines of a text, refused where one is endless."""
    while line := stream.readline(MAX_ROW_CHARACTERS + 1):
        if len(line) > MAX_ROW_CHARACTERS:
            raise InvalidSubmission(Problem("row_too_long", {"limit": MAX_ROW_CHARACTERS}))
        yield line


def _numbered_rows(stream: IO[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each row after the header with the line it starts on; a blank line is an empty row."""
    csv.field_size_limit(MAX_ROW_CHARACTERS)
    rows = csv.reader(bounded_lines(stream), delimiter=delimiter, strict=True)
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
        yield line, row


@dataclass(frozen=True, slots=True)
class Wanted:
    """A needed column: its type, and the values so far."""

    name: str
    type: ColumnType
    values: array[int] | array[float] | list[str]


class RowCollector(Generic[Cell]):
    """Collects values and problems row after row."""

    def __init__(
        self,
        *,
        layout: Layout,
        max_rows: int,
        parse: Callable[[Cell, ColumnType], Value | Refusal],
        show: Callable[[Cell], str],
    ) -> None:
        columns = {layout.id_column: layout.id_type, **layout.columns}
        self.wanted = [_wanted(name, kind) for name, kind in columns.items()]
        self.max_rows = max_rows
        self.parse = parse
        self.show = show
        self.lines = array("q")
        self.tallies: dict[tuple[str, str], Tally] = {}
        self.rows = 0
        self.blank_lines = 0

    def pass_blank(self) -> None:
        """Pass over a blank line; there may be as many of them as rows.

        Raises:
            InvalidSubmission: there are more.
        """
        self.blank_lines += 1
        if self.blank_lines > self.max_rows:
            raise InvalidSubmission(Problem("too_many_rows", {"limit": self.max_rows}))

    def begin(self) -> bool:
        """Count one more row; False where enough was read."""
        self.rows += 1
        return self.rows <= self.max_rows

    def take(self, line: int, cells: Sequence[Cell]) -> None:
        """Take one row in: a cell for each wanted column, the id first."""
        identifier = self.parse(cells[0], self.wanted[0].type)
        if isinstance(identifier, Refusal):
            self._refuse(self.wanted[0], identifier, cells[0], f"line {line}")
            return
        self.wanted[0].values.append(identifier)  # type: ignore[arg-type]
        self.lines.append(line)
        spoken = ""
        for wanted, cell in zip(self.wanted[1:], cells[1:], strict=True):
            value = self.parse(cell, wanted.type)
            if isinstance(value, Refusal):
                spoken = spoken or f": id {str(identifier)[:60]}"
                self._refuse(wanted, value, cell, f"line {line}{spoken}")
                value = PLACEHOLDERS[wanted.type]
            wanted.values.append(value)  # type: ignore[arg-type]

    def tally(self, code: str, column: str, params: dict[str, str | int]) -> Tally:
        """The count of one kind of problem in one column."""
        return self.tallies.setdefault((code, column), Tally(code, params))

    def result(self) -> CheckedTable:
        """What was read.

        Raises:
            InvalidSubmission: there was not a single row.
        """
        if self.rows == 0:
            raise InvalidSubmission(Problem("no_rows"))
        ids, *others = self.wanted
        table = Table(
            ids=_as_column(ids),  # type: ignore[arg-type]
            columns={wanted.name: _as_column(wanted) for wanted in others},
            lines=np.array(self.lines, dtype=np.int64),
        )
        problems = [tally.problem() for tally in self.tallies.values()]
        is_whole = self.rows <= self.max_rows
        if not is_whole:
            problems.insert(0, Problem("too_many_rows", {"limit": self.max_rows}))
        return CheckedTable(table, tuple(problems), is_whole=is_whole)

    def _refuse(self, wanted: Wanted, refusal: Refusal, cell: Cell, example: str) -> None:
        params: dict[str, str | int] = {"column": wanted.name}
        if refusal.code == "wrong_type":
            params["expected"] = EXPECTED[wanted.type]
        if refusal.code != "empty_values":
            example += f" → {self.show(cell)}"
        self.tally(refusal.code, wanted.name, params).add(example)


def _wanted(name: str, kind: ColumnType) -> Wanted:
    values: array[int] | array[float] | list[str]
    match kind:
        case ColumnType.INTEGER:
            values = array("q")
        case ColumnType.NUMBER:
            values = array("d")
        case _:
            values = []
    return Wanted(name, kind, values)


def _as_column(wanted: Wanted) -> Column:
    match wanted.type:
        case ColumnType.INTEGER:
            return np.array(wanted.values, dtype=np.int64)
        case ColumnType.NUMBER:
            return np.array(wanted.values, dtype=np.float64)
        case _:
            return list(wanted.values)  # type: ignore[arg-type]
