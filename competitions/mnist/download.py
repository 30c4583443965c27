"""Fetch the four files of MNIST from a mirror, whole and right.

A download that was cut is gone on with where it stopped, at once and in a later run; one whose
unpacked bytes are not the known ones is thrown away and fetched from the next mirror. The check is
on the unpacked bytes, because a mirror may have packed the same images anew.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
import zlib
from pathlib import Path

import pooch
import requests
from tqdm import tqdm

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
# SHA-256 of the unpacked bytes.
FILES = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
LARGEST = 64 * 1024**2  # bytes unpacked; the training images have 47 million
CHUNK = 256 * 1024
SECONDS = 30
TRIES = 4  # of one mirror, as long as each gets on


class NotFetched(Exception):
    """No mirror had the file; the message says what to do."""


class Cut(requests.RequestException):
    """The connection ended before the file did."""


class Resuming:
    """A downloader for pooch that keeps what it has and asks for the rest."""

    def __call__(self, url: str, output_file: str, _pooch: object) -> None:
        target = Path(output_file)
        # A part is of one mirror: another may have packed the same images into other bytes.
        mark = hashlib.sha256(url.encode()).hexdigest()[:8]
        part = target.parent / f"{url.rsplit('/', 1)[-1]}.{mark}.part"
        for left in reversed(range(TRIES)):
            before = _size(part)
            try:
                self._get(url, part)
            except Cut:
                if not left or _size(part) <= before:
                    raise
            else:
                break
        shutil.copyfile(part, target)
        part.unlink()

    def _get(self, url: str, part: Path) -> None:
        """What is missing of a file; all of it where the mirror can't give a part."""
        have = _size(part)
        headers = {"Range": f"bytes={have}-"} if have else {}
        with requests.get(url, headers=headers, stream=True, timeout=SECONDS) as response:
            if response.status_code == requests.codes.requested_range_not_satisfiable:
                return  # nothing is missing; whether it is right, the checksum tells
            response.raise_for_status()
            goes_on = response.status_code == requests.codes.partial_content
            self._save(response, part, have if goes_on else 0)

    @staticmethod
    def _save(response: requests.Response, part: Path, have: int) -> None:
        rest = int(response.headers.get("Content-Length", 0))
        bar = tqdm(total=have + rest, initial=have, unit="B", unit_scale=True, desc=part.stem)
        with bar, part.open("ab" if have else "wb") as stream:
            try:
                for block in response.iter_content(CHUNK):
                    stream.write(block)
                    bar.update(len(block))
            except requests.RequestException as error:
                raise Cut from error
        if rest and _size(part) < have + rest:
            raise Cut


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def fetch(name: str, *, folder: Path, mirrors: tuple[str, ...]) -> bytes:
    """The unpacked bytes of one of the four files, from the first mirror that has them right."""
    kept = folder / f"{name}.gz"
    if kept.exists() and (content := _unpacked(kept, name)) is not None:
        return content
    tried = []
    for mirror in mirrors:
        try:
            _copy_or_download(mirror, f"{name}.gz", folder)
        except (requests.RequestException, OSError) as error:
            tried.append(f"{mirror}: {_reason(error)}")
            continue
        if (content := _unpacked(kept, name)) is not None:
            return content
        tried.append(f"{mirror}: the file there is not MNIST's (its checksum differs)")
    raise NotFetched(
        f"{name}.gz could not be fetched.\n  "
        + "\n  ".join(tried)
        + "\nTry again later, or name another mirror: --mirror with an address or a folder that holds "
        "the four .gz files (or the variable MNIST_MIRROR). What came so far is kept."
    )


def _copy_or_download(mirror: str, file_name: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if "://" not in mirror:
        shutil.copyfile(Path(mirror) / file_name, folder / file_name)
        return
    pooch.retrieve(
        url=mirror.rstrip("/") + "/" + file_name,
        known_hash=None,  # the unpacked bytes are checked instead
        fname=file_name,
        path=folder,
        downloader=Resuming(),
    )


def _unpacked(path: Path, name: str) -> bytes | None:
    """The file's content where it is the known one; else the file is removed."""
    try:
        with gzip.open(path) as stream:
            content = stream.read(LARGEST)
    except (OSError, EOFError, zlib.error):
        content = b""
    if hashlib.sha256(content).hexdigest() == FILES[name]:
        return content
    path.unlink()
    return None


def _reason(error: Exception) -> str:
    if isinstance(error, Cut):
        return "the connection was cut"
    if isinstance(error, requests.Timeout):
        return f"no answer within {SECONDS} seconds"
    if isinstance(error, requests.HTTPError):
        return f"answered {error.response.status_code}"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    return str(error)
