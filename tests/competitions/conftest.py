"""The competitions' folders, prepared once in folders of the tests' own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
COMPETITIONS = ROOT / "competitions"
MIRROR = ROOT.parent / "shared" / "data"
MNIST_FILES = MIRROR / "mnist"


def copy_of(slug: str, place: Path) -> Path:
    """The folder as it is in a fresh clone, beside what its scripts need."""
    place.mkdir(parents=True, exist_ok=True)
    for script in COMPETITIONS.glob("*.py"):
        shutil.copy(script, place)
    folder = place / slug
    shutil.copytree(
        COMPETITIONS / slug, folder, ignore=shutil.ignore_patterns("prepared", "__pycache__", ".*")
    )
    return folder


def prepare(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a folder's prepare.py, with the environment's mirrors forgotten."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in {"AGON_DATA_MIRROR", "AGON_PROGRESS"}
    }
    return subprocess.run(
        [sys.executable, str(folder / "prepare.py"), *arguments],
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
        env={**inherited, **environment},
    )


@pytest.fixture(scope="session")
def mirror() -> Path:
    """A folder with the data sets' files, as a mirror has them."""
    if not MIRROR.is_dir():
        pytest.skip(
            f"the data sets' files are not in {MIRROR}, and tests fetch nothing from outside"
        )
    return MIRROR


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Path], Path]:
    """Prepares a competition once for all tests: ``prepared("mnist", mirror)`` is its folder."""
    folders: dict[str, Path] = {}

    def folder_of(slug: str, mirror: Path) -> Path:
        if slug not in folders:
            folder = copy_of(slug, tmp_path_factory.mktemp("competitions"))
            finished = prepare(folder, AGON_DATA_MIRROR=str(mirror))
            assert finished.returncode == 0, finished.stderr
            folders[slug] = folder
        return folders[slug]

    return folder_of


@pytest.fixture(scope="session")
def digits(prepared: Callable[[str, Path], Path]) -> Path:
    return prepared("digits", Path("nowhere"))


@pytest.fixture(scope="session")
def mnist(prepared: Callable[[str, Path], Path], mirror: Path) -> Path:
    return prepared("mnist", mirror)


@pytest.fixture(scope="session")
def cifar10(prepared: Callable[[str, Path], Path], mirror: Path) -> Path:
    return prepared("cifar10", mirror)
