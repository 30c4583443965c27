"""Columns that have types already, as Parquet and NPZ files hold them, against the wanted types.

All rows of a column are judged at once. A row whose id is no id is left out, as in text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from scoring.contract import ColumnType, Layout
from scoring.errors import MAX_EXAMPLES, InvalidSubmission, Problem
from scoring.rows import EXPECTED
from scoring.tables import CheckedTable, Column, Table, shown, spoken_id

Values = pl.Series | NDArray[Any]
Flags = NDArray[np.bool_]
_EXACT = 2.0**53
"""Up to here each whole number is a double of its own."""
_LAST_CHARACTER = 0x10FFFF
_HALVES = (0xD800, 0xDFFF)


@dataclass(slots=True)
class _Judged:
    """A column in the wanted type, and which of its rows are wrong in which way."""

    values: Column
    wrong: dict[str, Flags] = field(default_factory=dict)


def check_columns(columns: Mapping[str, Values], *, layout: Layout, limit: int) -> CheckedTable:
    """Judge the needed columns.

    Args:
        columns: A polars series or a numpy array of shape (n,) for each needed column.
        layout: The types that are wanted.
        limit: How many bytes of text there may be.

    Raises:
        InvalidSubmission: a column's type can't hold what is wanted.
    """
    wanted = {layout.id_column: layout.id_type, **layout.columns}
    judged = {name: _judge(name, columns[name], kind, limit) for name, kind in wanted.items()}
    ids = judged.pop(layout.id_column)
    # The problems name ids, so they are put into words before bad ids are left out.
    problems = _problems(layout.id_column, layout.id_type, ids, columns[layout.id_column], None)
    for name, column in judged.items():
        problems += _problems(name, layout.columns[name], column, columns[name], ids)
    table = Table(
        ids=ids.values,  # type: ignore[arg-type]
        columns={name: column.values for name, column in judged.items()},
        place="row",
    )
    bad = np.logical_or.reduce(list(ids.wrong.values())) if ids.wrong else None
    return CheckedTable(table if bad is None else _without(table, bad), tuple(problems))


def _judge(name: str, values: Values, kind: ColumnType, limit: int) -> _Judged:
    dtype = values.dtype
    if kind in {ColumnType.TEXT, ColumnType.SEQUENCE}:
        if isinstance(values, pl.Series) and dtype in {pl.String, pl.Categorical, pl.Enum}:
            return _judge_texts(values.cast(pl.String), kind, limit)
        if isinstance(values, np.ndarray) and values.dtype.kind == "U":
            return _judge_fixed_texts(values, kind)
    elif _is_number(dtype) and kind is ColumnType.NUMBER:
        return _judge_numbers(values)
    elif _is_number(dtype):
        return _judge_integers(values)
    params: dict[str, str | int] = {"column": name, "found": str(dtype)[:40]}
    raise InvalidSubmission(Problem("wrong_column_type", {**params, "expected": EXPECTED[kind]}))


def _is_number(dtype: Any) -> bool:
    if isinstance(dtype, np.dtype):
        return dtype.kind in "iuf" and dtype.itemsize <= 8
    return bool(dtype.is_numeric())


def _judge_numbers(values: Values) -> _Judged:
    empty = _empty(values)
    numbers = _as_floats(values)
    infinite = ~np.isfinite(numbers) if empty is None else ~(np.isfinite(numbers) | empty)
    return _judged(numbers, 0.0, empty_values=empty, not_finite=infinite)


def _judge_integers(values: Values) -> _Judged:
    empty = _empty(values)
    if isinstance(values, pl.Series) and values.dtype in {pl.UInt64, pl.Int128, pl.UInt128}:
        cast = values.cast(pl.Int64, strict=False)
        nulls = cast.is_null().to_numpy()
        too_large = nulls if empty is None else nulls & ~empty
        return _judged(cast.fill_null(0).to_numpy(), 0, empty_values=empty, out_of_range=too_large)
    if isinstance(values, np.ndarray) and values.dtype == np.uint64:
        return _judged(
            values.astype(np.int64), 0, out_of_range=np.greater(values, np.iinfo(np.int64).max)
        )
    is_whole = (
        values.dtype.is_integer() if isinstance(values, pl.Series) else (values.dtype.kind in "iu")
    )
    if is_whole:
        return _judged(_as_array(values, np.dtype(np.int64)), 0, empty_values=empty)
    numbers = _as_floats(values)
    none = np.zeros(len(numbers), dtype=bool) if empty is None else empty
    infinite = ~np.isfinite(numbers) & ~none
    bad = infinite | none
    inexact = ~bad & (np.abs(numbers) >= _EXACT)
    broken = ~bad & ~inexact & (numbers != np.trunc(numbers))
    integers = np.where(bad | inexact, 0.0, numbers).astype(np.int64)
    return _judged(
        integers, 0, empty_values=empty, not_finite=infinite, out_of_range=inexact,
        wrong_type=broken,
    )  # fmt: skip


def _judge_texts(series: pl.Series, kind: ColumnType, limit: int) -> _Judged:
    lengths = series.str.len_bytes()
    # A dictionary may say a long text once and mean it a million times.
    if int(lengths.sum() or 0) > limit:
        raise InvalidSubmission(Problem("unpacked_too_large", {"limit": limit}))
    filled = series.fill_null("")
    empty = None if kind is ColumnType.SEQUENCE else (lengths.fill_null(0) == 0).to_numpy()
    wrong = filled.str.contains("\0", literal=True).to_numpy()
    return _judged(filled.to_list(), "", empty_values=empty, wrong_type=wrong)


def _judge_fixed_texts(texts: NDArray[Any], kind: ColumnType) -> _Judged:
    width = texts.dtype.itemsize // 4
    native = np.ascontiguousarray(texts, dtype=texts.dtype.newbyteorder("="))
    codes = native.view(np.uint32).reshape(len(native), width)
    half = (codes >= _HALVES[0]) & (codes <= _HALVES[1])
    wrong = ((codes > _LAST_CHARACTER) | half).any(axis=1)
    # numpy fills a short text up with NULs; one with more behind it is the file's own.
    wrong |= ((codes[:, :-1] == 0) & (codes[:, 1:] != 0)).any(axis=1)
    empty = (codes[:, 0] == 0) & ~wrong if kind is ColumnType.TEXT else None
    readable = np.where(wrong, "", native) if wrong.any() else native
    return _judged(readable.tolist(), "", empty_values=empty, wrong_type=wrong)


def _judged(values: Column, placeholder: int | float | str, **wrong: Flags | None) -> _Judged:
    judged = _Judged(values, {code: flags for code, flags in wrong.items() if _any(flags)})  # type: ignore[misc]
    for flags in judged.wrong.values():
        if isinstance(values, list):
            for row in np.flatnonzero(flags).tolist():
                values[row] = str(placeholder)
        else:
            judged.values = values = np.where(flags, placeholder, values)
    return judged


def _any(flags: Flags | None) -> bool:
    return flags is not None and bool(flags.any())


def _empty(values: Values) -> Flags | None:
    if isinstance(values, pl.Series) and values.null_count():
        return values.is_null().to_numpy()
    return None


def _as_floats(values: Values) -> NDArray[np.float64]:
    if isinstance(values, pl.Series):
        return values.cast(pl.Float64).fill_null(0.0).to_numpy()
    return values.astype(np.float64, copy=False)


def _as_array(values: Values, dtype: np.dtype[Any]) -> NDArray[Any]:
    if isinstance(values, pl.Series):
        return values.cast(pl.Int64).fill_null(0).to_numpy()
    return values.astype(dtype, copy=False)


def _problems(
    name: str, kind: ColumnType, column: _Judged, original: Values, ids: _Judged | None
) -> list[Problem]:
    problems = []
    for code, flags in column.wrong.items():
        params: dict[str, str | int] = {"column": name}
        if code == "wrong_type":
            params["expected"] = EXPECTED[kind]
        rows = np.flatnonzero(flags)
        if ids is not None and ids.wrong:
            # What is said of a row without an id is that.
            rows = np.setdiff1d(rows, np.flatnonzero(np.logical_or.reduce([*ids.wrong.values()])))
        if not rows.size:
            continue
        examples = [_example(code, row, original, ids) for row in rows[:MAX_EXAMPLES].tolist()]
        problems.append(Problem(code, params, int(rows.size), tuple(examples)))
    return problems


def _example(code: str, row: int, original: Values, ids: _Judged | None) -> str:
    text = f"row {row + 1}"
    if ids is not None:
        text += f": id {spoken_id(ids.values[row])}"
    return text if code == "empty_values" else f"{text} → {shown(_spoken(original, row))}"


def _spoken(values: Values, row: int) -> object:
    if isinstance(values, np.ndarray) and values.dtype.kind == "U":
        codes = np.ascontiguousarray(values[row : row + 1]).view(np.uint32)
        return "".join(chr(code) if code < _HALVES[0] else "�" for code in codes.tolist())
    return values[row]


def _without(table: Table, bad: Flags) -> Table:
    kept = np.flatnonzero(~bad)
    rows: Sequence[int] = kept.tolist()
    columns: dict[str, Column] = {
        name: [values[row] for row in rows] if isinstance(values, list) else values[kept]
        for name, values in table.columns.items()
    }
    ids = [table.ids[row] for row in rows] if isinstance(table.ids, list) else table.ids[kept]
    return Table(ids=ids, columns=columns, lines=kept + 1, place=table.place)
