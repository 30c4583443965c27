"""The check at the door: what can be seen of an upload in milliseconds, before quota is spent.

Light enough for the web tier, which runs it: no numpy, no polars. It reads the first part of the
file, or what the file says of itself, and never decides that a file is right; the worker reads
the rest.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

from scoring.archives import Readable
from scoring.contract import Layout, Limits
from scoring.errors import InvalidSubmission, Problem
from scoring.heads import HEAD_BYTES, MAX_PROBLEMS, check_head, header_problems
from scoring.npz import ArrayHeader, array_names, read_headers
from scoring.parquet import MAGIC, ParquetFooter, footer_size, read_footer
from scoring.unpacking import Format, Packing, check_size, kind_of, unpacked

__all__ = [
    "HEAD_BYTES",
    "MAX_PROBLEMS",
    "check_arrays",
    "check_footer",
    "inspect_upload",
    "read_head",
]

MAX_GZIP_RATIO = 1032
_MAX_FOOTER_BYTES = 256 * 1024
"""A longer footer takes more than milliseconds; the worker reads it."""


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
    if kind.packing is Packing.NONE and kind.format is Format.PARQUET:
        if footer_size(stream) <= _MAX_FOOTER_BYTES:
            check_footer(read_footer(stream), layout=layout, limits=limits)
        return
    if kind.packing is Packing.NONE and kind.format is Format.NPZ:
        check_arrays(stream, layout=layout, limits=limits)
        return
    with unpacked(stream, name, limit=limits.unpacked_bytes) as (format_, content):
        head = read_head(content)
    if kind.packing is Packing.GZIP and len(head) == HEAD_BYTES:
        _check_gzip_size(stream, size, limit=limits.unpacked_bytes)
    if not format_.is_text:
        _check_magic(head, format_)
        return
    header = check_head(head, name=name, format_=format_, layout=layout)
    if header.is_all and not header.has_rows:
        raise InvalidSubmission(Problem("no_rows"))


def check_footer(footer: ParquetFooter, *, layout: Layout, limits: Limits) -> None:
    """Refuse a Parquet file for what it says of itself."""
    problems = header_problems(footer.columns, layout=layout)
    if problems:
        raise InvalidSubmission(*problems)
    if footer.rows == 0:
        raise InvalidSubmission(Problem("no_rows"))
    if footer.unpacked_bytes > limits.unpacked_bytes:
        raise InvalidSubmission(Problem("unpacked_too_large", {"limit": limits.unpacked_bytes}))


def check_arrays(
    stream: BinaryIO, *, layout: Layout, limits: Limits
) -> tuple[tuple[str, ...], list[ArrayHeader]]:
    """The names of all arrays of an NPZ file and the headers of the needed ones, once they fit."""
    names = array_names(stream)
    listed = [name for name, members in names.items() for _ in members]
    problems = header_problems(listed, layout=layout)
    if problems:
        raise InvalidSubmission(*problems)
    members = [(name, names[name][0]) for name in (layout.id_column, *layout.columns)]
    headers = read_headers(stream, members, limit=limits.unpacked_bytes)
    if headers[0].shape == (0,):
        raise InvalidSubmission(Problem("no_rows"))
    return tuple(listed), headers


def read_head(content: Readable) -> bytes:
    """The first part of some content."""
    chunks: list[bytes] = []
    left = HEAD_BYTES
    while left and (chunk := content.read(left)):
        chunks.append(chunk)
        left -= len(chunk)
    return b"".join(chunks)


def _check_magic(head: bytes, format_: Format) -> None:
    is_parquet = format_ is Format.PARQUET
    if not head.startswith(MAGIC if is_parquet else b"PK"):
        raise InvalidSubmission(Problem("damaged_parquet" if is_parquet else "damaged_npz"))


def _check_gzip_size(stream: BinaryIO, size: int, *, limit: int) -> None:
    """Refuse a file that itself says it is too large; one that lies is caught while unpacking.

    The last four bytes of a file that was cut short say anything; what gzip can't do is no claim.
    """
    stream.seek(-4, 2)
    claimed = struct.unpack("<L", stream.read(4))[0]
    if claimed <= MAX_GZIP_RATIO * size:
        check_size(claimed, limit=limit, packed_bytes=size)
