"""Fetch a data set's files from its home or a mirror, whole and right.

A mirror is an address or a folder that holds one folder for each data set, such as ``mnist/``.
Mirrors are named with ``--mirror``, or in the variable AGON_DATA_MIRROR with semicolons between
them, and are asked in place of the data set's home.

A download that was cut is gone on with where it stopped, at once and in a later run. A file that
is not the known one is thrown away, and the next place is asked. What "the known one" is, each
`File` says by its `read`: it may look at what is inside, because a mirror may have packed the same
data anew.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import lzma
import os
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import requests
from progress import Step, step

VARIABLE = "AGON_DATA_MIRROR"
CHUNK = 64 * 1024
SECONDS = (10, 30)  # to connect, and between two pieces
TRIES = 4  # of one place, as long as each gets on
DAMAGE = (
    OSError,
    EOFError,
    ValueError,
    KeyError,
    zlib.error,
    lzma.LZMAError,
    tarfile.TarError,
    zipfile.BadZipFile,
)

Content = TypeVar("Content")


class NotFetched(Exception):
    """No place had the file; the message says what to do."""


class Cut(requests.RequestException):
    """The connection ended before the file did."""


class TooLarge(requests.RequestException):
    """The answer is larger than the file can be."""


@dataclass(frozen=True)
class File(Generic[Content]):
    """One file of a data set.

    Attributes:
        name: What it is called, at home as on mirrors.
        read: Gives what is in a file, and None where that is not the known content; what it
            raises for damage (`DAMAGE`) means that too.
        is_at_home: Whether the data set's home has it, and not only mirrors.
        largest: More bytes than it can have.
    """

    name: str
    read: Callable[[Path], Content | None]
    is_at_home: bool = True
    largest: int = 1024**3


@dataclass(frozen=True)
class Place:
    """An address or a folder that holds a data set's files, with nothing between."""

    base: str
    is_home: bool = False


def add_mirror_option(parser: argparse.ArgumentParser) -> None:
    """The option ``--mirror`` of a prepare.py."""
    parser.add_argument(
        "--mirror",
        action="append",
        default=[],
        metavar="ADDRESS-OR-FOLDER",
        help="where to fetch the data from, in place of its home; it holds one folder for each data "
        f"set; may be given more than once (or set {VARIABLE})",
    )


def places_of(data_set: str, *, homes: Sequence[str], named: Sequence[str] = ()) -> list[Place]:
    """Where to look for a data set, in order.

    Args:
        data_set: The name of its folder on mirrors.
        homes: The addresses that hold its files without a mirror.
        named: The mirrors of the command line; by default those of the environment.
    """
    in_environment = os.environ.get(VARIABLE, "").split(";")
    mirrors = named or [mirror.strip() for mirror in in_environment if mirror.strip()]
    if mirrors:
        return [Place(f"{mirror.rstrip('/')}/{data_set}") for mirror in mirrors]
    return [Place(home.rstrip("/"), is_home=True) for home in homes]


def fetch(*files: File[Content], places: Sequence[Place], folder: Path) -> Content:
    """What is in the first of these files that some place has right.

    Args:
        files: The same data in one or more packings, the preferred one first.
        places: Where to look, as `places_of` gives them.
        folder: Where to keep what was fetched; a right file that is there already is used.

    Raises:
        NotFetched: no place has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        content = _read(file, folder / file.name)
        if content is not None:
            return content
    tried = []
    for place in places:
        for file in files:
            if place.is_home and not file.is_at_home:
                continue
            try:
                _copy_or_download(place, file, folder)
            except requests.RequestException as error:
                tried.append(f"{place.base}/{file.name}: {_reason(error)}")
                if isinstance(error, requests.ConnectionError | requests.Timeout):
                    break  # another file of this place would only take as long again
                continue
            content = _read(file, folder / file.name)
            if content is not None:
                return content
            tried.append(
                f"{place.base}/{file.name}: the file there is another one (its checksum differs)"
            )
    raise NotFetched(_what_to_do(files, tried, places))


def whole(*digests: str) -> Callable[[Path], Path | None]:
    """A `File.read` for a file whose bytes have one of these SHA-256s; it gives the path."""

    def read(path: Path) -> Path | None:
        with path.open("rb") as stream:
            return path if hashlib.file_digest(stream, "sha256").hexdigest() in digests else None

    return read


def unpacked(digest: str, *, largest: int = 1024**3) -> Callable[[Path], bytes | None]:
    """A `File.read` for a .gz file whose unpacked bytes have this SHA-256; it gives these bytes."""

    def read(path: Path) -> bytes | None:
        with gzip.open(path) as stream:
            content = stream.read(largest)
        return content if hashlib.sha256(content).hexdigest() == digest else None

    return read


def _read(file: File[Content], path: Path) -> Content | None:
    """What is in a file; a wrong one is removed."""
    if not path.is_file():
        return None
    try:
        content = file.read(path)
    except DAMAGE:
        content = None
    if content is None:
        path.unlink()
    return content


def _copy_or_download(place: Place, file: File[Content], folder: Path) -> None:
    target = folder / file.name
    # A part is of one place: another may have packed the same data into other bytes.
    mark = hashlib.sha256(f"{place.base}/{file.name}".encode()).hexdigest()[:8]
    part = folder / f"{file.name}.{mark}.part"
    if "://" in place.base:
        _download(f"{place.base}/{file.name}", file, part)
    else:
        source = Path(place.base).expanduser() / file.name
        if not source.is_file():
            raise requests.RequestException("there is no such file")
        shutil.copyfile(source, part)
    part.replace(target)


def _download(url: str, file: File[Content], part: Path) -> None:
    """All of a file, going on where an answer was cut as long as each gets on."""
    for left in reversed(range(TRIES)):
        before = _size(part)
        try:
            _get(url, file, part)
        except Cut:
            if not left or _size(part) <= before:
                raise
        else:
            return


def _get(url: str, file: File[Content], part: Path) -> None:
    """What is missing of a file; all of it where the place can't give a part."""
    have = _size(part)
    # Of compressed bytes in transit neither the length nor a part of them would be the file's.
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    with requests.get(url, headers=headers, stream=True, timeout=SECONDS) as response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            return  # nothing is missing; whether it is right, the checksum tells
        response.raise_for_status()
        if response.status_code != requests.codes.partial_content:
            have = 0
        rest = int(response.headers.get("Content-Length", 0))
        total = have + rest if rest else None
        with step(f"Downloading {file.name}", total=total, done=have, unit="B") as shown:
            _save(response, part, have, file.largest, shown)
        if total and _size(part) < total:
            raise Cut


def _save(response: requests.Response, part: Path, have: int, largest: int, shown: Step) -> None:
    with part.open("ab" if have else "wb") as stream:
        try:
            for block in response.iter_content(CHUNK):
                stream.write(block)
                shown.advance(len(block))
                if shown.done > largest:
                    break
        except requests.RequestException as error:
            raise Cut from error
    if shown.done > largest:
        part.unlink()
        raise TooLarge


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _reason(error: requests.RequestException) -> str:
    match error:
        case Cut():
            return "the connection was cut"
        case TooLarge():
            return "it sends more than the file can have"
        case requests.Timeout():
            return "no answer in time"
        case requests.HTTPError():
            return f"answered {error.response.status_code}"
        case requests.ConnectionError():
            return "no connection"
    return str(error)


def _what_to_do(
    files: Sequence[File[Content]], tried: Sequence[str], places: Sequence[Place]
) -> str:
    # A mirror's folder for a data set has its name: whoever named one, named it rightly.
    at_home = any(place.is_home for place in places)
    names = " or ".join(file.name for file in files if file.is_at_home or not at_home)
    lines = [f"{names} could not be fetched.", *(f"  {line}" for line in tried)]
    lines.append(
        "Try again when there is a network, or name a mirror: --mirror (or the variable "
        f"{VARIABLE}) with an address or a folder that holds one folder for each data set. "
        "What came so far is kept."
    )
    return "\n".join(lines)
