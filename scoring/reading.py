"""A prediction file into columns: polars with fixed types first, row by row where that fails.

`read_fast` answers with a table or with None, never with a reason: it may not decide that a
file is wrong. `read_checked` gives the reasons. Both agree on every file that the fast one takes.
Only the needed columns are ever read.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl
from numpy.typing import NDArray

from scoring.arrays import read_array
from scoring.contract import ColumnType, Layout, Limits
from scoring.errors import InvalidSubmission, Problem
from scoring.heads import HEAD_BYTES, Header, check_head
from scoring.inspection import check_arrays, check_footer, read_head
from scoring.jsonlines import read_objects
from scoring.pages import check_pages
from scoring.parquet import read_footer
from scoring.regularity import is_regular_csv, is_regular_json
from scoring.rows import read_rows
from scoring.tables import CheckedTable, Column, Table
from scoring.typedcolumns import check_columns
from scoring.unpacking import Format, Packing, kind_of, read_capped, unpacked

BLOCK_BYTES = 8 * 1024**2
"""CSV is read in blocks, so that its text and its numbers never stand in memory as a whole."""
_MAX_BLOCK_BYTES = 64 * 1024**2
_TAIL_BYTES = 64 * 1024
_QUOTE = b'"'
_TYPES: dict[ColumnType, pl.DataType] = {
    ColumnType.INTEGER: pl.Int64(),
    ColumnType.NUMBER: pl.Float64(),
    ColumnType.TEXT: pl.String(),
    ColumnType.SEQUENCE: pl.String(),
}
_POLARS_FAULTS = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A prediction file, unpacked, with its header already checked.

    Attributes:
        format: How it is written.
        content: The path of a plain file, or unpacked bytes.
        columns: The names of all columns, in the file's order.
        layout: The columns that are needed.
        max_rows: How many rows to read at most.
        limits: How large it may be.
        delimiter: What separates the columns of a CSV file.
        data_at: The byte where the rows of a CSV file begin.
    """

    format: Format
    content: Path | bytes
    columns: tuple[str, ...]
    layout: Layout
    max_rows: int
    limits: Limits
    delimiter: str = ","
    data_at: int = 0

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
    content: Path | bytes = path
    head = b""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        if size == 0:
            raise InvalidSubmission(Problem("empty_file"))
        is_plain = kind_of(name).packing is Packing.NONE
        with unpacked(stream, name, limit=limits.unpacked_bytes) as (format_, inner):
            if not is_plain:
                content = read_capped(inner, limit=limits.unpacked_bytes, packed_bytes=size)
                head = content[:HEAD_BYTES]
            elif format_.is_text:
                head = read_head(inner)
    if format_.is_text:
        header = check_head(head, name=name, format_=format_, layout=layout)
    else:
        header = _typed_header(content, format_, layout=layout, limits=limits, max_rows=max_rows)
    return OpenedFile(
        format_,
        content,
        header.columns,
        layout,
        max_rows,
        limits=limits,
        delimiter=header.delimiter,
        data_at=header.data_at,
    )


def read_fast(file: OpenedFile) -> Table | None:
    """The needed columns, or None where anything at all is unusual."""
    match file.format:
        case Format.CSV:
            return _read_csv(file)
        case Format.JSON_LINES:
            return _read_json(file)
        case _:
            checked = _read_typed(file)
            return None if checked.problems else checked.table


def read_checked(file: OpenedFile) -> CheckedTable:
    """The needed columns with lines, and every problem of their values."""
    if not file.format.is_text:
        return _read_typed(file)
    layout, max_rows = file.layout, file.max_rows
    newline = "" if file.format is Format.CSV else "\n"
    with (
        _binary(file.content) as raw,
        io.TextIOWrapper(raw, encoding="utf-8-sig", newline=newline) as stream,
    ):
        if file.format is Format.JSON_LINES:
            return read_objects(stream, layout=layout, max_rows=max_rows)
        return read_rows(
            stream,
            columns=file.columns,
            delimiter=file.delimiter,
            layout=layout,
            max_rows=max_rows,
        )


@contextmanager
def _binary(content: Path | bytes) -> Iterator[BinaryIO]:
    with content.open("rb") if isinstance(content, Path) else io.BytesIO(content) as stream:
        yield stream


# --- CSV ------------------------------------------------------------------------------------------


def _read_csv(file: OpenedFile) -> Table | None:
    names = [name if name in file.needed else f"_{at}" for at, name in enumerate(file.columns)]
    # polars sees a row of another width by itself only where a value is read that must be there.
    last = file.needed.get(file.columns[-1])
    sees_width = len(file.needed) == len(names) and last is not ColumnType.SEQUENCE
    options: dict[str, Any] = {
        "has_header": False,
        "schema": {name: _TYPES[file.needed.get(name, ColumnType.TEXT)] for name in names},
        "columns": [at for at, name in enumerate(file.columns) if name in file.needed],
        "separator": file.delimiter,
        "encoding": "utf8",
    }
    columns = _Columns(file)
    with _binary(file.content) as stream:
        stream.seek(max(0, file.data_at - 1))
        # A header that ends in a carriage return alone is for the exact reader.
        if stream.read(1) != b"\n":
            return None
        for block in _blocks(stream):
            width = None if sees_width else len(names)
            if not is_regular_csv(block, delimiter=file.delimiter, width=width):
                return None
            try:
                frame = pl.read_csv(block, quote_char='"' if _QUOTE in block else None, **options)
            except _POLARS_FAULTS:
                return None
            if not columns.take(frame, size=len(block)):
                return None
    return columns.table()


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    """The rest of a text in blocks of whole rows."""
    while block := stream.read(_length_of_whole_lines(stream)):
        # A quotation mark that is still open means a line end inside a value.
        while block.count(_QUOTE) % 2 and len(block) < _MAX_BLOCK_BYTES:
            more = stream.readlines(BLOCK_BYTES // 8)
            if not more:
                break
            block = b"".join([block, *more])
        yield block


def _length_of_whole_lines(stream: BinaryIO) -> int:
    """How many bytes the next block has; found without reading it, so that it needs no copy."""
    start = stream.tell()
    tail_at = start + max(0, BLOCK_BYTES - _TAIL_BYTES)
    wanted = start + BLOCK_BYTES - tail_at
    stream.seek(tail_at)
    tail = stream.read(wanted)
    stream.seek(start)
    if len(tail) < wanted or b"\n" not in tail:
        # The file ends in this block, or a line is so long that only the exact reader takes it.
        return BLOCK_BYTES
    return BLOCK_BYTES - (len(tail) - 1 - tail.rfind(b"\n"))


class _Columns:
    """The needed columns, filled block by block without ever holding any of them twice."""

    def __init__(self, file: OpenedFile) -> None:
        self.file = file
        self.arrays: dict[str, NDArray[Any]] = {}
        self.texts: dict[str, list[str]] = {
            name: [] for name, kind in file.needed.items() if isinstance(_TYPES[kind], pl.String)
        }
        self.rows = 0

    def take(self, frame: pl.DataFrame, *, size: int) -> bool:
        """Take the rows of a block in; False where any value is not there or not finite."""
        end = self.rows + frame.height
        if end > self.file.max_rows:
            return False
        for name, kind in self.file.needed.items():
            series = frame.get_column(name)
            if name in self.texts:
                if not _take_texts(series, self.texts[name], kind):
                    return False
                continue
            if series.null_count():
                return False
            array = self._room(name, series.dtype, end, size)
            at = self.rows
            for chunk in series.get_chunks():
                array[at : at + len(chunk)] = chunk.to_numpy()
                at += len(chunk)
            if kind is ColumnType.NUMBER and not np.isfinite(array[self.rows : end]).all():
                return False
        self.rows = end
        return True

    def table(self) -> Table | None:
        """All rows; None where there was not one."""
        if not self.rows:
            return None
        columns: dict[str, Column] = {
            name: self.texts[name] if name in self.texts else self.arrays[name][: self.rows]
            for name in self.file.needed
        }
        return _table(columns, self.file.layout)

    def _room(self, name: str, dtype: pl.DataType, end: int, size: int) -> NDArray[Any]:
        """The array of a column with room for `end` rows."""
        array = self.arrays.get(name)
        if array is not None and len(array) >= end:
            return array
        content = self.file.content
        total = content.stat().st_size if isinstance(content, Path) else len(content)
        # The blocks to come will be much like this one; memory that is not used costs nothing.
        rows = end - self.rows
        wanted = end + max(0, total - size) * rows // size * 21 // 20 if array is None else 2 * end
        room = np.empty(
            max(end, min(wanted, self.file.max_rows)),
            dtype=np.int64 if dtype == pl.Int64 else np.float64,
        )
        if array is not None:
            room[: self.rows] = array[: self.rows]
        self.arrays[name] = room
        return room


def _take_texts(series: pl.Series, texts: list[str], kind: ColumnType) -> bool:
    if kind is ColumnType.SEQUENCE:
        texts += series.fill_null("").to_list()
        return True
    if series.null_count() or (series.str.len_bytes() == 0).any():
        return False
    texts += series.to_list()
    return True


def _table(columns: dict[str, Column], layout: Layout) -> Table:
    ids = columns.pop(layout.id_column)
    return Table(ids=ids, columns=columns)  # type: ignore[arg-type]


# --- JSON Lines -----------------------------------------------------------------------------------


def _read_json(file: OpenedFile) -> Table | None:
    content = file.content.read_bytes() if isinstance(file.content, Path) else file.content
    content = content.removeprefix(codecs.BOM_UTF8)
    schema = {name: _TYPES[kind] for name, kind in file.needed.items()}
    try:
        frame = pl.read_ndjson(io.BytesIO(content), schema=schema)
    except _POLARS_FAULTS:
        return None
    if not 0 < frame.height <= file.max_rows or any(
        frame.get_column(name).null_count() for name in schema
    ):
        return None
    columns = _Columns(file)
    is_regular = is_regular_json(
        content,
        names=file.columns,
        needed=list(schema),
        texts=list(columns.texts),
        rows=frame.height,
    )
    return columns.table() if is_regular and columns.take(frame, size=len(content)) else None


# --- Parquet and NPZ ------------------------------------------------------------------------------


def _typed_header(
    content: Path | bytes, format_: Format, *, layout: Layout, limits: Limits, max_rows: int
) -> Header:
    """What a Parquet or NPZ file says of itself, before any of its values is read."""
    with _binary(content) as stream:
        if format_ is Format.PARQUET:
            footer = read_footer(stream)
            check_footer(footer, layout=layout, limits=limits)
            needed = {layout.id_column, *layout.columns}
            check_pages(stream, footer, columns=needed, limit=limits.unpacked_bytes)
            columns, rows = footer.columns, footer.rows
        else:
            columns, headers = check_arrays(stream, layout=layout, limits=limits)
            rows = headers[0].shape[0]
    if rows > max_rows:
        raise InvalidSubmission(Problem("too_many_rows", {"limit": max_rows}))
    return Header(columns, "", data_at=0, has_rows=True, is_all=True)


def _read_typed(file: OpenedFile) -> CheckedTable:
    limit = file.limits.unpacked_bytes
    if file.format is Format.PARQUET:
        frame = _read_parquet(file)
        return check_columns(frame.to_dict(), layout=file.layout, limit=limit)
    with _binary(file.content) as stream:
        _, headers = check_arrays(stream, layout=file.layout, limits=file.limits)
        arrays = {header.name: read_array(stream, header) for header in headers}
    return check_columns(arrays, layout=file.layout, limit=limit)


def _read_parquet(file: OpenedFile) -> pl.DataFrame:
    source = file.content if isinstance(file.content, Path) else io.BytesIO(file.content)
    try:
        frame = pl.read_parquet(source, columns=list(file.needed), n_rows=file.max_rows + 1)
    except _POLARS_FAULTS as error:
        raise InvalidSubmission(Problem("damaged_parquet")) from error
    if frame.height == 0:
        raise InvalidSubmission(Problem("no_rows"))
    if frame.height > file.max_rows:
        raise InvalidSubmission(Problem("too_many_rows", {"limit": file.max_rows}))
    return frame
