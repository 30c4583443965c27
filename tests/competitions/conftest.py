"""The competitions' folders, prepared once in folders of the tests' own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
COMPETITIONS = ROOT / "competitions"
MNIST_FILES = ROOT.parent / "shared" / "data" / "mnist"


def copy_of(slug: str, place: Path) -> Path:
    """The folder as it is in a fresh clone, beside what its scripts need."""
    place.mkdir(parents=True, exist_ok=True)
    shutil.copy(COMPETITIONS / "spoil.py", place)
    folder = place / slug
    shutil.copytree(
        COMPETITIONS / slug, folder, ignore=shutil.ignore_patterns("prepared", "__pycache__", ".*")
    )
    return folder


def prepare(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(folder / "prepare.py"), *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_of("digits", tmp_path_factory.mktemp("competitions"))
    finished = prepare(folder)
    assert finished.returncode == 0, finished.stderr
    return folder


@pytest.fixture(scope="session")
def mnist_files() -> Path:
    if not MNIST_FILES.is_dir():
        pytest.skip(
            f"MNIST's four files are not in {MNIST_FILES}, and tests fetch nothing from outside"
        )
    return MNIST_FILES


@pytest.fixture(scope="session")
def mnist(tmp_path_factory: pytest.TempPathFactory, mnist_files: Path) -> Path:
    folder = copy_of("mnist", tmp_path_factory.mktemp("competitions"))
    finished = prepare(folder, "--mirror", str(mnist_files))
    assert finished.returncode == 0, finished.stderr
    return folder
