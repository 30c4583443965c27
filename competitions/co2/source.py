"""Where the series comes from: statsmodels ships it in one small file, which is public domain."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from downloading import File, NotFetched, Place, fetch, whole
from progress import step

PACKAGE = "statsmodels"
FILE_NAME = "co2.csv"
SHA256 = "16695fa2786e53414e5a6b54767a3fdf5de99cfbc68617f69d1362d92776a92f"
HOMES = (
    "https://raw.githubusercontent.com/statsmodels/statsmodels/v0.14.4/statsmodels/datasets/co2",
    "https://raw.githubusercontent.com/statsmodels/statsmodels/main/statsmodels/datasets/co2",
)
PIP_SECONDS = 300
HINT = "Or install statsmodels, which ships this file: make setup-baselines"


def fetch_series(downloads: Path, places: list[Place]) -> Path:
    """The file, from the first of many places that has it.

    They are the installed statsmodels, the mirrors, statsmodels' repository, also where mirrors are
    named, and last the package index, which many networks have that let nothing else through.

    Raises:
        NotFetched: none has it.
    """
    homes = [Place(home, is_home=True) for home in HOMES]
    asked = [*_installed(), *places, *(home for home in homes if home not in places)]
    file = File(FILE_NAME, read=whole(SHA256), largest=1024**2)
    try:
        return fetch(file, places=asked, folder=downloads)
    except NotFetched as error:
        _unpack_package(downloads)
        try:
            return fetch(file, places=[], folder=downloads)
        except NotFetched:
            raise NotFetched(f"{error}\n{HINT}") from error


def _installed() -> list[Place]:
    """The folder of the series in statsmodels, where that is installed."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        return []
    return [Place(str(Path(found.origin).parent / "datasets" / "co2"))]


def _unpack_package(downloads: Path) -> None:
    """Download statsmodels' package, without installing it, and take the one file out of it."""
    options = ["--no-deps", "--only-binary=:all:", "--retries=0", "--timeout=10", "--quiet"]
    with (
        tempfile.TemporaryDirectory() as name,
        step("Downloading statsmodels from the package index", total=None),
    ):
        command = [sys.executable, "-m", "pip", "download", *options, "--dest", name, PACKAGE]
        try:
            subprocess.run(command, capture_output=True, timeout=PIP_SECONDS, check=False)
            for wheel in Path(name).glob("*.whl"):
                with zipfile.ZipFile(wheel) as archive:
                    content = archive.read(f"{PACKAGE}/datasets/co2/{FILE_NAME}")
                (downloads / FILE_NAME).write_bytes(content)
        except (subprocess.TimeoutExpired, zipfile.BadZipFile, KeyError):
            return
