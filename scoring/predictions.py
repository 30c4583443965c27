"""A model's output as an inert predictions file, scored afterwards like any other.

Numpy and the standard library only: this runs in the worker itself, on arrays whose type and
shape are known, never on anything that a model could have made up.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.contract import ColumnType, Layout, ModelInterface, OutputMeaning
from scoring.errors import BrokenCompetition, InvalidSubmission, Problem

ROWS_AT_ONCE = 65_536

Array = NDArray[Any]


def predictions_csv(output: Array, interface: ModelInterface, ids: Array, layout: Layout) -> bytes:
    """The output of a model as a predictions file.

    The columns are the layout's, in its order: class i of the output is column i. Numbers are
    written so that reading them gives the very same ones.

    Raises:
        BrokenCompetition: Where the declared output does not make the layout's columns.
    """
    columns = list(_columns(output, interface, layout))
    names = list(layout.columns)
    if len(columns) != len(names):
        params: dict[str, str | int] = {"found": len(columns), "expected": len(names)}
        raise BrokenCompetition(Problem("model_columns", params))
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([layout.id_column, *names])
    for start in range(0, len(ids), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        parts = [_plain(column[rows]) for column in (ids, *columns)]
        writer.writerows(zip(*parts, strict=True))
    return stream.getvalue().encode()


def check_output(output: Array, interface: ModelInterface, rows: int) -> None:
    """Refuse what is not the declared output; the process that sent it is not to be believed.

    Raises:
        InvalidSubmission: It is not.
    """
    declared = interface.output
    fits = len(output.shape) == 1 + len(declared.shape) and all(
        wanted is None or wanted == found
        for wanted, found in zip(declared.shape, output.shape[1:], strict=True)
    )
    if not fits or len(output) != rows:
        wanted = ["any" if axis is None else axis for axis in declared.shape]
        params: dict[str, str | int] = {
            "expected": f"({', '.join(map(str, [rows, *wanted]))})",
            "found": f"({', '.join(map(str, output.shape))})",
        }
        raise InvalidSubmission(Problem("model_output_shape", params))
    if output.dtype != np.dtype(declared.dtype):
        params = {"expected": declared.dtype, "found": str(output.dtype)}
        raise InvalidSubmission(Problem("model_output_type", params))
    if output.dtype.kind == "f" and not np.isfinite(output).all():
        raise InvalidSubmission(Problem("model_output_not_finite"))


def softmax(logits: Array) -> NDArray[np.float64]:
    """Each row's probabilities, in double precision."""
    exponents = logits.astype(np.float64)
    exponents -= exponents.max(axis=1, keepdims=True)
    np.exp(exponents, out=exponents)
    exponents /= exponents.sum(axis=1, keepdims=True)
    return exponents


def _columns(output: Array, interface: ModelInterface, layout: Layout) -> Iterator[Array]:
    if interface.meaning is OutputMeaning.VALUES:
        table = output.reshape(len(output), -1)
        kinds = list(layout.columns.values())
        for number, column in enumerate(table.T):
            is_integer = number < len(kinds) and kinds[number] is ColumnType.INTEGER
            whole = is_integer and column.dtype.kind == "f" and _is_whole(column)
            yield column.astype(np.int64) if whole else column
        return
    if output.ndim != 2:
        params: dict[str, str | int] = {"found": 1, "expected": len(layout.columns)}
        raise BrokenCompetition(Problem("model_columns", params))
    if interface.meaning is OutputMeaning.LOGITS:
        yield from softmax(output).T
        return
    best = output.argmax(axis=1)
    labels = interface.labels or range(output.shape[1])
    if len(labels) != output.shape[1]:
        params = {"found": output.shape[1], "expected": len(labels)}
        raise BrokenCompetition(Problem("model_columns", params))
    yield np.array(labels)[best]


def _is_whole(column: Array) -> bool:
    """Whether all of a column's numbers are whole, and stay the same as 64-bit integers."""
    return bool((column == np.trunc(column)).all() and (np.abs(column) < 2**53).all())


def _plain(column: Array) -> list[Any]:
    """Python's own numbers and texts, which `csv` writes by `repr`: the shortest exact form."""
    if column.dtype.kind == "b":
        column = column.astype(np.int64)
    elif column.dtype.kind == "S":
        column = np.char.decode(column, "utf-8")
    plain: list[Any] = column.tolist()
    return plain
