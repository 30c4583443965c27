"""Fetching MNIST over HTTP: whole, cut, wrong, and from the next mirror."""

from __future__ import annotations

import gzip
import http.server
import threading
from pathlib import Path

import pytest
from competitions.conftest import copy_of, prepare

pytestmark = pytest.mark.slow


class Mirror(http.server.ThreadingHTTPServer):
    """Serves the four files; understands ranges; can cut answers, or lie."""

    def __init__(
        self, folder: Path, *, cut_at: int = 0, cuts: int = 1, content: bytes | None = None
    ) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder = folder
        self.cut_at = cut_at
        self.cuts = cuts
        self.content = content
        self.ranges: list[str] = []
        self.requests = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Mirror

    def do_GET(self) -> None:
        self.server.requests += 1
        path = self.server.folder / Path(self.path).name
        content = path.read_bytes() if self.server.content is None else self.server.content
        begin = 0
        if asked := self.headers.get("Range"):
            self.server.ranges.append(asked)
            begin = int(asked.removeprefix("bytes=").removesuffix("-"))
        self.send_response(206 if begin else 200)
        rest = content[begin:]
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        if self.server.cut_at and self.server.cuts:
            rest = rest[: self.server.cut_at]
            self.server.cuts -= 1
        self.wfile.write(rest)

    def log_message(self, *_arguments: object) -> None:
        """Tests are quiet."""


@pytest.fixture
def mirror_of(mnist_files):
    running = []

    def start(**how):
        server = Mirror(mnist_files, **how)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return server

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture
def folder(tmp_path):
    return copy_of("mnist", tmp_path)


def fetched(folder):
    return sorted(path.name for path in (folder / "prepared" / "downloads").iterdir())


def test_a_cut_download_goes_on_at_once(folder, mirror_of):
    mirror = mirror_of(cut_at=3_000_000)
    finished = prepare(folder, "--mirror", mirror.address)
    assert finished.returncode == 0, finished.stderr
    assert len(mirror.ranges) == 1
    assert mirror.requests == 5


def test_a_download_that_is_cut_again_and_again_goes_on_in_the_next_run(folder, mirror_of):
    mirror = mirror_of(cut_at=1_000_000, cuts=4)
    first = prepare(folder, "--mirror", mirror.address)
    assert first.returncode == 1
    assert "the connection was cut" in first.stderr
    assert "What came so far is kept" in first.stderr
    (part,) = (folder / "prepared" / "downloads").glob("train-images-idx3-ubyte.gz.*.part")
    kept = part.stat().st_size
    assert 0 < kept <= 4_000_000
    mirror.ranges.clear()
    second = prepare(folder, "--mirror", mirror.address)
    assert second.returncode == 0, second.stderr
    assert mirror.ranges == [f"bytes={kept}-"]
    assert fetched(folder) == sorted(
        f"{name}.gz"
        for name in (
            "train-images-idx3-ubyte",
            "train-labels-idx1-ubyte",
            "t10k-images-idx3-ubyte",
            "t10k-labels-idx1-ubyte",
        )
    )


def test_what_was_fetched_once_is_not_fetched_again(folder, mirror_of):
    mirror = mirror_of()
    assert prepare(folder, "--mirror", mirror.address).returncode == 0
    asked = mirror.requests
    assert prepare(folder, "--mirror", mirror.address).returncode == 0
    assert mirror.requests == asked == 4


def test_other_bytes_than_mnists_are_thrown_away_and_named(folder, mirror_of):
    mirror = mirror_of(content=gzip.compress(b"something else", mtime=0))
    finished = prepare(folder, "--mirror", mirror.address)
    assert finished.returncode == 1
    assert "checksum differs" in finished.stderr
    assert "--mirror" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert fetched(folder) == []


def test_the_next_mirror_is_asked_where_the_first_has_other_bytes(folder, mirror_of, mnist_files):
    wrong = mirror_of(content=gzip.compress(b"something else", mtime=0))
    finished = prepare(folder, "--mirror", wrong.address, "--mirror", str(mnist_files))
    assert finished.returncode == 0, finished.stderr
    assert wrong.requests == 4


def test_the_variable_names_a_mirror_too(folder, mnist_files, monkeypatch):
    monkeypatch.setenv("MNIST_MIRROR", str(mnist_files))
    assert prepare(folder).returncode == 0


def test_a_folder_that_holds_nothing_is_named(folder, tmp_path):
    finished = prepare(folder, "--mirror", str(tmp_path / "empty"))
    assert finished.returncode == 1
    assert "there is no such file" in finished.stderr
    assert "Traceback" not in finished.stderr
