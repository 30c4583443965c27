"""What a table of a host's holds, told at once: columns, ids, the share that is public, classes.

It reads the beginning of a large file only; the check before publication reads all of it.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import IO, Any

MOST_ROWS = 200_000
MOST_COLUMNS = 1_000
MOST_CLASSES = 50
SHOWN_ROWS = 5
SHOWN = 5
USAGE = ("usage", "split")
IDS = ("id", "row_id", "rowid", "index", "key", "name", "filename", "file")
SPLITS = ("public", "private", "ignored")


@dataclass(slots=True)
class About:
    """What a look has found; `problems` are pairs of a code and the rows that it is about."""

    columns: list[dict[str, Any]] = field(default_factory=list)
    rows: int = 0
    is_whole: bool = True
    id_column: str = ""
    id_type: str = "integer"
    target: str = ""
    usage_column: str = ""
    usage: dict[str, int] = field(default_factory=dict)
    head: list[list[str]] = field(default_factory=list)
    problems: list[tuple[str, list[str]]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def describe(stream: IO[bytes]) -> About:
    """Read a CSV file; what is no table of text has a problem that says so."""
    about = About()
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    try:
        rows = csv.reader(text)
        header = next(rows, [])
        if not header or len(header) > MOST_COLUMNS:
            about.problems.append(("no_header", []))
        elif len(set(header)) < len(header) or not all(name.strip() for name in header):
            twice = [name for name, count in Counter(header).items() if count > 1]
            about.problems.append(("bad_header", twice[:SHOWN]))
        else:
            _read(about, header, rows)
    except (UnicodeDecodeError, csv.Error):
        about = About(problems=[("not_a_table", [])])
    finally:
        text.detach()
    return about


class _Column:
    """What one column's values have in common, as they go by."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.empty: list[str] = []
        self.integer = self.number = True
        self.values: Counter[str] = Counter()
        self.is_unique = True

    def add(self, value: str, row: int) -> None:
        if not value.strip():
            self.empty.append(str(row))
            return
        if self.integer and not _is(int, value):
            self.integer = False
        if self.number and not self.integer and not _is(float, value):
            self.number = False
        if value in self.values:
            self.is_unique = False
        self.values[value] += 1

    @property
    def type(self) -> str:
        return "integer" if self.integer else "number" if self.number else "text"


def _is_an_id(name: str) -> bool:
    return name in IDS or name.endswith(("_id", " id"))


def _is(kind: type, value: str) -> bool:
    try:
        kind(value)
    except ValueError:
        return False
    return True


def _read(about: About, header: Sequence[str], rows: Iterator[list[str]]) -> None:
    columns = [_Column(name) for name in header]
    short: list[str] = []
    for number, row in enumerate(rows, start=2):
        if not row:
            continue
        if about.rows >= MOST_ROWS:
            about.is_whole = False
            break
        about.rows += 1
        if len(about.head) < SHOWN_ROWS:
            about.head.append(row[: len(header)])
        if len(row) != len(header):
            short.append(str(number))
            continue
        for column, value in zip(columns, row, strict=True):
            column.add(value, number)
    _conclude(about, columns)
    if not about.rows:
        about.problems.append(("no_rows", []))
    if short:
        about.problems.append(("ragged", short[:SHOWN]))


def _conclude(about: About, columns: list[_Column]) -> None:
    about.columns = [
        {
            "name": column.name,
            "type": column.type,
            "distinct": len(column.values),
            "classes": dict(column.values.most_common(MOST_CLASSES))
            if len(column.values) <= MOST_CLASSES
            else {},
        }
        for column in columns
    ]
    usage = next((column for column in columns if column.name.lower() in USAGE), None)
    others = [column for column in columns if column is not usage]
    known = [column for column in others if _is_an_id(column.name.lower())]
    unique = [
        column for column in others if column.is_unique and not column.empty and column.values
    ]
    ids = (known or unique or others or columns)[0]
    about.id_column, about.id_type = ids.name, "integer" if ids.integer else "text"
    target = next((column for column in others if column is not ids), None)
    about.target = target.name if target else ""
    if not ids.is_unique:
        twice = [value for value, count in ids.values.most_common(SHOWN) if count > 1]
        about.problems.append(("ids_twice", twice))
    if ids.empty:
        about.problems.append(("ids_empty", ids.empty[:SHOWN]))
    if target is None:
        about.problems.append(("no_target", []))
    elif target.empty:
        about.problems.append(("target_empty", target.empty[:SHOWN]))
    if usage is not None:
        about.usage_column = usage.name
        counts: Counter[str] = Counter()
        for value, count in usage.values.items():
            counts[value.strip().lower()] += count
        unknown = [value for value in usage.values if value.strip().lower() not in SPLITS]
        about.usage = {name: counts[name] for name in SPLITS if counts[name]}
        if unknown or usage.empty:
            about.problems.append(("usage_unknown", unknown[:SHOWN]))


def guessed_metric(about: dict[str, Any], target: str) -> str:
    """What the values of the target suggest: labels, numbers or texts."""
    column = next((one for one in about.get("columns", []) if one["name"] == target), None)
    if column is None:
        return "accuracy"
    few = column["distinct"] <= max(20, about.get("rows", 0) // 20)
    if column["type"] == "number" or (column["type"] == "integer" and not few):
        return "rmse"
    if column["type"] == "text" and not few:
        return "bleu" if _is_prose(about, target) else "exact_match"
    return "accuracy"


def _is_prose(about: dict[str, Any], target: str) -> bool:
    names = [one["name"] for one in about.get("columns", [])]
    place = names.index(target)
    words = [len(row[place].split()) for row in about.get("head", []) if place < len(row)]
    return bool(words) and sum(words) / len(words) >= 4
