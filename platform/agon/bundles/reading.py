"""An archive that was made by `agon.bundles.writing`, checked before a row of it is believed."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from django.utils.translation import gettext as _

from agon.bundles.errors import BundleRefused
from agon.bundles.parts import Part, with_needed
from agon.bundles.tables import Table
from agon.bundles.writing import FORMAT, MANIFEST, PEOPLE, VERSION, file_name, rows_name
from agon.common.files import CHUNK

MANIFEST_BYTES = 64 * 1024**2
LINE_BYTES = 16 * 1024**2


class Archive:
    """Rows and files of an exported competition, read by their names; nothing is unpacked."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.manifest = _manifest(archive)
        self.parts = with_needed(part for part in self.manifest["parts"] if part in Part.values)
        self._entries: dict[str, dict[str, Any]] = self.manifest["entries"]

    def check(self) -> None:
        """Read everything once: it is all there, and as it was written.

        Raises:
            BundleRefused: it is not.
        """
        for name, expected in self._entries.items():
            sha256, left = hashlib.sha256(), int(expected["size"])
            with self._open(name) as entry:
                while block := entry.read(CHUNK):
                    sha256.update(block)
                    left -= len(block)
                    if left < 0:
                        break
            if left or sha256.hexdigest() != expected["sha256"]:
                raise BundleRefused(_damaged(name))

    def rows(self, table: Table) -> Iterator[dict[str, Any]]:
        return self._lines(rows_name(table))

    def people(self) -> Iterator[dict[str, Any]]:
        return self._lines(PEOPLE)

    def file(self, stored: str) -> Entry:
        return self._open(file_name(stored))

    def _lines(self, name: str) -> Iterator[dict[str, Any]]:
        if name not in self._entries:
            return
        with self._open(name) as entry:
            while line := entry.readline(LINE_BYTES):
                try:
                    row = json.loads(line)
                except ValueError as error:
                    raise BundleRefused(_damaged(name)) from error
                if not isinstance(row, dict) or "id" not in row:
                    raise BundleRefused(_damaged(name))
                yield row

    def _open(self, name: str) -> Entry:
        if name not in self._entries:
            raise BundleRefused(_damaged(name))
        try:
            return Entry(self._archive.open(name), name)
        except (KeyError, RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
            raise BundleRefused(_damaged(name)) from error


class Entry:
    """A stream whose damage is said in words."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._stream, self._name = stream, name

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __enter__(self) -> Entry:
        return self

    def __exit__(self, *_fault: object) -> None:
        self._stream.close()

    def read(self, size: int = -1) -> bytes:
        return self._try(self._stream.read, size)

    def readline(self, size: int = -1) -> bytes:
        return self._try(self._stream.readline, size)

    def _try(self, read: Any, size: int) -> bytes:
        try:
            return bytes(read(size))
        except (zipfile.BadZipFile, EOFError, OSError, ValueError, RuntimeError) as error:
            raise BundleRefused(_damaged(self._name)) from error
        except Exception as error:
            if type(error).__module__ in {"zlib", "lzma"}:
                raise BundleRefused(_damaged(self._name)) from error
            raise


def is_archive(archive: zipfile.ZipFile) -> bool:
    """Whether it says that it was exported, rather than written by hand."""
    return MANIFEST in archive.namelist()


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        if archive.getinfo(MANIFEST).file_size > MANIFEST_BYTES:
            raise BundleRefused(_damaged(MANIFEST))
        with archive.open(MANIFEST) as entry:
            manifest = json.loads(entry.read(MANIFEST_BYTES))
        known = manifest["format"] == FORMAT
        version = int(manifest["version"])
        whole = isinstance(manifest["entries"], dict) and isinstance(manifest["parts"], list)
        whole = whole and isinstance(manifest["slug"], str)
    except (KeyError, TypeError, ValueError, RuntimeError, zipfile.BadZipFile) as error:
        raise BundleRefused(_damaged(MANIFEST)) from error
    if not known or not whole:
        raise BundleRefused(_damaged(MANIFEST))
    if version > VERSION:
        raise BundleRefused(
            _("The archive was made by a newer version of Agon. Update this site, then try again.")
        )
    return dict(manifest)


def _damaged(name: str) -> str:
    return _(
        "The archive is damaged: “%(name)s” is not what was written. Export it again, or copy the "
        "file once more."
    ) % {"name": name}
