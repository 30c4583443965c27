"""A submission's rows against the solution's: every id once, in any order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit

from scoring.errors import MAX_EXAMPLES, Problem
from scoring.tables import Ids, Integers, Table, examples_of, spoken_id

MAX_SPAN = 50
"""Ids that span at most this many times their number are looked up in a table."""

SAME_ORDER = slice(None)
"""The rows are in the solution's order already, which most are; nothing has to be moved."""


def align(ids: Ids, expected: Ids, expected_order: Integers) -> Integers | slice | None:
    """Where in the submission the row of each of the solution's ids stands.

    Args:
        ids: The submission's ids.
        expected: The solution's ids, each once.
        expected_order: `order_of(expected)`, kept with the solution.

    Returns:
        An index that puts the submission's rows into the solution's order; None where the ids
        are not exactly the solution's.

    >>> align(np.array([30, 10, 20]), np.array([10, 20, 30]), np.array([0, 1, 2]))
    array([1, 2, 0])
    """
    if len(ids) != len(expected):
        return None
    if isinstance(ids, list) or isinstance(expected, list):
        return _align_texts(list(ids), list(expected))
    # Comparing in place is some twenty times cheaper than any join, so it is tried first.
    if np.array_equal(ids, expected):
        return SAME_ORDER
    lowest, highest = int(expected[expected_order[0]]), int(expected[expected_order[-1]])
    if highest - lowest < MAX_SPAN * len(expected):
        found = _looked_up(ids, expected, lowest, highest)
        return found if found.size else None
    order = np.argsort(ids)
    if not np.array_equal(ids[order], expected[expected_order]):
        return None
    index = np.empty_like(order)
    index[expected_order] = order
    return index


@njit(cache=True)
def _looked_up(ids: Integers, expected: Integers, lowest: int, highest: int) -> Integers:
    """The index by a table of all ids between two; empty where the ids are not the expected ones."""
    places = np.full(highest - lowest + 1, -1, np.int32)
    index = np.empty(expected.size, np.int64)
    for row in range(ids.size):
        if ids[row] < lowest or ids[row] > highest or places[ids[row] - lowest] >= 0:
            return index[:0]
        places[ids[row] - lowest] = row
    for row in range(expected.size):
        place = places[expected[row] - lowest]
        if place < 0:
            return index[:0]
        index[row] = place
    return index


def order_of(ids: Ids) -> Integers:
    """The rows of whole-number ids in ascending order; empty for texts, which are hashed."""
    if isinstance(ids, list):
        return np.empty(0, dtype=np.int64)
    return np.argsort(ids).astype(np.int64)


def id_problems(table: Table, expected: Ids, *, is_whole: bool = True) -> list[Problem]:
    """Everything that is wrong with a submission's ids.

    Args:
        table: The submission's rows.
        expected: The solution's ids.
        is_whole: False where the file was not read to its end, so missing ids are not known.
    """
    known = set(_values(expected))
    seen: dict[int | str, int] = {}
    unknown: list[int] = []
    repeated: list[tuple[int, int]] = []
    for row, value in enumerate(_values(table.ids)):
        if value in seen:
            repeated.append((row, seen[value]))
            continue
        seen[value] = row
        if value not in known:
            unknown.append(row)
    problems = []
    missing = [value for value in _values(expected) if value not in seen] if is_whole else []
    if missing:
        examples = tuple(f"id {spoken_id(value)}" for value in missing[:MAX_EXAMPLES])
        problems.append(Problem("missing_ids", {}, len(missing), examples))
    if unknown:
        problems.append(Problem("unknown_ids", {}, len(unknown), examples_of(table, unknown)))
    if repeated:
        examples = tuple(
            f"{table.where(row)}: id {spoken_id(table.ids[row])}, first on {table.where(first)}"
            for row, first in repeated[:MAX_EXAMPLES]
        )
        problems.append(Problem("duplicate_ids", {}, len(repeated), examples))
    return problems


def _align_texts(ids: list[str], expected: list[str]) -> Integers | slice | None:
    if ids == expected:
        return SAME_ORDER
    rows = {value: row for row, value in enumerate(ids)}
    if len(rows) != len(ids):
        return None
    index = [rows.get(value, -1) for value in expected]
    return None if -1 in index else np.array(index, dtype=np.int64)


def _values(ids: Ids) -> Sequence[int | str]:
    return ids if isinstance(ids, list) else ids.tolist()
