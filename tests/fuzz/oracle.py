"""What must hold for any bytes at all that somebody sends as predictions."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scoring import reading
from scoring.compiled import read_plain
from scoring.contract import Layout, Limits, ReportedProblem
from scoring.errors import InvalidSubmission, Problem
from scoring.inspection import inspect_upload
from scoring.tables import CheckedTable, Column, Table
from scoring.unpacking import Format

LIMITS = Limits(file_bytes=4 * 1024**2, unpacked_bytes=8 * 1024**2)
EXPECTED_ROWS = 20


@dataclass(frozen=True)
class Case:
    """A file that somebody sends.

    Attributes:
        block_bytes: In blocks of how many bytes CSV is read; small ones test their seams.
    """

    name: str
    content: bytes
    layout: Layout
    block_bytes: int = reading.BLOCK_BYTES


class Disagreement(AssertionError):
    """Two parts of the reader say different things of the same file."""


def examine(case: Case, folder: Path) -> CheckedTable | None:
    """Send a file through door and reader.

    Returns:
        What the exact reader made of it; None where it was refused as a whole.

    Raises:
        Disagreement: the parts do not agree.
        Exception: anything that is not owned by the participant, which must never be.
    """
    at_the_door = _refusal_at_the_door(case)
    path = folder / "submission"
    path.write_bytes(case.content)
    usual = reading.BLOCK_BYTES
    reading.BLOCK_BYTES = case.block_bytes
    try:
        checked = _read(case, path)
    except InvalidSubmission as error:
        check_words(error.problems)
        return None
    finally:
        reading.BLOCK_BYTES = usual
    check_words(checked.problems)
    if at_the_door is not None and not checked.problems:
        raise Disagreement(f"the door refuses what the reader takes: {at_the_door}")
    return checked


def _refusal_at_the_door(case: Case) -> InvalidSubmission | None:
    try:
        inspect_upload(io.BytesIO(case.content), name=case.name, layout=case.layout, limits=LIMITS)
    except InvalidSubmission as error:
        check_words(error.problems)
        return error
    return None


def _read(case: Case, path: Path) -> CheckedTable:
    file = reading.open_file(
        path, name=case.name, layout=case.layout, limits=LIMITS, expected_rows=EXPECTED_ROWS
    )
    try:
        fast = reading.read_fast(file)
    except InvalidSubmission as error:
        if file.format.is_text:
            raise Disagreement("the fast path refuses a file") from error
        raise
    try:
        checked = reading.read_checked(file)
    except InvalidSubmission as error:
        if fast is not None:
            raise Disagreement(
                f"the fast path takes what the exact one refuses: {error}"
            ) from error
        raise
    if fast is not None:
        if checked.problems or not checked.is_whole:
            raise Disagreement(f"the fast path takes what has problems: {checked.problems}")
        check_same(fast, checked.table)
    if file.format is Format.CSV and isinstance(checked.table.ids, np.ndarray):
        compiled = read_plain(
            file.content,
            columns=file.columns,
            layout=file.layout,
            rows=len(checked.table.ids),
        )
        if compiled is not None:
            if checked.problems or not checked.is_whole:
                raise Disagreement(f"the compiled path takes what has problems: {checked.problems}")
            check_same(compiled, checked.table)
    return checked


def check_same(one: Table, other: Table) -> None:
    """Two tables hold the same values, to the bit."""
    if not _equal(one.ids, other.ids):
        raise Disagreement(f"ids: {one.ids} and {other.ids}")
    if set(one.columns) != set(other.columns):
        raise Disagreement(f"columns: {set(one.columns)} and {set(other.columns)}")
    for name, column in one.columns.items():
        if not _equal(column, other.columns[name]):
            raise Disagreement(f"{name}: {column} and {other.columns[name]}")


def _equal(one: Column, other: Column) -> bool:
    if isinstance(one, list) or isinstance(other, list):
        return type(one) is type(other) and one == other
    return one.dtype == other.dtype and bool(np.array_equal(one, other))


def check_words(problems: tuple[Problem, ...]) -> None:
    """Each problem has a sentence and fits on the wire."""
    for problem in problems:
        if not problem.sentence():
            raise Disagreement(f"no sentence for {problem.code}")
        reported = ReportedProblem(
            code=problem.code,
            params=dict(problem.params),
            count=problem.count,
            examples=tuple(problem.examples),
        )
        json.dumps(reported.to_json(), ensure_ascii=False).encode()
