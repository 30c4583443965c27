"""What a Parquet file says of itself: its columns, rows and unpacked size, read without a library.

The footer is Thrift in the compact protocol (parquet.thrift, `FileMetaData`). Light enough for
the web tier; the values themselves are read by polars in the worker.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

from scoring.errors import InvalidSubmission, Problem
from scoring.thrift import BINARY, I32, I64, LIST, STRUCT, ThriftReader

MAGIC = b"PAR1"
MAX_FOOTER_BYTES = 8 * 1024**2
_IN_ANOTHER_FILE = 1
"""The field of a column chunk that names another file."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """The pages of one column in one row group.

    Attributes:
        column: The column's name; empty for what lies inside a nested column.
        start: Where its first page begins.
        packed_bytes: How many bytes its pages take, headers included.
        unpacked_bytes: How many they take once unpacked, as the file itself says.
        values: How many values it has, as the file itself says.
    """

    column: str
    start: int
    packed_bytes: int
    unpacked_bytes: int
    values: int


@dataclass(frozen=True, slots=True)
class ParquetFooter:
    """The footer, as far as it is needed.

    Attributes:
        columns: The names of the columns at the top level.
        rows: How many rows all row groups have.
        chunks: Where the values lie.
    """

    columns: tuple[str, ...]
    rows: int
    chunks: tuple[Chunk, ...]

    @property
    def unpacked_bytes(self) -> int:
        """How large all columns are once unpacked, as the file itself says."""
        return sum(chunk.unpacked_bytes for chunk in self.chunks)


def footer_size(stream: BinaryIO) -> int:
    """How large the footer is, once both ends of the file carry its mark.

    Raises:
        InvalidSubmission: it is no whole Parquet file.
    """
    size = stream.seek(0, 2)
    stream.seek(0)
    start = stream.read(4)
    stream.seek(max(0, size - 8))
    end = stream.read(8)
    if start != MAGIC or end[4:] != MAGIC or size < 12:
        raise InvalidSubmission(Problem("damaged_parquet"))
    length: int = struct.unpack("<L", end[:4])[0]
    if length > min(size - 12, MAX_FOOTER_BYTES):
        raise InvalidSubmission(Problem("damaged_parquet"))
    return length


def read_footer(stream: BinaryIO) -> ParquetFooter:
    """Read the footer.

    Raises:
        InvalidSubmission: it is no whole Parquet file.
    """
    length = footer_size(stream)
    stream.seek(-8 - length, 2)
    try:
        return _FooterReader(stream.read(length)).footer()
    except (ValueError, IndexError, struct.error) as error:
        raise InvalidSubmission(Problem("damaged_parquet")) from error


class _FooterReader(ThriftReader):
    """Walks through the Thrift structures and keeps only what is asked for."""

    def footer(self) -> ParquetFooter:
        columns: list[str] = []
        chunks: list[Chunk] = []
        rows = 0
        for field, kind in self.fields():
            if (field, kind) == (2, LIST):
                columns = self._schema()
            elif (field, kind) == (3, I64):
                rows = self.integer()
            elif (field, kind) == (4, LIST):
                for _ in range(self.list_length()):
                    chunks += self._row_group()
            else:
                self.skip(kind)
        if rows < 0:
            raise ValueError("fewer than no rows")
        return ParquetFooter(tuple(columns), rows, tuple(chunks))

    def _schema(self) -> list[str]:
        """The names at the top level; what lies inside a nested column is passed over."""
        elements = [self._schema_element() for _ in range(self.list_length())]
        names: list[str] = []
        inside = 0
        for name, children in elements[1:]:
            if inside:
                inside += children - 1
            else:
                names.append(name)
                inside = children
        return names

    def _schema_element(self) -> tuple[str, int]:
        name, children = "", 0
        for field, kind in self.fields():
            if (field, kind) == (4, BINARY):
                name = self.binary().decode()
            elif (field, kind) == (5, I32):
                children = max(0, self.integer())
            else:
                self.skip(kind)
        return name, children

    def _row_group(self) -> list[Chunk]:
        chunks: list[Chunk] = []
        for field, kind in self.fields():
            if (field, kind) == (1, LIST):
                chunks = [self._column_chunk() for _ in range(self.list_length())]
            else:
                self.skip(kind)
        return chunks

    def _column_chunk(self) -> Chunk:
        chunk = Chunk("", 0, 0, 0, 0)
        for field, kind in self.fields():
            if (field, kind) == (3, STRUCT):
                chunk = self._metadata()
            elif field == _IN_ANOTHER_FILE:
                raise ValueError("values in another file")
            else:
                self.skip(kind)
        return chunk

    def _metadata(self) -> Chunk:
        path: list[str] = []
        numbers: dict[int, int] = {}
        for field, kind in self.fields():
            if (field, kind) == (3, LIST):
                path = [self.binary().decode() for _ in range(self.list_length(BINARY))]
            elif kind == I64:
                numbers[field] = self.integer()
            else:
                self.skip(kind)
        if any(number < 0 for number in numbers.values()):
            raise ValueError("less than nothing")
        starts = [numbers[field] for field in (9, 11) if numbers.get(field)]
        return Chunk(
            column=path[0] if len(path) == 1 else "",
            start=min(starts, default=0),
            packed_bytes=numbers.get(7, 0),
            unpacked_bytes=numbers.get(6, 0),
            values=numbers.get(5, 0),
        )
