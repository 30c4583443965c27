"""Files from the site's storage, whole or not at all, and kept by their hash.

A download goes to a temporary name, is measured and hashed on the way, and only then renamed to
its place, so a torn one never poisons the cache. A cached file is hashed again when a process
first uses it.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from scoring.contract import FileReference
from scoring.errors import Problem
from scoring.faults import PlatformFault

DEFAULT_CACHE_BYTES = 10 * 1024**3
MAX_WAIT = 5.0
BEAT_SECONDS = 5.0
STALE_PART_SECONDS = 3600
PARTS = (".", "incoming-")
# The bytes as they were stored: an object storage labels a .gz as encoded, and decoding it on the
# way would give another file.
AS_STORED = {"Accept-Encoding": "identity"}
logging.getLogger("httpx").setLevel(logging.WARNING)  # its lines hold signed addresses
_TIMEOUT = httpx.Timeout(10.0, read=30.0)


class Fetcher:
    """Fetches files; solutions stay in a folder of limited size, submissions do not stay."""

    def __init__(self, folder: Path, *, max_bytes: int = DEFAULT_CACHE_BYTES) -> None:
        self.folder = folder
        self.max_bytes = max_bytes
        self.on_wait: Callable[[], None] = lambda: None
        """Called every few seconds while something is fetched."""
        self._beat_at = 0.0
        self._trusted: set[str] = set()
        self._client = httpx.Client(timeout=_TIMEOUT, follow_redirects=True)
        folder.mkdir(parents=True, exist_ok=True)
        self._evict(keep=folder)

    def cached(self, reference: FileReference, *, expires_at: float) -> Path:
        """The path of a file that many jobs share.

        Raises:
            PlatformFault: the file can't be had in time, or is not what it should be.
        """
        path = self.folder / reference.sha256
        if not self._is_good(path, reference):
            self._download(reference, path, expires_at=expires_at)
            self._trusted.add(reference.sha256)
            self._evict(keep=path)
        os.utime(path)  # the oldest go first when the cache is full
        return path

    @contextmanager
    def temporary(self, reference: FileReference, *, expires_at: float) -> Iterator[Path]:
        """The path of a file that is gone after the `with`."""
        with tempfile.TemporaryDirectory(dir=self.folder, prefix="incoming-") as folder:
            path = Path(folder) / "submission"
            self._download(reference, path, expires_at=expires_at)
            yield path

    def _is_good(self, path: Path, reference: FileReference) -> bool:
        try:
            if path.stat().st_size != reference.size:
                return False
            if reference.sha256 in self._trusted:
                return True
            with path.open("rb") as stream:
                is_good = hashlib.file_digest(stream, "sha256").hexdigest() == reference.sha256
        except FileNotFoundError:
            return False
        if is_good:
            self._trusted.add(reference.sha256)
        return is_good

    def _download(self, reference: FileReference, path: Path, *, expires_at: float) -> None:
        wait = 0.2
        while True:
            try:
                return self._download_once(reference, path)
            except httpx.TransportError as error:
                cause: Exception = error
            except httpx.HTTPStatusError as error:
                if error.response.status_code < 500:
                    status = error.response.status_code
                    params: dict[str, str | int] = {"name": reference.name, "status": status}
                    raise PlatformFault(Problem("file_gone", params)) from error
                cause = error
            if time.time() + wait >= expires_at:
                raise PlatformFault(Problem("file_unfetched", {"name": reference.name})) from cause
            self._beat()
            time.sleep(wait)
            wait = min(2 * wait, MAX_WAIT)

    def _beat(self) -> None:
        if time.monotonic() - self._beat_at >= BEAT_SECONDS:
            self._beat_at = time.monotonic()
            self.on_wait()

    def _download_once(self, reference: FileReference, path: Path) -> None:
        digest = hashlib.sha256()
        received = 0
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        try:
            with (
                os.fdopen(descriptor, "wb") as file,
                self._client.stream("GET", reference.url, headers=AS_STORED) as response,
            ):
                response.raise_for_status()
                for chunk in response.iter_raw():
                    self._beat()
                    received += len(chunk)
                    if received > reference.size:
                        break
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            if received != reference.size or digest.hexdigest() != reference.sha256:
                raise PlatformFault(Problem("file_changed", {"name": reference.name}))
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)

    def _evict(self, *, keep: Path) -> None:
        """Remove what was not used for longest until the cache is within its size."""
        now = time.time()
        files = []
        for path in self.folder.iterdir():
            try:
                status = path.stat()
            except FileNotFoundError:  # another worker evicts at the same time
                continue
            if path.name.startswith(PARTS):
                if now - status.st_mtime > STALE_PART_SECONDS:  # of a worker that was killed
                    if path.is_dir():
                        shutil.rmtree(path, ignore_errors=True)
                    else:
                        path.unlink(missing_ok=True)
            elif path.is_file():
                files.append((status.st_mtime, status.st_size, path))
        excess = sum(size for _, size, _ in files) - self.max_bytes
        for _, size, path in sorted(files):
            if excess <= 0:
                return
            if path != keep:
                path.unlink(missing_ok=True)
                self._trusted.discard(path.name)
                excess -= size
