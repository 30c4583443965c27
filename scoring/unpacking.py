"""What kind of file an upload is, and its bytes out of gzip, zstd or zip, without trusting any size.

Light enough for the web tier: beside the standard library only `isal` and `zstandard`, which
unpack and nothing else.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any, BinaryIO

import zstandard
from isal import isal_zlib

from scoring.archives import CHUNK, DAMAGE, Readable, open_archive, open_member
from scoring.errors import InvalidSubmission, Problem

MAX_EXPANSION = 500
"""How many times its size a file may unpack to. Predictions, even all the same, stay below: the
ids differ."""
FREE_BYTES = 16 * 1024**2
"""Up to here the expansion is not looked at."""
_ZSTD_WINDOW = 128 * 1024**2
"""What `zstd --long` writes at most; a larger one would only cost memory."""
_ZSTD_PIECE = 256
"""A block of four bytes may stand for 128 KiB, so at most 8 MiB come out of a piece."""
_GZIP_PIECE = 64 * 1024
_MAX_FRAMES = 20_000
_DAMAGE = (*DAMAGE, zstandard.ZstdError)


class Packing(StrEnum):
    """How the table is wrapped."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"
    ZIP = "zip"


class Format(StrEnum):
    """How the table is written."""

    CSV = "csv"
    JSON_LINES = "json_lines"
    PARQUET = "parquet"
    NPZ = "npz"

    @property
    def is_text(self) -> bool:
        return self in {Format.CSV, Format.JSON_LINES}


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is by its name."""

    packing: Packing
    format: Format


FORMATS = {
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".jsonl": Format.JSON_LINES,
    ".ndjson": Format.JSON_LINES,
    ".parquet": Format.PARQUET,
    ".pq": Format.PARQUET,
    ".npz": Format.NPZ,
}
_PACKINGS = {".gz": Packing.GZIP, ".zst": Packing.ZSTD}


def kind_of(name: str) -> Kind:
    """What a file of this name should be; a zip file's inside is known only when it is opened.

    Raises:
        InvalidSubmission: files with this ending can't be read.
    """
    endings = [f".{ending}" for ending in name.lower().split(".")[1:]][-2:]
    last = endings[-1] if endings else ""
    if last == ".zip":
        return Kind(Packing.ZIP, Format.CSV)
    if last in FORMATS:
        return Kind(Packing.NONE, FORMATS[last])
    inner = FORMATS.get(endings[0]) if len(endings) == 2 else None
    # Parquet and NPZ are packed inside already.
    if inner is not None and inner.is_text and last in _PACKINGS:
        return Kind(_PACKINGS[last], inner)
    raise InvalidSubmission(Problem("unsupported_extension", {"name": spoken_name(name)}))


def spoken_name(name: str) -> str:
    """A file's name fit for a sentence: its last part, printable, and not endless."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(letter if letter.isprintable() else "?" for letter in last)
    return clean if len(clean) <= 80 else f"{clean[:40]}…{clean[-30:]}"


def damaged(name: str) -> Problem:
    """The problem of an archive that can't be unpacked."""
    return Problem("damaged_archive", {"name": spoken_name(name)})


@contextmanager
def unpacked(stream: BinaryIO, name: str, *, limit: int) -> Iterator[tuple[Format, Readable]]:
    """The table's format and its unpacked bytes as a stream.

    Reading from the stream may find damage; inside the `with` that becomes `InvalidSubmission`.
    Sizes declared in the archive are used to refuse, never to accept: read with `read_capped`.
    """
    kind = kind_of(name)
    stream.seek(0)
    try:
        match kind.packing:
            case Packing.NONE:
                yield kind.format, stream
            case Packing.GZIP | Packing.ZSTD:
                yield kind.format, _Frames(stream, kind.packing)
            case Packing.ZIP:
                with open_archive(stream, damaged(name)) as archive:
                    member = _only_data_file(archive, limit=limit)
                    yield kind_of(member.filename).format, open_member(stream, member)
    except _DAMAGE as error:
        raise InvalidSubmission(damaged(name)) from error


def read_capped(stream: Readable, *, limit: int, packed_bytes: int) -> bytes:
    """All bytes of a stream, refused as soon as there are more than allowed.

    Args:
        stream: What to read.
        limit: How many bytes there may be.
        packed_bytes: How large the packed file is.
    """
    # BytesIO grows in place and gives its bytes away without copying them.
    content = io.BytesIO()
    while chunk := stream.read(CHUNK):
        content.write(chunk)
        check_size(content.tell(), limit=limit, packed_bytes=packed_bytes)
    return content.getvalue()


def check_size(size: int, *, limit: int, packed_bytes: int) -> None:
    """Refuse what unpacks to too much, or to too much for its size."""
    if size > limit:
        raise InvalidSubmission(Problem("unpacked_too_large", {"limit": limit}))
    if size > max(FREE_BYTES, MAX_EXPANSION * packed_bytes):
        raise InvalidSubmission(Problem("expansion_ratio", {"limit": MAX_EXPANSION}))


class _Frames:
    """Packed pieces one after another, as gzip and zstd files may have; all must be whole.

    The usual readers of both formats either take a cut file for a whole one, or spend a long time
    on millions of empty pieces.
    """

    def __init__(self, stream: BinaryIO, packing: Packing) -> None:
        self._stream = stream
        self._is_gzip = packing is Packing.GZIP
        self._piece_bytes = _GZIP_PIECE if self._is_gzip else _ZSTD_PIECE
        self._frame: Any = None
        self._frames = 0
        self._packed = b""
        self._data = b""
        self._read = 0

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        while self._read >= len(self._data):
            self._packed = self._packed or self._stream.read(self._piece_bytes)
            if self._frame is None and not self._packed:
                return b""
            if self._frame is None and not self._begin():
                continue
            self._unpack(size)
        start, self._read = self._read, self._read + size
        return self._data[start : self._read]

    def _begin(self) -> bool:
        """Begin the next frame; False where only padding was left."""
        if self._is_gzip and self._frames:
            self._packed = self._packed.lstrip(b"\0")
        if not self._packed:
            return False
        self._frames += 1
        if self._frames > _MAX_FRAMES:
            raise zstandard.ZstdError("too many frames")
        self._frame = (
            isal_zlib.decompressobj(wbits=31)
            if self._is_gzip
            else zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
        )
        return True

    def _unpack(self, size: int) -> None:
        packed, self._packed = self._packed, b""
        if self._is_gzip:
            self._data = self._frame.decompress(packed, size)
            self._packed = self._frame.unconsumed_tail
        else:
            self._data = self._frame.decompress(packed)
        self._read = 0
        if self._frame.eof:
            self._packed = self._frame.unused_data
            self._frame = None
        elif not packed and not self._data:
            raise EOFError("the file ends too early")


def _only_data_file(archive: zipfile.ZipFile, *, limit: int) -> zipfile.ZipInfo:
    members = [member for member in archive.infolist() if _is_data(member)]
    if len(members) != 1:
        raise InvalidSubmission(Problem("archive_contents", {"found": len(members)}))
    member = members[0]
    check_size(member.file_size, limit=limit, packed_bytes=member.compress_size)
    return member


def _is_data(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename)
    is_folder = member.filename.endswith("/")
    is_clutter = path.name.startswith(".") or "__MACOSX" in path.parts
    return not is_folder and not is_clutter and path.suffix.lower() in FORMATS
