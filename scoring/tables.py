"""Columns in memory: what reading gives and alignment takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from scoring.errors import MAX_EXAMPLES, Problem

Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]
Column = Integers | Numbers | list[str]
Ids = Integers | list[str]

MAX_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a file that are needed, each with one value for each row.

    Attributes:
        ids: The values of the id column.
        columns: The other needed columns by name.
        lines: The file's line of each row; None where it was not kept.
        place: What a row is called in messages: ``line`` in text, ``row`` in Parquet.
    """

    ids: Ids
    columns: dict[str, Column]
    lines: Integers | None = None
    place: str = "line"

    def where(self, row: int) -> str:
        """The place of a row, in words."""
        number = row + 1 if self.lines is None else int(self.lines[row])
        return f"{self.place} {number}"


@dataclass(frozen=True, slots=True)
class CheckedTable:
    """A table read row by row with everything that was wrong in it.

    Attributes:
        table: The rows that have a good id; other values may be placeholders.
        problems: What was wrong; placeholders only stand where a problem is named.
        is_whole: False where reading stopped early, so that nothing can be said of absence.
    """

    table: Table
    problems: tuple[Problem, ...]
    is_whole: bool = True


@dataclass(slots=True)
class Tally:
    """Counts one kind of problem and keeps its first examples."""

    code: str
    params: dict[str, str | int]
    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, example: str) -> None:
        self.count += 1
        if len(self.examples) < MAX_EXAMPLES:
            self.examples.append(example)

    def problem(self) -> Problem:
        return Problem(self.code, self.params, self.count, tuple(self.examples))


def shown(value: object) -> str:
    """A participant's own value, fit for a message: quoted, printable and short."""
    text = str(value)
    cut = text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
    return "“" + "".join(letter if letter.isprintable() else "�" for letter in cut) + "”"


def examples_of(table: Table, rows: Sequence[int], values: Column | None = None) -> tuple[str, ...]:
    """Examples for the first of some rows: place, id, and the value where one is given."""
    texts = []
    for row in rows[:MAX_EXAMPLES]:
        text = f"{table.where(row)}: id {spoken_id(table.ids[row])}"
        texts.append(text if values is None else f"{text} → {shown(values[row])}")
    return tuple(texts)


def spoken_id(value: object) -> str:
    """An id in a message: numbers bare, text quoted."""
    return shown(value) if isinstance(value, str) else str(value)
