"""A zip file of a competition's folder, unpacked into a folder that it cannot leave or fill the disk from."""

from __future__ import annotations

import shutil
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from agon.bundles.errors import BundleRefused
from agon.common.files import CHUNK
from scoring.foreign.conversion import is_competition

MOST_FILES = 20_000
MOST_BYTES = 32 * 1024**3
MOST_RATIO = 200
SMALL = 256 * 1024**2
"""Below this nobody is harmed, however well it is packed."""
ENCRYPTED = 0x1
OF_OTHERS = ("__MACOSX", ".DS_Store", "Thumbs.db")


@contextmanager
def opened(stream: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """The zip file, once its list of contents is harmless.

    Raises:
        BundleRefused: It is none, or holds what no competition needs.
    """
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BundleRefused(
            _("This is not a zip file, or it is cut off. Pack the folder again and upload that.")
        ) from error
    with archive:
        _check_contents(archive)
        yield archive


def unpack(archive: zipfile.ZipFile, home: Path) -> Path:
    """Unpack it below `home`; gives the folder that holds competition.yaml."""
    declared = sum(entry.file_size for entry in archive.infolist())
    if shutil.disk_usage(home).free < declared + SMALL:
        raise BundleRefused(_("The site has no room to unpack this now. Tell its staff."))
    for entry in archive.infolist():
        path = home.joinpath(*PurePosixPath(entry.filename).parts)
        if entry.is_dir():
            path.mkdir(parents=True, exist_ok=True)
        elif not _is_of_others(entry.filename):
            _unpack_one(archive, entry, path)
    return _folder_in(home)


def _unpack_one(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> None:
    left = entry.file_size
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(entry) as source, path.open("xb") as target:
            while block := source.read(CHUNK):
                left -= len(block)
                if left < 0:
                    raise BundleRefused(_says(entry, _("unpacks to more than it says")))
                target.write(block)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise BundleRefused(_says(entry, _("is damaged"))) from error
    except (FileExistsError, NotADirectoryError) as error:
        raise BundleRefused(_says(entry, _("is there twice"))) from error


def _check_contents(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if len(entries) > MOST_FILES:
        raise BundleRefused(
            _("The zip file holds %(count)d files; at most %(most)d are taken.")
            % {"count": len(entries), "most": MOST_FILES}
        )
    seen: set[str] = set()
    for entry in entries:
        fault = _fault_of(entry)
        if entry.filename in seen:
            fault = _("is there twice")
        if fault:
            raise BundleRefused(_says(entry, fault))
        seen.add(entry.filename)
    total = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if total > MOST_BYTES or (total > SMALL and total > packed * MOST_RATIO):
        raise BundleRefused(
            _("The zip file would unpack to %(size)s, which is more than is taken.")
            % {"size": filesizeformat(total)}
        )


def _fault_of(entry: zipfile.ZipInfo) -> str:
    """Why an entry is not unpacked; empty where it is."""
    name = entry.filename
    if name.startswith("/") or ".." in PurePosixPath(name).parts or "\\" in name or ":" in name:
        return _("leads out of the folder")
    if not name.isprintable() or len(name) > 400 or name.startswith("~"):
        return _("has a name that cannot be kept")
    if entry.flag_bits & ENCRYPTED:
        return _("is encrypted; pack it without a password")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind and kind not in {stat.S_IFREG, stat.S_IFDIR}:
        return _("is a link or a device; put the file itself there")
    return ""


def _says(entry: zipfile.ZipInfo, fault: str) -> str:
    name = "".join(one if one.isprintable() else "?" for one in entry.filename)[:100]
    return _("“%(name)s” %(fault)s.") % {"name": name, "fault": fault}


def _is_of_others(name: str) -> bool:
    """What file managers add."""
    return any(part in OF_OTHERS for part in PurePosixPath(name).parts)


def _folder_in(home: Path) -> Path:
    """Where competition.yaml lies, or what other platforms have in its place: at the top, or in the
    one folder that was packed.
    """
    if is_competition(home):
        return home
    inside = [path for path in home.iterdir() if path.is_dir() and is_competition(path)]
    if len(inside) == 1:
        return inside[0]
    raise BundleRefused(
        _("There is no competition.yaml in the zip file, neither at its top nor in one folder.")
    )
