"""What tests do with a prepared competition's folder."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from competitions.conftest import copy_of, prepare
from PIL import Image

from scoring.__main__ import main
from scoring.definition import load_definition
from scoring.examples import check_examples

NOBODY = "http://127.0.0.1:9"  # where no proxy listens


def verdicts_that_differ(folder: Path) -> list[str]:
    return [
        f"{example.name}: {example.outcome} {example.difference}"
        for example in check_examples(load_definition(folder))
        if example.difference
    ]


def hashes(folder: Path) -> dict[str, str]:
    """Everything that was prepared; the downloads may be packed in other ways."""
    prepared = folder / "prepared"
    return {
        str(path.relative_to(prepared)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(prepared.rglob("*"))
        if path.is_file() and path.parent.name != "downloads"
    }


def run_code_of(page: Path, workplace: Path) -> str:
    """Run the page's Python beside the files that participants download; what it prints."""
    (code,) = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    for data_file in load_definition(page.parent).data:
        (workplace / data_file.file.name).symlink_to(data_file.file)
    finished = subprocess.run(
        [sys.executable, "-c", code],
        cwd=workplace,
        timeout=300,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def scores_of(folder: Path, file: Path, solution: Path, capsys: pytest.CaptureFixture[str]):
    """The public scores of a file against any solution, by metric."""
    capsys.readouterr()
    assert main(["score", str(folder), str(file), "--solution", str(solution)]) == 0
    lines = re.findall(r"public +(\w+) +([\d.]+)", capsys.readouterr().out)
    return {name: float(value) for name, value in lines}


def all_public(folder: Path, place: Path) -> Path:
    """The hidden solution with every row public, so that one score is about all of them."""
    path = place / "all_public.csv"
    solution = pl.read_csv(folder / "prepared" / "solution.csv")
    solution.with_columns(Usage=pl.lit("Public")).write_csv(path)
    return path


def prepare_without_network(
    slug: str, place: Path, **environment: str
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Run a fresh folder's prepare.py where nothing answers and no mirror is named."""
    folder = copy_of(slug, place)
    proxies = {"https_proxy": NOBODY, "http_proxy": NOBODY, "no_proxy": "", "NO_PROXY": ""}
    return folder, prepare(folder, **proxies, PIP_NO_INDEX="1", **environment)


def assert_says_that_there_is_no_network(
    folder: Path, finished: subprocess.CompletedProcess[str]
) -> None:
    assert finished.returncode == 3, finished.stderr
    assert "could not be fetched" in finished.stderr
    assert "no connection" in finished.stderr
    assert "AGON_DATA_MIRROR" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not (folder / "prepared" / "solution.csv").exists()


def assert_pictures_fit_their_page(folder: Path) -> None:
    definition = load_definition(folder)
    with Image.open(definition.cover) as cover:
        assert cover.size == (1200, 630)
    assert definition.pictures
    for picture in definition.pictures:
        with Image.open(picture.file) as image:
            assert image.width == 1200
        assert picture.file.stat().st_size < 300_000
