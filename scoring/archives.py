"""Zip files from strangers: a directory that is checked, and members that are read with a cap.

Nothing is ever extracted to a path: a name inside an archive is only looked at, so slashes or
``..`` in it mean nothing. `isal` inflates several times faster than zlib, to the same bytes.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from typing import BinaryIO, Protocol

from isal import isal_zlib

from scoring.errors import InvalidSubmission, Problem

CHUNK = 1024**2
MAX_MEMBERS = 3000
MAX_DIRECTORY_BYTES = 1024**2
_END_OF_DIRECTORY = struct.Struct("<4s4H2LH")
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_PACKED_CHUNK = 64 * 1024
# The library's stubs declare an instance.
_INFLATE_ERROR: type[Exception] = isal_zlib.error  # type: ignore[assignment]
DAMAGE = (
    OSError,
    EOFError,
    zlib.error,
    _INFLATE_ERROR,
    zipfile.BadZipFile,
    struct.error,
    NotImplementedError,
)
"""What gzip and zip readers raise for files that are cut short or scrambled."""


class Readable(Protocol):
    """Anything that gives bytes."""

    def read(self, size: int, /) -> bytes: ...


def open_archive(stream: BinaryIO, damaged: Problem) -> zipfile.ZipFile:
    """A zip file from its first byte on, whose directory is small and whose members share no bytes.

    Raises:
        InvalidSubmission: with `damaged` where it is no such file.
    """
    _check_directory_size(stream, damaged)
    if stream.read(2) != b"PK":
        # `zipfile` would pass over whatever stands before the archive.
        raise InvalidSubmission(damaged)
    try:
        archive = zipfile.ZipFile(stream)
    except (*DAMAGE, ValueError) as error:
        raise InvalidSubmission(damaged) from error
    if len(archive.infolist()) > MAX_MEMBERS:
        raise InvalidSubmission(Problem("archive_contents", {"found": len(archive.infolist())}))
    if _members_overlap(archive):
        raise InvalidSubmission(damaged)
    return archive


def open_member(stream: BinaryIO, member: zipfile.ZipInfo) -> Readable:
    """One member's bytes; what it declares is checked while it is read.

    Raises:
        InvalidSubmission: it is encrypted or packed in an unusual way.
        BadZipFile: it is damaged; reading may raise this, too.
    """
    if member.flag_bits & 0x1:
        raise InvalidSubmission(Problem("encrypted_archive"))
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise InvalidSubmission(Problem("unsupported_compression"))
    stream.seek(member.header_offset)
    fields = _LOCAL_HEADER.unpack(stream.read(_LOCAL_HEADER.size))
    if fields[0] != b"PK\x03\x04" or fields[2] & 0x1 or fields[3] != member.compress_type:
        raise zipfile.BadZipFile("the member and the directory do not agree")
    start = member.header_offset + _LOCAL_HEADER.size + fields[9] + fields[10]
    return _Member(stream, member, start)


class _Member:
    """Reads one member piece by piece; more or other bytes than declared are damage."""

    def __init__(self, stream: BinaryIO, member: zipfile.ZipInfo, start: int) -> None:
        self._stream = stream
        self._at = start
        self._packed_left = member.compress_size
        self._left = member.file_size
        self._expected_crc = member.CRC
        self._crc = 0
        is_packed = member.compress_type == zipfile.ZIP_DEFLATED
        self._inflater = isal_zlib.decompressobj(wbits=-15) if is_packed else None

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        if size <= 0 or not self._left:
            return b""
        data = self._inflated(size) if self._inflater else self._packed(size)
        self._left -= len(data)
        self._crc = zlib.crc32(data, self._crc)
        is_wrong_at_end = not self._left and self._crc != self._expected_crc
        if not data or self._left < 0 or is_wrong_at_end:
            raise zipfile.BadZipFile("the member is not what the directory says")
        return data

    def _inflated(self, size: int) -> bytes:
        inflater = self._inflater
        data = b""
        while inflater is not None and not data and not inflater.eof:
            tail = inflater.unconsumed_tail
            packed = tail or self._packed(_PACKED_CHUNK)
            data = inflater.decompress(packed, size)
            if not packed and not data:
                break
        return data

    def _packed(self, size: int) -> bytes:
        self._stream.seek(self._at)
        data = self._stream.read(min(size, self._packed_left))
        self._at += len(data)
        self._packed_left -= len(data)
        return data


def _check_directory_size(stream: BinaryIO, damaged: Problem) -> None:
    """Refuse large directories: `zipfile` reads all at once, for hostile files millions of entries."""
    size = stream.seek(0, 2)
    tail_size = min(size, _END_OF_DIRECTORY.size + 0xFFFF)
    stream.seek(size - tail_size)
    tail = stream.read(tail_size)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END_OF_DIRECTORY.size:
        raise InvalidSubmission(damaged)
    fields = _END_OF_DIRECTORY.unpack_from(tail, at)
    members, directory_bytes = fields[4], fields[5]
    is_zip64 = tail[max(0, at - 20) : at].startswith(b"PK\x06\x07")
    if members > MAX_MEMBERS or directory_bytes > MAX_DIRECTORY_BYTES or is_zip64:
        raise InvalidSubmission(Problem("archive_contents", {"found": f"{members}"}))
    stream.seek(0)


def _members_overlap(archive: zipfile.ZipFile) -> bool:
    """Whether members share bytes, as in archives that unpack to far more than they are."""
    members = sorted(archive.infolist(), key=lambda member: member.header_offset)
    ends = [member.header_offset + _LOCAL_HEADER.size + member.compress_size for member in members]
    starts = [*(member.header_offset for member in members), archive.start_dir]
    return any(end > start for end, start in zip([0, *ends], starts, strict=True))
