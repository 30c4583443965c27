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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from scoring.alignment import order_of
from scoring.answers import PreparedTruth, prepare_truth, truth_types
from scoring.bootstrap import weight_totals
from scoring.contract import ColumnType, Layout, Limits, MetricSpec, Split
from scoring.errors import BrokenCompetition, InvalidSubmission, Problem
from scoring.metrics.descriptions import METRICS
from scoring.reading import open_file, read_checked, read_fast
from scoring.tables import Column, Ids, Integers, Numbers, Table
from scoring.version import ENGINE_VERSION

FORMAT_VERSION = 3
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
SPLIT_CODES = {Split.PUBLIC: 0, Split.PRIVATE: 1}


@dataclass(frozen=True, slots=True)
class PreparedSolution:
    """What scoring needs of a solution.

    Attributes:
        sha256: The hash of the solution's file.
        ids: Its ids, in its order.
        order: `order_of(ids)`.
        usage: Each row's split: 0 public, 1 private, 2 neither; shape (n,).
        truths: For each metric its side of the solution.
        seed: What the bootstrap's weights are made from.
        totals: The sums of these weights on each split, shape (replicates,); they are the same
            for every submission.
    """

    sha256: str
    ids: Ids
    order: Integers
    usage: NDArray[np.int8]
    truths: tuple[PreparedTruth, ...]
    seed: int
    totals: dict[Split, Numbers]

    @property
    def splits(self) -> dict[Split, Integers]:
        """The rows of each split that has any."""
        rows = {split: np.flatnonzero(self.usage == code) for split, code in SPLIT_CODES.items()}
        return {split: numbers for split, numbers in rows.items() if numbers.size}


def prepare_solution(
    path: Path,
    *,
    name: str,
    sha256: str,
    layout: Layout,
    metrics: Sequence[MetricSpec],
    all_public: bool = False,
    seed: int = 0,
) -> PreparedSolution:
    """Read and check a solution file.

    Args:
        path: Where it lies.
        name: Its name, whose ending says how to read it.
        sha256: The hash of its bytes.
        layout: The submission's layout; the solution shares its id column.
        metrics: The metrics that will be computed.
        all_public: Whether every row is public, as for practice, and no usage column is needed.
        seed: What the bootstrap's weights are made from.

    Raises:
        BrokenCompetition: the solution can't be used; the problems say why.
    """
    _refuse_unknown(metrics)
    columns = truth_types(layout, metrics)
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
    if not np.isin(usage, list(SPLIT_CODES.values())).any():
        raise BrokenCompetition(Problem("solution_rows"))
    return PreparedSolution(
        sha256=sha256,
        ids=table.ids,
        order=order_of(table.ids),
        usage=usage.astype(np.int8),
        truths=tuple(prepare_truth(spec, layout, table) for spec in metrics),
        seed=seed,
        totals={
            split: weight_totals(np.flatnonzero(usage == code), seed=seed)
            for split, code in SPLIT_CODES.items()
        },
    )


def write_solution(path: Path, *, name: str, usage_column: str, target: Path) -> None:
    """Write the solution without its usage column as plain CSV, for the host's own metric.

    Raises:
        BrokenCompetition: the file can't be read.
    """
    if not name.lower().endswith((".csv", ".parquet")):
        reason = "a metric of your own needs it as plain .csv or .parquet."
        raise BrokenCompetition(Problem("solution_unreadable", {"reason": reason}))
    try:
        frame = pl.read_parquet(path) if name.lower().endswith("parquet") else pl.read_csv(path)
        frame.drop(usage_column, strict=False).write_csv(target)
    except pl.exceptions.PolarsError as error:
        reason = str(error).splitlines()[0][:200]
        raise BrokenCompetition(Problem("solution_unreadable", {"reason": reason})) from None


def cache_name(sha256: str, layout: Layout, metrics: Sequence[MetricSpec], *, seed: int = 0) -> str:
    """The file name of a prepared solution: it changes with anything that changes its content."""
    recipe = [
        FORMAT_VERSION,
        ENGINE_VERSION,
        seed,
        sha256,
        layout.to_json(),
        [spec.to_json() for spec in metrics],
    ]
    digest = hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()
    return f"{digest}.npz"


def store_solution(solution: PreparedSolution, path: Path) -> None:
    """Write a prepared solution so that other processes see all of it or nothing."""
    arrays: dict[str, NDArray[Any]] = {
        "order": solution.order,
        "usage": solution.usage,
        "seed": np.array([solution.seed], dtype=np.uint64),
    }
    arrays |= {f"totals:{split.value}": totals for split, totals in solution.totals.items()}
    arrays |= _packed("sha256", (solution.sha256,))
    arrays |= _packed("ids", solution.ids)
    for number, truth in enumerate(solution.truths):
        arrays |= _packed(f"{number}:classes", truth.classes)
        if truth.weights is not None:
            arrays[f"{number}:weights"] = truth.weights
        if isinstance(truth.truth, tuple):
            for place, texts in enumerate(truth.truth):
                arrays |= _packed(f"{number}:texts:{place}", texts)
        elif isinstance(truth.truth, dict):
            arrays |= {f"{number}:made:{name}": array for name, array in truth.truth.items()}
        else:
            arrays[f"{number}:truth"] = truth.truth
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
            names = arrays.files
            solution = PreparedSolution(
                sha256=_unpacked(arrays, "sha256")[0],
                ids=_column(arrays, "ids"),
                order=arrays["order"],
                usage=arrays["usage"],
                truths=tuple(_load_truth(arrays, number, names) for number in range(metrics)),
                seed=int(arrays["seed"][0]),
                totals={split: arrays[f"totals:{split.value}"] for split in SPLIT_CODES},
            )
    except FileNotFoundError:
        return None
    except _DAMAGE:
        path.unlink(missing_ok=True)
        return None
    return solution if solution.sha256 == sha256 else None


def _load_truth(
    arrays: Mapping[str, NDArray[Any]], number: int, names: Sequence[str]
) -> PreparedTruth:
    truth: Any
    if f"{number}:truth" in names:
        truth = arrays[f"{number}:truth"]
    else:
        made = f"{number}:made:"
        truth = {name.removeprefix(made): arrays[name] for name in names if name.startswith(made)}
        count = sum(name.startswith(f"{number}:texts:") for name in names) // 2
        if count:
            truth = tuple(_unpacked(arrays, f"{number}:texts:{place}") for place in range(count))
    classes = _column(arrays, f"{number}:classes")
    return PreparedTruth(
        truth=truth,
        classes=tuple(classes) if isinstance(classes, list) else classes,
        weights=arrays[f"{number}:weights"] if f"{number}:weights" in names else None,
    )


def _refuse_unknown(metrics: Sequence[MetricSpec]) -> None:
    for spec in metrics:
        if spec.name not in METRICS:
            known = ", ".join(sorted(METRICS))
            raise BrokenCompetition(
                Problem("unknown_metric", {"metric": spec.name, "known": known})
            )


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


def _plain(column: Column) -> list[Any]:
    return column if isinstance(column, list) else column.tolist()


def _packed(name: str, values: Sequence[str] | NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Arrays as they are; texts as their bytes, and the number of bytes of each."""
    if isinstance(values, np.ndarray):
        return {name: values}
    encoded = [value.encode() for value in values]
    return {
        name: np.frombuffer(b"".join(encoded), dtype=np.uint8),
        f"{name}:sizes": np.array([len(value) for value in encoded], dtype=np.int64),
    }


def _column(arrays: Mapping[str, NDArray[Any]], name: str) -> Any:
    return _unpacked(arrays, name) if f"{name}:sizes" in arrays else arrays[name]


def _unpacked(arrays: Mapping[str, NDArray[Any]], name: str) -> list[str]:
    content = arrays[name].tobytes()
    ends = np.cumsum(arrays[f"{name}:sizes"]).tolist()
    return [content[start:end].decode() for start, end in pairwise([0, *ends])]
