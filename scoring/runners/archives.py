"""Unpacking zip files that strangers made: plain files and folders, within limits, or nothing."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path, PurePosixPath

CHUNK = 1024 * 1024
DIRECTORY_ATTRIBUTE = 0x10
MAX_PATH = 400
_LOCAL_HEADER_SIZE = 30


class ArchiveFault(Exception):
    """Why an archive is not unpacked, as the end of a sentence."""


def unpack(path: Path, folder: Path, *, max_entries: int, max_bytes: int) -> None:
    """Write the archive's files into an empty folder.

    Every entry is checked before the first byte is written, and what comes out is counted, not
    what the archive claims.

    Raises:
        ArchiveFault: Where it is damaged, too large, or holds anything but files and folders.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check(entries, archive.start_dir, max_entries, max_bytes)
            left = max_bytes
            for entry in entries:
                left -= _write(archive, entry, folder, left)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError) as error:
        raise ArchiveFault(f"it is damaged ({error})") from error
    except (OSError, zipfile.zlib.error, RuntimeError) as error:  # type: ignore[attr-defined]
        raise ArchiveFault(f"it can't be unpacked ({error})") from error


def _check(
    entries: list[zipfile.ZipInfo], directory: int, max_entries: int, max_bytes: int
) -> None:
    if len(entries) > max_entries:
        raise ArchiveFault(f"it has {len(entries)} entries; at most {max_entries} are allowed")
    seen: set[str] = set()
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        name = _safe_name(entry)
        if name in seen:
            raise ArchiveFault(f"it holds “{name}” twice")
        seen.add(name)
        if entry.flag_bits & 0x1:
            raise ArchiveFault("it is protected by a password")
        if entry.header_offset < end:
            raise ArchiveFault("its entries overlap")
        end = entry.header_offset + _LOCAL_HEADER_SIZE + entry.compress_size
    if end > directory:
        raise ArchiveFault("its entries overlap")
    if sum(entry.file_size for entry in entries) > max_bytes:
        raise ArchiveFault(f"unpacked it has more than {max_bytes} bytes")


def _safe_name(entry: zipfile.ZipInfo) -> str:
    """The entry's path, if it stays inside the folder and is a file or a folder."""
    name = entry.filename
    path = PurePosixPath(name)
    is_inside = not path.is_absolute() and ".." not in path.parts and "\\" not in name
    if not path.parts or not is_inside or len(name) > MAX_PATH or not name.isprintable():
        raise ArchiveFault(f"it holds an entry with a path that is not allowed: “{name[:100]}”")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise ArchiveFault(f"“{name}” is a link or a device")
    return path.as_posix()


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path, limit: int) -> int:
    target = folder / PurePosixPath(entry.filename)
    if entry.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return 0
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with archive.open(entry) as source, target.open("xb") as stream:
        while chunk := source.read(CHUNK):
            written += len(chunk)
            if written > limit:
                raise ArchiveFault("unpacked it has more bytes than are allowed")
            stream.write(chunk)
    return written
