"""The pages of a Parquet file, looked at before polars unpacks them.

A page says itself how large it becomes and how many values it has, and polars takes its word and
the memory. So all pages of the needed columns are walked through, header by header, first.
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from dataclasses import dataclass
from typing import BinaryIO

from scoring.errors import InvalidSubmission, Problem
from scoring.parquet import Chunk, ParquetFooter
from scoring.thrift import I32, STRUCT, ThriftReader

MAX_PAGES = 100_000
_HEADER_BYTES = 16 * 1024
_ENCODINGS = {0, 2, 3, 4, 8}
"""Plain, run lengths and dictionaries, which all writers use unless told otherwise. The delta
encodings name lengths inside the packed values, where they can't be checked."""
_DATA, _DICTIONARY, _DATA_V2 = 5, 7, 8


def check_pages(
    stream: BinaryIO, footer: ParquetFooter, *, columns: Collection[str], limit: int
) -> None:
    """Refuse needed columns whose pages do not fit together, or become too large.

    Raises:
        InvalidSubmission: they do.
    """
    size = stream.seek(0, 2)
    pages = unpacked = 0
    for chunk in footer.chunks:
        if chunk.column not in columns:
            continue
        try:
            for page in _pages(stream, chunk, size):
                pages += 1
                unpacked += page.unpacked_bytes
                if pages > MAX_PAGES:
                    raise InvalidSubmission(Problem("damaged_parquet"))
                if unpacked > limit:
                    raise InvalidSubmission(Problem("unpacked_too_large", {"limit": limit}))
                if page.encoding not in _ENCODINGS:
                    raise InvalidSubmission(
                        Problem("parquet_encoding", {"column": chunk.column[:80]})
                    )
        except (ValueError, IndexError, struct.error) as error:
            raise InvalidSubmission(Problem("damaged_parquet")) from error


@dataclass(slots=True)
class _Page:
    """What a page says of itself."""

    unpacked_bytes: int = -1
    packed_bytes: int = -1
    values: int = -1
    encoding: int = 0
    is_dictionary: bool = False
    level_bytes: int = 0


def _pages(stream: BinaryIO, chunk: Chunk, size: int) -> list[_Page]:
    """All pages of a chunk, which they fill exactly."""
    end = chunk.start + chunk.packed_bytes
    if end > size:
        raise ValueError("outside the file")
    pages = []
    at = chunk.start
    while at < end:
        stream.seek(at)
        reader = _PageReader(stream.read(min(_HEADER_BYTES, end - at)))
        page = reader.page()
        at += reader.at + page.packed_bytes
        smallest = min(page.unpacked_bytes, page.packed_bytes, page.values, page.level_bytes)
        # No value of a dictionary is smaller than a byte.
        most = page.unpacked_bytes if page.is_dictionary else chunk.values
        too_many = page.values > most or page.level_bytes > page.packed_bytes
        if smallest < 0 or at > end or too_many:
            raise ValueError("a page that does not fit")
        pages.append(page)
        if len(pages) > MAX_PAGES:
            raise ValueError("too many pages")
    if sum(page.values for page in pages if not page.is_dictionary) != chunk.values:
        raise ValueError("more or fewer values than said")
    return pages


class _PageReader(ThriftReader):
    def page(self) -> _Page:
        page = _Page()
        for field, kind in self.fields():
            if (field, kind) == (2, I32):
                page.unpacked_bytes = self.integer()
            elif (field, kind) == (3, I32):
                page.packed_bytes = self.integer()
            elif field in {_DATA, _DICTIONARY, _DATA_V2} and kind == STRUCT:
                page.is_dictionary = field == _DICTIONARY
                self._content(page, encoding_field=4 if field == _DATA_V2 else 2)
            else:
                self.skip(kind)
        return page

    def _content(self, page: _Page, *, encoding_field: int) -> None:
        for field, kind in self.fields():
            if kind != I32:
                self.skip(kind)
                continue
            number = self.integer()
            if field == 1:
                page.values = number
            elif field == encoding_field:
                page.encoding = number
            elif encoding_field == 4 and field in {5, 6}:
                page.level_bytes = max(page.level_bytes + number, number)
