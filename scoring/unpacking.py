"""What kind of file an upload is, and its bytes out of gzip or zip, without trusting any size.

Standard library only. Nothing is ever extracted to a path: a name inside an archive is only
looked at, so slashes or ``..`` in it mean nothing.
"""

from __future__ import annotations

import gzip
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import BinaryIO, Protocol

from scoring.errors import InvalidSubmission, Problem

CHUNK = 1024**2
MAX_ARCHIVE_MEMBERS = 1000
_END_OF_DIRECTORY = struct.Struct("<4s4H2LH")
_LOCAL_HEADER_SIZE = 30
_DAMAGE = (OSError, EOFError, zlib.error, zipfile.BadZipFile, struct.error, NotImplementedError)
"""What gzip and zipfile raise for files that are cut short or scrambled."""


class Readable(Protocol):
    """Anything that gives bytes."""

    def read(self, size: int, /) -> bytes: ...


class Packing(StrEnum):
    """How the table is wrapped."""

    NONE = "none"
    GZIP = "gzip"
    ZIP = "zip"


class Format(StrEnum):
    """How the table is written."""

    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is by its name."""

    packing: Packing
    format: Format


def kind_of(name: str) -> Kind:
    """What a file of this name should be; a zip file's inside is known only when it is opened.

    Raises:
        InvalidSubmission: files with this ending can't be read.
    """
    lower = name.lower()
    if lower.endswith(".csv"):
        return Kind(Packing.NONE, Format.CSV)
    if lower.endswith(".csv.gz"):
        return Kind(Packing.GZIP, Format.CSV)
    if lower.endswith(".zip"):
        return Kind(Packing.ZIP, Format.CSV)
    if lower.endswith((".parquet", ".pq")):
        return Kind(Packing.NONE, Format.PARQUET)
    raise InvalidSubmission(Problem("unsupported_extension", {"name": spoken_name(name)}))


def spoken_name(name: str) -> str:
    """A file's name fit for a sentence: its last part, printable, and not endless."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(letter if letter.isprintable() else "?" for letter in last)
    return clean if len(clean) <= 80 else f"{clean[:40]}…{clean[-30:]}"


@contextmanager
def unpacked(stream: BinaryIO, name: str, *, limit: int) -> Iterator[tuple[Format, Readable]]:
    """The table's format and its unpacked bytes as a stream.

    Reading from the stream may find damage; inside the `with` that becomes `InvalidSubmission`.
    Sizes declared in the archive are used to refuse, never to accept: read with `read_capped`.
    """
    kind = kind_of(name)
    stream.seek(0)
    if kind.packing is Packing.NONE:
        yield kind.format, stream
        return
    try:
        if kind.packing is Packing.GZIP:
            with gzip.GzipFile(fileobj=stream, mode="rb") as inner:
                yield kind.format, inner
            return
        with zipfile.ZipFile(_checked_archive(stream, name)) as archive:
            member = _only_data_file(archive, name, limit=limit)
            inside = kind_of(member.filename).format
            with archive.open(member) as inner:
                yield inside, inner
    except _DAMAGE as error:
        raise InvalidSubmission(Problem("damaged_archive", {"name": spoken_name(name)})) from error


def read_capped(stream: Readable, *, limit: int) -> bytes:
    """All bytes of a stream, refused as soon as there are more than the limit."""
    chunks: list[bytes] = []
    left = limit
    while chunk := stream.read(min(CHUNK, left + 1)):
        if len(chunk) > left:
            raise InvalidSubmission(Problem("unpacked_too_large", {"limit": limit}))
        left -= len(chunk)
        chunks.append(chunk)
    return b"".join(chunks)


def _checked_archive(stream: BinaryIO, name: str) -> BinaryIO:
    """The stream again, once its directory is known to be small.

    `zipfile` reads the whole directory at once, which for a hostile file is millions of entries.
    """
    size = stream.seek(0, 2)
    tail_size = min(size, _END_OF_DIRECTORY.size + 0xFFFF)
    stream.seek(size - tail_size)
    tail = stream.read(tail_size)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END_OF_DIRECTORY.size:
        raise InvalidSubmission(Problem("damaged_archive", {"name": spoken_name(name)}))
    fields = _END_OF_DIRECTORY.unpack_from(tail, at)
    members, directory_size = fields[4], fields[5]
    is_zip64 = tail[max(0, at - 20) : at].startswith(b"PK\x06\x07")
    if members > MAX_ARCHIVE_MEMBERS or directory_size > CHUNK or is_zip64:
        raise InvalidSubmission(Problem("archive_contents", {"found": f"{members}"}))
    stream.seek(0)
    return stream


def _only_data_file(archive: zipfile.ZipFile, name: str, *, limit: int) -> zipfile.ZipInfo:
    members = [member for member in archive.infolist() if _is_data(member)]
    if len(members) != 1:
        raise InvalidSubmission(Problem("archive_contents", {"found": len(members)}))
    member = members[0]
    if member.flag_bits & 0x1:
        raise InvalidSubmission(Problem("encrypted_archive"))
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise InvalidSubmission(Problem("unsupported_compression"))
    if member.file_size > limit:
        raise InvalidSubmission(Problem("unpacked_too_large", {"limit": limit}))
    if _members_overlap(archive):
        raise InvalidSubmission(Problem("damaged_archive", {"name": spoken_name(name)}))
    return member


def _is_data(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename)
    is_clutter = path.name.startswith(".") or "__MACOSX" in path.parts or member.is_dir()
    return not is_clutter and path.suffix.lower() in {".csv", ".parquet", ".pq"}


def _members_overlap(archive: zipfile.ZipFile) -> bool:
    """Whether two members share bytes, as in archives that unpack to far more than they are."""
    members = sorted(archive.infolist(), key=lambda member: member.header_offset)
    ends = [member.header_offset + _LOCAL_HEADER_SIZE + member.compress_size for member in members]
    starts = [member.header_offset for member in members[1:]]
    return any(end > start for end, start in zip(ends, [*starts, archive.start_dir], strict=True))
