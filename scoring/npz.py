"""What an NPZ file says of its arrays: names, types and lengths, read before any value is.

Light enough for the web tier: the header of each array is matched against what numpy writes and
never evaluated. An array of Python objects would have to be unpickled, so it is refused.
"""

from __future__ import annotations

import math
import re
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from scoring.archives import DAMAGE, Readable, open_archive, open_member
from scoring.errors import InvalidSubmission, Problem

_MAGIC = b"\x93NUMPY"
_ENDING = ".npy"
_MAX_HEADER_BYTES = 10_000
_DESCR = re.compile(r"'descr': *'([<>|=][a-zA-Z][0-9]{0,9})'")
_SHAPE = re.compile(r"'shape': *\(([0-9, ]{0,200})\)")
_ORDER = re.compile(r"'fortran_order': *(?:True|False)")
_REST = re.compile(r"\{[ ,]*\} *\n?")
_MAX_LENGTH_DIGITS = 18
_KINDS = "iufU"
"""numpy's letters for whole numbers, numbers and text; no dates, bytes or objects."""


@dataclass(frozen=True, slots=True)
class ArrayHeader:
    """One array of the file.

    Attributes:
        member: Where it lies in the archive.
        name: Its name, which is its column's.
        descr: numpy's short name of the type, such as ``<i8``; empty where it is no simple one.
        shape: Its lengths along each axis.
        data_at: Where its values begin in the member.
    """

    member: zipfile.ZipInfo
    name: str
    descr: str
    shape: tuple[int, ...]
    data_at: int

    @property
    def item_bytes(self) -> int:
        """How many bytes a value takes."""
        width = int(self.descr[2:] or 1)
        return 4 * width if self.descr[1] == "U" else width

    @property
    def is_whole(self) -> bool:
        """Whether the member is exactly as large as its array."""
        return self.data_at + math.prod(self.shape) * self.item_bytes == self.member.file_size


def array_names(stream: BinaryIO) -> dict[str, list[zipfile.ZipInfo]]:
    """The names of a file's arrays, in its order, with their members.

    Raises:
        InvalidSubmission: it is no whole NPZ file.
    """
    names: dict[str, list[zipfile.ZipInfo]] = {}
    with open_archive(stream, Problem("damaged_npz")) as archive:
        for member in archive.infolist():
            if member.filename.endswith(_ENDING):
                names.setdefault(member.filename.removesuffix(_ENDING), []).append(member)
    return names


def read_headers(
    stream: BinaryIO, members: Sequence[tuple[str, zipfile.ZipInfo]], *, limit: int
) -> list[ArrayHeader]:
    """The headers of some arrays, whose sizes fit together and into the limit.

    Raises:
        InvalidSubmission: they do not, or are damaged.
    """
    if sum(member.file_size for _, member in members) > limit:
        raise InvalidSubmission(Problem("unpacked_too_large", {"limit": limit}))
    headers = []
    for name, member in members:
        try:
            headers.append(_read_header(open_member(stream, member), name, member))
        except (*DAMAGE, ValueError) as error:
            raise InvalidSubmission(Problem("damaged_npz")) from error
    for header in headers:
        _check(header)
    lengths = {header.shape[0] for header in headers}
    if len(lengths) > 1:
        found = ", ".join(f"{header.name[:40]} {header.shape[0]}" for header in headers[:8])
        raise InvalidSubmission(Problem("array_lengths", {"found": found}))
    return headers


def _read_header(content: Readable, name: str, member: zipfile.ZipInfo) -> ArrayHeader:
    start = _exactly(content, 8)
    if not start.startswith(_MAGIC) or start[6] not in {1, 2, 3}:
        raise ValueError("no array")
    length_type = "<H" if start[6] == 1 else "<L"
    prefix = _exactly(content, struct.calcsize(length_type))
    length: int = struct.unpack(length_type, prefix)[0]
    if length > _MAX_HEADER_BYTES:
        raise ValueError("a header without end")
    text = _exactly(content, length).decode()
    descr, shape = _DESCR.search(text), _SHAPE.search(text)
    if shape is None or not _REST.fullmatch(_ORDER.sub("", _SHAPE.sub("", _DESCR.sub("", text)))):
        # Records and such have a description of several parts.
        return ArrayHeader(member, name, "", (), 0)
    lengths = [number.strip() for number in shape[1].split(",") if number.strip()]
    if any(len(number) > _MAX_LENGTH_DIGITS or not number.isdigit() for number in lengths):
        raise ValueError("no shape")
    data_at = 8 + len(prefix) + length
    return ArrayHeader(member, name, descr[1] if descr else "", tuple(map(int, lengths)), data_at)


def _check(header: ArrayHeader) -> None:
    params: dict[str, str | int] = {"column": header.name}
    if not header.descr or header.descr[1] not in _KINDS:
        found = header.descr or "record or object"
        expected = "numbers or text"
        raise InvalidSubmission(
            Problem("wrong_column_type", {**params, "found": found, "expected": expected})
        )
    if len(header.shape) != 1:
        found = f"({', '.join(map(str, header.shape[:8]))})"
        raise InvalidSubmission(Problem("array_shape", {**params, "found": found}))
    if not header.is_whole:
        raise InvalidSubmission(Problem("damaged_npz"))


def _exactly(content: Readable, size: int) -> bytes:
    data = b""
    while len(data) < size:
        chunk = content.read(size - len(data))
        if not chunk:
            raise EOFError("the array ends too early")
        data += chunk
    return data
