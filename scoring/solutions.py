"""The hidden reference rows, parsed and checked once and then kept as arrays.

A prepared solution lies in the cache as one .npz file, named by the hash of the solution and of
what was prepared from it. numpy's zip container carries a checksum of each array, so a torn or
altered file is noticed, thrown away and made again. Nothing in it is ever unpickled.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.alignment import order_of
from scoring.consistency import labels_of
from scoring.contract import ColumnType, Layout, Limits, MetricSpec, Split
from scoring.errors import BrokenCompetition, InvalidSubmission, Problem
from scoring.metrics.descriptions import METRICS, Answer
from scoring.reading import open_file, read_checked, read_fast
from scoring.rows import EXPECTED
from scoring.tables import Column, Ids, Integers, Table

FORMAT_VERSION = 1
MAX_ROWS = 100_000_000
_USAGES = {"public": 0, "private": 1, "ignored": 2}
_DAMAGE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    EOFError,
    zipfile.BadZipFile,
    NotImplementedError,
)
_SPLITS = {Split.PUBLIC: 0, Split.PRIVATE: 1}


@dataclass(frozen=True, slots=True)
class PreparedSolution:
    """What scoring needs of a solution.

    Attributes:
        sha256: The hash of the solution's file.
        ids: Its ids, in its order.
        order: `order_of(ids)`.
        splits: The rows of each split; empty where it has none.
        targets: For each metric the truth: whole-number labels, numbers, or class numbers.
        classes: For each metric on text labels its classes, in the order of their numbers.
    """

    sha256: str
    ids: Ids
    order: Integers
    splits: dict[Split, Integers]
    targets: tuple[NDArray[Any], ...]
    classes: tuple[tuple[str, ...], ...]


def prepare_solution(
    path: Path,
    *,
    name: str,
    sha256: str,
    layout: Layout,
    metrics: Sequence[MetricSpec],
    all_public: bool = False,
) -> PreparedSolution:
    """Read and check a solution file.

    Args:
        path: Where it lies.
        name: Its name, whose ending says how to read it.
        sha256: The hash of its bytes.
        layout: The submission's layout; the solution shares its id column.
        metrics: The metrics that will be computed.
        all_public: Whether every row is public, as for practice, and no usage column is needed.

    Raises:
        BrokenCompetition: the solution can't be used; the problems say why.
    """
    columns = _column_types(layout, metrics)
    if not all_public:
        columns[layout.usage_column] = ColumnType.TEXT
    wanted = Layout(id_column=layout.id_column, id_type=layout.id_type, columns=columns)
    table = _read(path, name, wanted)
    if len(set(_plain(table.ids))) < len(table.ids):
        repeated = len(table.ids) - len(set(_plain(table.ids)))
        raise BrokenCompetition(Problem("solution_duplicates", {}, repeated))
    usage = (
        np.zeros(len(table.ids), dtype=np.int64)
        if all_public
        else _usages(table.columns[layout.usage_column], layout.usage_column)
    )
    splits = {split: np.flatnonzero(usage == code) for split, code in _SPLITS.items()}
    if not any(rows.size for rows in splits.values()):
        raise BrokenCompetition(Problem("solution_rows"))
    prepared = [_target(spec, layout, table.columns[spec.target]) for spec in metrics]
    return PreparedSolution(
        sha256=sha256,
        ids=table.ids,
        order=order_of(table.ids),
        splits=splits,
        targets=tuple(target for target, _ in prepared),
        classes=tuple(classes for _, classes in prepared),
    )


def cache_name(sha256: str, layout: Layout, metrics: Sequence[MetricSpec]) -> str:
    """The file name of a prepared solution: it changes with anything that changes its content."""
    recipe = [FORMAT_VERSION, sha256, layout.to_json(), [spec.to_json() for spec in metrics]]
    digest = hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()
    return f"{digest}.npz"


def store_solution(solution: PreparedSolution, path: Path) -> None:
    """Write a prepared solution so that other processes see all of it or nothing."""
    arrays: dict[str, NDArray[Any]] = {
        "sha256": _packed([solution.sha256]),
        "ids": _packed(solution.ids) if isinstance(solution.ids, list) else solution.ids,
        "order": solution.order,
    }
    for split, rows in solution.splits.items():
        arrays[f"split_{split}"] = rows
    for number, target in enumerate(solution.targets):
        arrays[f"target_{number}"] = target
        arrays[f"classes_{number}"] = _packed(solution.classes[number])
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".solution-", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            np.savez(stream, **arrays)  # type: ignore[arg-type]
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def load_solution(path: Path, *, sha256: str, metrics: int) -> PreparedSolution | None:
    """A prepared solution from the cache; None where it is absent or damaged.

    Uses numpy alone, so the worker's parent process may call it before it forks.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            ids = arrays["ids"]
            solution = PreparedSolution(
                sha256=_unpacked(arrays["sha256"])[0],
                ids=_unpacked(ids) if ids.dtype == np.uint8 else ids,
                order=arrays["order"],
                splits={split: arrays[f"split_{split}"] for split in _SPLITS},
                targets=tuple(arrays[f"target_{number}"] for number in range(metrics)),
                classes=tuple(
                    tuple(_unpacked(arrays[f"classes_{number}"])) for number in range(metrics)
                ),
            )
    except FileNotFoundError:
        return None
    except _DAMAGE:
        path.unlink(missing_ok=True)
        return None
    return solution if solution.sha256 == sha256 else None


def _column_types(layout: Layout, metrics: Sequence[MetricSpec]) -> dict[str, ColumnType]:
    """The type of each truth column, from what its metrics compare it with."""
    types: dict[str, ColumnType] = {}
    for spec in metrics:
        if spec.name not in METRICS:
            known = ", ".join(sorted(METRICS))
            raise BrokenCompetition(
                Problem("unknown_metric", {"metric": spec.name, "known": known})
            )
        match METRICS[spec.name].answer:
            case Answer.LABEL:
                kind = layout.columns[spec.prediction[0]]
            case Answer.NUMBER:
                kind = ColumnType.NUMBER
            case Answer.PROBABILITIES:
                is_text = isinstance(labels_of(spec)[0], str)
                kind = ColumnType.TEXT if is_text else ColumnType.INTEGER
        other = types.setdefault(spec.target, kind)
        if other is not kind and ColumnType.TEXT in {other, kind}:
            reason = f"the column “{spec.target}” would be both text and number"
            params: dict[str, str | int] = {"metric": spec.name, "reason": reason}
            raise BrokenCompetition(Problem("metric_parameters", params))
        if other is not kind:
            # Whole numbers are numbers too, so the stricter of the two types serves both.
            types[spec.target] = ColumnType.INTEGER
    return types


def _read(path: Path, name: str, layout: Layout) -> Table:
    limits = Limits(file_bytes=2**50, unpacked_bytes=2**40)
    try:
        file = open_file(path, name=name, layout=layout, limits=limits, expected_rows=MAX_ROWS)
        table = read_fast(file)
        if table is not None:
            return table
        checked = read_checked(file)
    except InvalidSubmission as error:
        raise BrokenCompetition(*map(_as_host_problem, error.problems)) from error
    if checked.problems:
        raise BrokenCompetition(*map(_as_host_problem, checked.problems))
    return checked.table


def _as_host_problem(problem: Problem) -> Problem:
    """The same fault told to the host, without values: they are the hidden truth."""
    if problem.code in {"missing_column", "misspelled_column"}:
        return Problem("solution_column", {"column": problem.params["column"]})
    if problem.code in {"wrong_type", "empty_values", "not_finite", "out_of_range"}:
        expected = problem.params.get("expected", "finite values of its type")
        params = {"column": problem.params["column"], "expected": expected}
        return Problem("solution_values", params, problem.count)
    return Problem("solution_unreadable", {"reason": problem.sentence()})


def _usages(column: Column, name: str) -> Integers:
    codes = np.array([_USAGES.get(str(text).strip().lower(), -1) for text in column])
    wrong = int(np.count_nonzero(codes < 0))
    if wrong:
        raise BrokenCompetition(Problem("solution_usage", {"column": name}, wrong))
    return codes


def _target(
    spec: MetricSpec, layout: Layout, column: Column
) -> tuple[NDArray[Any], tuple[str, ...]]:
    """The truth as the metric's function takes it, and the classes of text labels."""
    match METRICS[spec.name].answer:
        case Answer.NUMBER:
            return np.asarray(column, dtype=np.float64), ()
        case Answer.PROBABILITIES:
            return _class_numbers(spec, column), ()
        case Answer.LABEL if isinstance(column, list):
            classes = tuple(sorted(set(column)))
            _refuse_line_breaks(spec.target, classes)
            return _encoded(column, classes), classes
        case Answer.LABEL:
            if layout.columns[spec.prediction[0]] is ColumnType.NUMBER:
                return np.asarray(column, dtype=np.float64), ()
            return column, ()


def _class_numbers(spec: MetricSpec, column: Column) -> Integers:
    numbers = {label: number for number, label in enumerate(labels_of(spec))}
    codes = np.array([numbers.get(value, -1) for value in _plain(column)], dtype=np.int64)
    unknown = int(np.count_nonzero(codes < 0))
    if unknown:
        raise BrokenCompetition(Problem("label_unknown", {"column": spec.target}, unknown))
    return codes


def _encoded(column: list[str], classes: Sequence[str]) -> Integers:
    numbers = {label: number for number, label in enumerate(classes)}
    return np.array([numbers[value] for value in column], dtype=np.int64)


def _refuse_line_breaks(column: str, values: Sequence[str]) -> None:
    """Texts are kept in the cache line by line."""
    wrong = sum("\n" in value for value in values)
    if wrong:
        params: dict[str, str | int] = {"column": column, "expected": EXPECTED[ColumnType.TEXT]}
        raise BrokenCompetition(Problem("solution_values", params, wrong))


def _plain(column: Column) -> list[Any]:
    return column if isinstance(column, list) else column.tolist()


def _packed(texts: Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(texts).encode(), dtype=np.uint8)


def _unpacked(packed: NDArray[np.uint8]) -> list[str]:
    text = packed.tobytes().decode()
    return text.split("\n") if text else []
