"""The first rows of a table, in place of the table, for a program's trial."""

from __future__ import annotations

import csv
import itertools
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from scoring.runners.npz import ArrayFile


def write_excerpt(path: Path, rows: int) -> None:
    """Cut a table to its first rows; any other file stays whole."""
    cut = CUTS.get(path.suffix.lower())
    if cut is not None:
        rest = path.with_name(f"{path.name}.whole")
        path.rename(rest)
        cut(rest, path, rows)
        rest.unlink()


def _cut_csv(source: Path, target: Path, rows: int) -> None:
    csv.field_size_limit(sys.maxsize)
    taken: list[str] = []
    with source.open(newline="", encoding="utf-8", errors="surrogateescape") as table:
        # A quoted value may hold line ends, so the reader decides which lines are the first rows.
        records = csv.reader(_noted(table, taken))
        for _ in itertools.islice(records, rows + 1):
            pass
    with target.open("w", newline="", encoding="utf-8", errors="surrogateescape") as excerpt:
        excerpt.writelines(taken)


def _noted(lines: Iterable[str], taken: list[str]) -> Iterator[str]:
    for line in lines:
        taken.append(line)
        yield line


def _cut_lines(source: Path, target: Path, rows: int) -> None:
    with source.open("rb") as table, target.open("wb") as excerpt:
        excerpt.writelines(itertools.islice(table, rows))


def _cut_arrays(source: Path, target: Path, rows: int) -> None:
    whole = ArrayFile(source)
    arrays: dict[str, Any] = {
        name: array[:rows] if array.ndim else array for name, array in whole.items()
    }
    with target.open("wb") as stream:
        np.savez(stream, **arrays)


CUTS: dict[str, Callable[[Path, Path, int], None]] = {
    ".csv": _cut_csv,
    ".tsv": _cut_csv,
    ".jsonl": _cut_lines,
    ".npz": _cut_arrays,
}
