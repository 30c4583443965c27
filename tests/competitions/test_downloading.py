"""Fetching data over HTTP: whole, cut, wrong, from the next mirror, and not at all."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import importlib
import json
import socket
import threading
from pathlib import Path

import pytest
from competitions.conftest import COMPETITIONS, copy_of, prepare

CONTENT = bytes(range(256)) * 8_000
PACKED = gzip.compress(CONTENT, compresslevel=0, mtime=0)
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Mirror(http.server.ThreadingHTTPServer):
    """Serves a folder's files; understands ranges; can cut answers, or lie."""

    def __init__(
        self,
        folder: Path,
        *,
        cut_at: int = 0,
        cuts: int = 1,
        content: bytes | None = None,
        knows_ranges: bool = True,
    ) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder = folder
        self.cut_at = cut_at
        self.cuts = cuts
        self.content = content
        self.knows_ranges = knows_ranges
        self.ranges: list[str] = []
        self.requests = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Mirror

    def do_GET(self) -> None:
        self.server.requests += 1
        path = self.server.folder / self.path.lstrip("/")
        if self.server.content is None and not path.is_file():
            self.send_error(404)
            return
        content = path.read_bytes() if self.server.content is None else self.server.content
        begin = 0
        asked = self.headers.get("Range")
        if asked and self.server.knows_ranges:
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
def downloading(monkeypatch):
    monkeypatch.syspath_prepend(str(COMPETITIONS))
    monkeypatch.delenv("AGON_DATA_MIRROR", raising=False)
    return importlib.import_module("downloading")


@pytest.fixture
def files(tmp_path):
    """A mirror's folder with one data set."""
    (tmp_path / "mirror" / "numbers").mkdir(parents=True)
    (tmp_path / "mirror" / "numbers" / "all.gz").write_bytes(PACKED)
    return tmp_path / "mirror"


@pytest.fixture
def mirror_of():
    running = []

    def start(folder, **how):
        server = Mirror(folder, **how)
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        running.append(server)
        return server

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture
def fetched(downloading, tmp_path):
    """Fetches the data set's file from mirrors, into one folder."""

    def fetch(*mirrors):
        places = downloading.places_of("numbers", homes=["http://127.0.0.1:1/"], named=mirrors)
        file = downloading.File("all.gz", downloading.unpacked(DIGEST), largest=10_000_000)
        return downloading.fetch(file, places=places, folder=tmp_path / "downloads")

    return fetch


def kept(tmp_path):
    return sorted(path.name for path in (tmp_path / "downloads").iterdir())


def test_it_comes_from_a_folder_or_an_address(fetched, files, mirror_of, tmp_path):
    assert fetched(str(files)) == CONTENT
    (tmp_path / "downloads" / "all.gz").unlink()
    assert fetched(mirror_of(files).address) == CONTENT
    assert kept(tmp_path) == ["all.gz"]


def test_a_cut_download_goes_on_at_once(fetched, files, mirror_of):
    mirror = mirror_of(files, cut_at=524_288, cuts=2)
    assert fetched(mirror.address) == CONTENT
    assert mirror.ranges == ["bytes=524288-", "bytes=1048576-"]


def test_a_download_that_is_cut_again_and_again_goes_on_in_the_next_run(
    fetched, files, mirror_of, tmp_path, downloading
):
    mirror = mirror_of(files, cut_at=131_072, cuts=4)
    with pytest.raises(downloading.NotFetched, match="the connection was cut"):
        fetched(mirror.address)
    (part,) = (tmp_path / "downloads").glob("all.gz.*.part")
    assert part.stat().st_size == 524_288
    mirror.ranges.clear()
    assert fetched(mirror.address) == CONTENT
    assert mirror.ranges == ["bytes=524288-"]
    assert kept(tmp_path) == ["all.gz"]


def test_a_place_that_gives_no_parts_starts_again(fetched, files, mirror_of):
    mirror = mirror_of(files, cut_at=500_000, knows_ranges=False)
    assert fetched(mirror.address) == CONTENT


def test_what_was_fetched_once_is_not_fetched_again(fetched, files, mirror_of):
    mirror = mirror_of(files)
    assert fetched(mirror.address) == fetched(mirror.address) == CONTENT
    assert mirror.requests == 1


@pytest.mark.parametrize("wrong", [b"no archive", gzip.compress(b"else"), PACKED[:-9], b""])
def test_a_wrong_file_is_thrown_away_and_the_next_place_asked(
    fetched, files, mirror_of, tmp_path, downloading, wrong
):
    liar = mirror_of(files, content=wrong)
    with pytest.raises(downloading.NotFetched, match="its checksum differs"):
        fetched(liar.address)
    assert kept(tmp_path) == []
    assert fetched(liar.address, str(files)) == CONTENT


def test_an_answer_without_end_is_left(fetched, files, mirror_of, tmp_path, downloading):
    with pytest.raises(downloading.NotFetched, match="more than the file can have"):
        fetched(mirror_of(files, content=bytes(12_000_000)).address)
    assert kept(tmp_path) == []


def test_a_spoilt_file_of_an_earlier_run_is_fetched_again(fetched, files, tmp_path):
    fetched(str(files))
    (tmp_path / "downloads" / "all.gz").write_bytes(PACKED[:1000])
    assert fetched(str(files)) == CONTENT


def test_the_sentence_names_every_place_and_what_to_do(fetched, files, mirror_of, downloading):
    empty = mirror_of(files / "numbers")
    with pytest.raises(downloading.NotFetched) as caught:
        fetched("/nowhere", empty.address, "http://127.0.0.1:1", "ftp://a.b")
    lines = str(caught.value).splitlines()
    assert lines[0] == "all.gz could not be fetched."
    assert lines[1:4] == [
        "  /nowhere/numbers/all.gz: there is no such file",
        f"  {empty.address}numbers/all.gz: answered 404",
        "  http://127.0.0.1:1/numbers/all.gz: no connection",
    ]
    assert "ftp://a.b" in lines[4]
    assert "--mirror (or the variable AGON_DATA_MIRROR)" in lines[5]


def test_another_packing_is_taken_where_the_first_is_not(downloading, files, mirror_of, tmp_path):
    mirror = mirror_of(files)
    absent = downloading.File("all.zip", downloading.whole("0" * 64))
    packed = downloading.File("all.gz", downloading.unpacked(DIGEST), is_at_home=False)
    named = downloading.places_of("numbers", homes=[], named=[mirror.address])
    assert downloading.fetch(absent, packed, places=named, folder=tmp_path / "a") == CONTENT
    home = downloading.places_of("numbers", homes=[f"{mirror.address}numbers/"])
    with pytest.raises(downloading.NotFetched, match=r"^all.zip could not be fetched"):
        downloading.fetch(absent, packed, places=home, folder=tmp_path / "b")


def test_the_variable_names_mirrors_and_the_command_line_goes_first(downloading, monkeypatch):
    monkeypatch.setenv("AGON_DATA_MIRROR", "/my files/data; http://a.b/ ;")
    found = downloading.places_of("numbers", homes=["http://home/"])
    assert [place.base for place in found] == ["/my files/data/numbers", "http://a.b/numbers"]
    found = downloading.places_of("numbers", homes=["http://home/"], named=["/other"])
    assert [(place.base, place.is_home) for place in found] == [("/other/numbers", False)]


def test_a_program_reads_the_progress_as_lines_of_json(
    fetched, files, mirror_of, monkeypatch, capsys
):
    monkeypatch.setenv("AGON_PROGRESS", "json")
    fetched(mirror_of(files).address)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(set(line) == {"step", "done", "total"} for line in lines)
    assert lines[0] == {"step": "Downloading all.gz", "done": 0, "total": len(PACKED)}
    assert lines[-1] == {"step": "Downloading all.gz", "done": len(PACKED), "total": len(PACKED)}


@pytest.mark.parametrize("slug", ["mnist", "cifar10"])
def test_without_a_place_that_has_the_data_it_ends_with_3_and_a_sentence(slug, tmp_path):
    folder = copy_of(slug, tmp_path)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        finished = prepare(folder, "--mirror", address, AGON_PROGRESS="json")
    assert finished.returncode == 3
    assert "could not be fetched" in finished.stderr
    assert "no connection" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not (folder / "prepared" / "solution.csv").exists()
