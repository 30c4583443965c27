"""A prediction file into columns: polars with fixed types first, row by row where that fails.

`read_fast` answers with a table or with None, never with a reason: it may not decide that a
file is wrong. `read_checked` gives the reasons. Only the needed columns are ever read.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from scoring.contract import ColumnType, Layout, Limits
from scoring.errors import InvalidSubmission, Problem
from scoring.inspection import HEAD_BYTES, check_head, header_problems
from scoring.rows import EXPECTED, read_rows
from scoring.tables import CheckedTable, Column, Table, examples_of
from scoring.unpacking import Format, Packing, kind_of, read_capped, unpacked

_TYPES: dict[ColumnType, pl.DataType] = {
    ColumnType.INTEGER: pl.Int64(),
    ColumnType.NUMBER: pl.Float64(),
    ColumnType.TEXT: pl.String(),
}
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_POLARS_FAULTS = (pl.exceptions.PolarsError, pl.exceptions.PanicException)


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A prediction file, unpacked, with its header already checked.

    Attributes:
        format: CSV or Parquet.
        content: The path of a plain file, or unpacked bytes.
        columns: The names of all columns, in the file's order.
        layout: The columns that are needed.
        max_rows: How many rows to read at most.
    """

    format: Format
    content: Path | bytes
    columns: tuple[str, ...]
    layout: Layout
    max_rows: int

    @property
    def needed(self) -> dict[str, ColumnType]:
        return {self.layout.id_column: self.layout.id_type, **self.layout.columns}


def open_file(
    path: Path, *, name: str, layout: Layout, limits: Limits, expected_rows: int
) -> OpenedFile:
    """Unpack a file and check its header.

    Args:
        path: Where the file lies.
        name: What the participant called it; its ending says how to read it.
        layout: The columns that are needed.
        limits: How large the unpacked file may be.
        expected_rows: How many rows there should be; reading stops well above it.

    Raises:
        InvalidSubmission: it can't be unpacked, or its header is not right.
    """
    max_rows = 2 * expected_rows + 1000
    with path.open("rb") as stream:
        if stream.seek(0, 2) == 0:
            raise InvalidSubmission(Problem("empty_file"))
        is_plain = kind_of(name).packing is Packing.NONE
        with unpacked(stream, name, limit=limits.unpacked_bytes) as (format_, inner):
            if is_plain:
                head = inner.read(HEAD_BYTES)
                content: Path | bytes = path
            else:
                content = read_capped(inner, limit=limits.unpacked_bytes)
                head = content[:HEAD_BYTES]
    if format_ is Format.PARQUET:
        columns = _parquet_columns(content, layout=layout, max_rows=max_rows)
    else:
        columns = check_head(head, name=name, layout=layout).columns
        if b"\n" not in head and b"\r" in head:
            content = _bytes_of(content).replace(b"\r", b"\n")
    return OpenedFile(format_, content, columns, layout, max_rows)


def read_fast(file: OpenedFile) -> Table | None:
    """The needed columns, or None where anything at all is unusual."""
    if file.format is Format.PARQUET:
        checked = _read_parquet(file)
        return None if checked.problems else checked.table
    schema = {
        name if name in file.needed else f"_{position}": _TYPES[file.needed[name]]
        if name in file.needed
        else pl.String()
        for position, name in enumerate(file.columns)
    }
    wanted = [position for position, name in enumerate(file.columns) if name in file.needed]
    try:
        frame = pl.read_csv(
            file.content,
            has_header=False,
            skip_lines=1,
            schema=schema,
            columns=wanted,
            n_rows=file.max_rows + 1,
            encoding="utf8",
        )
    except _POLARS_FAULTS:
        return None
    if frame.height == 0 or frame.height > file.max_rows:
        return None
    columns: dict[str, Column] = {}
    for name in file.needed:
        column = _plain_column(frame.get_column(name))
        if column is None:
            return None
        columns[name] = column
    return _table(columns, file.layout)


def read_checked(file: OpenedFile) -> CheckedTable:
    """The needed columns with lines, and every problem of their values."""
    if file.format is Format.PARQUET:
        return _read_parquet(file)
    with _text(file.content) as stream:
        return read_rows(stream, columns=file.columns, layout=file.layout, max_rows=file.max_rows)


@contextmanager
def _text(content: Path | bytes) -> Iterator[io.TextIOWrapper]:
    raw = content.open("rb") if isinstance(content, Path) else io.BytesIO(content)
    with io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as stream:
        yield stream


def _bytes_of(content: Path | bytes) -> bytes:
    return content.read_bytes() if isinstance(content, Path) else content


def _plain_column(series: pl.Series) -> Column | None:
    """A column whose every value is there and finite; None otherwise."""
    if series.null_count():
        return None
    if series.dtype == pl.String:
        texts: list[str] = series.to_list()
        return None if any("\0" in text for text in texts) else texts
    values: NDArray[np.int64] | NDArray[np.float64] = series.to_numpy()
    return values if np.isfinite(values).all() else None


def _table(columns: Mapping[str, Column], layout: Layout, *, place: str = "line") -> Table:
    others = {name: column for name, column in columns.items() if name != layout.id_column}
    ids = columns[layout.id_column]
    if not isinstance(ids, list) and ids.dtype != np.int64:
        raise TypeError("ids are whole numbers or text")
    return Table(ids=ids, columns=others, place=place)  # type: ignore[arg-type]


def _parquet_columns(content: Path | bytes, *, layout: Layout, max_rows: int) -> tuple[str, ...]:
    """The names in a Parquet file's metadata, read before any of its values."""
    source = content if isinstance(content, Path) else io.BytesIO(content)
    try:
        scan = pl.scan_parquet(source)
        columns = scan.collect_schema().names()
        rows = int(scan.select(pl.len()).collect().item())
    except _POLARS_FAULTS as error:
        raise InvalidSubmission(Problem("damaged_parquet")) from error
    problems = header_problems(columns, layout=layout)
    if problems:
        raise InvalidSubmission(*problems)
    if rows == 0:
        raise InvalidSubmission(Problem("no_rows"))
    if rows > max_rows:
        raise InvalidSubmission(Problem("too_many_rows", {"limit": max_rows}))
    return tuple(columns)


def _read_parquet(file: OpenedFile) -> CheckedTable:
    source = file.content if isinstance(file.content, Path) else io.BytesIO(file.content)
    try:
        frame = pl.read_parquet(source, columns=list(file.needed))
    except _POLARS_FAULTS as error:
        raise InvalidSubmission(Problem("damaged_parquet")) from error
    columns: dict[str, Column] = {}
    bad: list[tuple[str, str, NDArray[np.int64]]] = []
    for name, kind in file.needed.items():
        series = _as_type(frame.get_column(name), kind)
        empty = series.is_null().to_numpy()
        bad.append(("empty_values", name, np.flatnonzero(empty)))
        if kind is ColumnType.TEXT:
            columns[name] = series.fill_null("").to_list()
            continue
        values = series.fill_null(0).to_numpy()
        infinite = np.flatnonzero(~np.isfinite(values))
        bad.append(("not_finite", name, infinite))
        if kind is ColumnType.INTEGER and values.dtype != np.int64:
            whole = np.isfinite(values) & (values == np.trunc(values)) & (np.abs(values) < 2**53)
            bad.append(("wrong_type", name, np.setdiff1d(np.flatnonzero(~whole), infinite)))
            values = np.where(whole, values, 0).astype(np.int64)
        columns[name] = values
    table = _table(columns, file.layout, place="row")
    problems = [_parquet_problem(table, file, *found) for found in bad if len(found[2])]
    return CheckedTable(table, tuple(problems))


def _as_type(series: pl.Series, kind: ColumnType) -> pl.Series:
    """A column of the wanted type; refused where its type can't hold it."""
    dtype = series.dtype
    if kind is ColumnType.TEXT and dtype in {pl.String, pl.Categorical, pl.Enum}:
        return series.cast(pl.String)
    if kind is ColumnType.NUMBER and dtype.is_numeric():
        return series.cast(pl.Float64)
    if kind is ColumnType.INTEGER and dtype.is_float():
        return series.cast(pl.Float64)
    if kind is ColumnType.INTEGER and dtype.is_integer():
        # A value beyond 64 bits with sign turns null, and is refused as such.
        return series.cast(pl.Int64, strict=False)
    params: dict[str, str | int] = {"column": series.name, "found": str(dtype)[:40]}
    raise InvalidSubmission(Problem("wrong_column_type", {**params, "expected": EXPECTED[kind]}))


def _parquet_problem(
    table: Table, file: OpenedFile, code: str, column: str, rows: NDArray[np.int64]
) -> Problem:
    params: dict[str, str | int] = {"column": column}
    if code == "wrong_type":
        params["expected"] = EXPECTED[file.needed[column]]
    return Problem(code, params, len(rows), examples_of(table, rows.tolist()))
