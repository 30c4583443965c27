"""The columns of a CSV file and what they hold, from its first rows."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TypedDict

ROWS = 200
MOST_COLUMNS = 1000


class Column(TypedDict):
    name: str
    type: str


def columns_of(path: Path) -> list[Column]:
    """None where the file is no CSV with a header; its name decides."""
    if path.suffix.lower() != ".csv":
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(itertools.islice(csv.reader(file), ROWS + 1))
    except (UnicodeDecodeError, csv.Error):
        return []
    header = rows[0] if rows else []
    if len(header) > MOST_COLUMNS or len(set(header)) < len(header) or not all(header):
        return []
    return [
        Column(name=name, type=_type_of([row[place] for row in rows[1:] if place < len(row)]))
        for place, name in enumerate(header)
    ]


def _type_of(values: Sequence[str]) -> str:
    """The narrowest that all of these fit; nothing there says text."""
    present = [value for value in values if value]
    for name, read in (("Integer", int), ("Float", float), ("Date", date.fromisoformat)):
        try:
            for value in present:
                read(value)
        except ValueError:
            continue
        return name if present else "Text"
    return "Text"
