"""Scoring beside the bare parse of the same file and beside the usual way: `make bench-scoring`.

Every round runs all contestants one after the other, so that what else the machine does hits all
of them; medians are printed, CPU time is what the goals are about (on a shared machine the wall
clock says more about the neighbours).

The bare parse is pyarrow.csv on the whole file. The usual way is that of other platforms: read the
solution and the submission with pandas, and for each split `isin`, `sort_values` on both sides and
scikit-learn's metric. Each ratio compares the same file, in the same order of rows.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow.csv
from sklearn import metrics as sklearn_metrics

from scoring.bootstrap import REPLICATES
from scoring.contract import Layout, Limits, MetricSpec
from scoring.pipeline import score_files
from scoring.solutions import PreparedSolution, prepare_solution
from tests.benchmarks.goals import Goals

CLASSES = 10
PROBABILITIES = tuple(f"p{number}" for number in range(CLASSES))
LIMITS = Limits(file_bytes=2**40, unpacked_bytes=2**40)


@dataclass(frozen=True)
class Case:
    """A kind of file, and how it is scored in three ways."""

    name: str
    layout: Layout
    metrics: tuple[MetricSpec, ...]


CASES = {
    case.name: case
    for case in (
        Case(
            "labels",
            Layout(id_column="id", columns={"label": "integer"}),
            (
                MetricSpec(name="accuracy", target="label", prediction=("label",)),
                MetricSpec(name="macro_f1", target="label", prediction=("label",)),
            ),
        ),
        Case(
            "auc",
            Layout(id_column="id", columns={"score": "number"}),
            (MetricSpec(name="roc_auc", target="label", prediction=("score",)),),
        ),
        Case(
            "log_loss",
            Layout(id_column="id", columns=dict.fromkeys(PROBABILITIES, "number")),
            (MetricSpec(name="log_loss", target="label", prediction=PROBABILITIES),),
        ),
    )
}


@dataclass(frozen=True)
class Files:
    """A solution and two submissions of the same rows."""

    solution: Path
    same: Path
    shuffled: Path


def make_files(folder: Path, case: Case, rows: int) -> Files:
    """Write them; the numbers are random, with a fixed seed."""
    random = np.random.default_rng(rows)
    classes = 2 if case.name == "auc" else CLASSES
    truth = random.integers(0, classes, rows)
    usage = np.where(random.random(rows) < 0.3, "Public", "Private")
    files = Files(
        *(folder / f"{case.name}-{rows}-{part}.csv" for part in ("solution", "same", "shuffled"))
    )
    pl.DataFrame({"id": np.arange(rows), "label": truth, "Usage": usage}).write_csv(files.solution)
    answers: dict[str, np.ndarray] = {"id": np.arange(rows)}
    if case.name == "labels":
        answers["label"] = np.where(
            random.random(rows) < 0.8, truth, random.integers(0, classes, rows)
        )
    elif case.name == "auc":
        answers["score"] = random.normal(truth * 1.5, 1.0)
    else:
        drawn = random.random((rows, classes)) + np.eye(classes)[truth]
        drawn /= drawn.sum(axis=1, keepdims=True)
        answers |= {name: drawn[:, number] for number, name in enumerate(PROBABILITIES)}
    frame = pl.DataFrame(answers)
    precision = 6
    frame.write_csv(files.same, float_precision=precision)
    frame[random.permutation(rows)].write_csv(files.shuffled, float_precision=precision)
    return files


def prepared(case: Case, path: Path) -> PreparedSolution:
    return prepare_solution(
        path, name=path.name, sha256="0" * 64, layout=case.layout, metrics=case.metrics
    )


def engine(
    case: Case, solution: PreparedSolution, path: Path, *, replicates: int = 0
) -> list[float]:
    """Our way: read, check, align, score both splits."""
    scores = score_files(
        path,
        path.name,
        solution,
        layout=case.layout,
        metrics=case.metrics,
        limits=LIMITS,
        submission_sha256="1" * 64,
        replicates=replicates,
    )
    return [score.value for score in scores]


def usual(case: Case, solution_file: Path, path: Path) -> list[float]:
    """The way of other platforms: pandas and scikit-learn, split by split."""
    solution = pd.read_csv(solution_file)
    submission = pd.read_csv(path)
    values = []
    for split in ("Public", "Private"):
        truth = solution[solution["Usage"] == split].sort_values("id")
        answers = submission[submission["id"].isin(truth["id"])].sort_values("id")
        target = truth["label"].to_numpy()
        if case.name == "labels":
            found = answers["label"].to_numpy()
            values.append(sklearn_metrics.accuracy_score(target, found))
            values.append(sklearn_metrics.f1_score(target, found, average="macro"))
        elif case.name == "auc":
            values.append(sklearn_metrics.roc_auc_score(target, answers["score"].to_numpy()))
        else:
            table = answers[list(PROBABILITIES)].to_numpy()
            table = table / table.sum(axis=1, keepdims=True)
            values.append(sklearn_metrics.log_loss(target, table))
    return values


def cpu_seconds(work: Callable[[], object]) -> tuple[float, float]:
    """CPU and wall time of one call."""
    began, clock = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - began, time.perf_counter() - clock


def contest(
    contestants: dict[str, Callable[[], object]], rounds: int
) -> dict[str, tuple[float, float]]:
    """Medians of CPU and wall time of each, round robin."""
    for work in contestants.values():
        work()
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, work in contestants.items():
            samples[name].append(cpu_seconds(work))
    return {
        name: (
            statistics.median(one[0] for one in taken),
            statistics.median(one[1] for one in taken),
        )
        for name, taken in samples.items()
    }


def run_case(case: Case, rows: int, folder: Path, rounds: int) -> dict[str, tuple[float, float]]:
    """All contestants on one kind of file of one size."""
    files = make_files(folder, case, rows)
    solution = prepared(case, files.solution)
    ours, theirs = engine(case, solution, files.same), usual(case, files.solution, files.same)
    if case.name == "labels":
        ours = [ours[0], ours[2], ours[1], ours[3]]
    if not np.allclose(ours, theirs, rtol=1e-9, atol=0):
        raise SystemExit(f"the scores differ: {ours} and {theirs}")
    taken = contest(
        {
            "parse": lambda: pyarrow.csv.read_csv(files.same),
            "same": lambda: engine(case, solution, files.same),
            "shuffled": lambda: engine(case, solution, files.shuffled),
            "usual": lambda: usual(case, files.solution, files.same),
            "usual, shuffled": lambda: usual(case, files.solution, files.shuffled),
        },
        rounds,
    )
    for path in (files.same, files.shuffled, files.solution):
        path.unlink()
    return taken


def show(case: Case, rows: int, taken: dict[str, tuple[float, float]]) -> None:
    parse, usual_way = taken["parse"][0], taken["usual"][0]
    parts = [f"{case.name:<9} {rows:>11,}"]
    for name, (cpu, wall) in taken.items():
        parts.append(f"{name} {1e3 * cpu:9.1f} ms CPU {1e3 * wall:9.1f} wall")
    parts.append(
        f"same/parse {taken['same'][0] / parse:.2f}, shuffled/parse {taken['shuffled'][0] / parse:.2f}, "
        f"usual/same {usual_way / taken['same'][0]:.1f}, usual/shuffled {taken['usual, shuffled'][0] / taken['shuffled'][0]:.1f}"
    )
    print(" | ".join(parts), flush=True)


def interval_times(folder: Path, goals: Goals, sizes: tuple[int, ...]) -> None:
    """CPU time that 1,024 replicates add, for one metric at a time."""
    limits = {100_000: 30.0, 1_000_000: 250.0}
    for case_name, metric in (
        ("labels", "accuracy"), ("labels", "macro_f1"), ("auc", "roc_auc"), ("log_loss", "log_loss"),
    ):  # fmt: skip
        whole = CASES[case_name]
        case = Case(whole.name, whole.layout, tuple(m for m in whole.metrics if m.name == metric))
        for rows in sizes:
            files = make_files(folder, case, rows)
            solution = prepared(case, files.solution)
            taken = contest(
                {
                    "with": lambda: engine(case, solution, files.same, replicates=REPLICATES),  # noqa: B023
                    "without": lambda: engine(case, solution, files.same),  # noqa: B023
                },
                5,
            )
            added = 1e3 * (taken["with"][0] - taken["without"][0])
            print(f"interval of {metric:<9} {rows:>9,} rows: {added:.1f} ms CPU", flush=True)
            if rows in limits:
                goals.at_most(f"interval_{metric}_{rows}_ms", limits[rows], added)


def peak_memory(folder: Path, case: Case, rows: int) -> float:
    """Peak memory of scoring in a fresh process above its memory before, over the file's size."""
    files = make_files(folder, case, rows)
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.scoring",
        "--peak",
        case.name,
        str(files.same),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout.strip().splitlines()[-1]) / files.same.stat().st_size


def print_peak(case: Case, path: Path) -> None:
    """The part of `peak_memory` that runs in a fresh process."""
    solution = prepared(case, path.with_name(path.name.replace("-same", "-solution")))
    small = path.with_name("small.csv")
    with path.open() as stream:
        small.write_text("".join(stream.readline() for _ in range(100)))
    Path("/proc/self/clear_refs").write_text("5")
    before = _resident()
    engine(case, solution, path)
    print(max(_peak() - before, 0))


def _status(field: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _resident() -> int:
    return _status("VmRSS")


def _peak() -> int:
    return _status("VmHWM")


def set_goals(goals: Goals, results: dict[tuple[str, int], dict[str, tuple[float, float]]]) -> None:
    """The goals at a million rows, and growth to ten million."""
    for name, same_goal, shuffled_goal, times in (
        ("labels", 1.5, 1.8, 8.0), ("auc", 1.8, 1.8, 8.0), ("log_loss", 1.5, 1.5, 5.0),
    ):  # fmt: skip
        taken = results.get((name, 10**6))
        if taken is None:
            continue
        parse, usual_way = taken["parse"][0], taken["usual"][0]
        goals.at_most(f"{name}_of_parse", same_goal, taken["same"][0] / parse)
        goals.at_most(f"{name}_shuffled_of_parse", shuffled_goal, taken["shuffled"][0] / parse)
        goals.at_least(
            f"{name}_shuffled_times_usual",
            times,
            taken["usual, shuffled"][0] / taken["shuffled"][0],
        )
        goals.at_least(f"{name}_same_order_times_usual", 15.0, usual_way / taken["same"][0])
        larger = results.get((name, 10**7))
        if larger is not None:
            for order in ("same", "shuffled"):
                goals.at_most(f"{name}_{order}_growth", 10.0, larger[order][0] / taken[order][0])


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-scoring", description=__doc__)
    parser.add_argument("--largest", type=int, default=7, help="the power of ten of the most rows")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peak", nargs=2, metavar=("CASE", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak:
        print_peak(CASES[options.peak[0]], Path(options.peak[1]))
        return 0
    print(f"{os.cpu_count()} cores; medians of {options.rounds} rounds (1 at 10^7)", flush=True)
    goals = Goals()
    results = {}
    with tempfile.TemporaryDirectory(prefix="agon-bench-") as name:
        folder = Path(name)
        for case in CASES.values():
            for power in range(4, options.largest + 1):
                rounds = 1 if power >= 7 else options.rounds
                taken = run_case(case, 10**power, folder, rounds)
                results[case.name, 10**power] = taken
                show(case, 10**power, taken)
        set_goals(goals, results)
        interval_times(
            folder, goals, tuple(10**power for power in (5, 6) if power <= options.largest)
        )
        rows = 10 ** min(options.largest, 6)
        share = peak_memory(folder, CASES["log_loss"], rows)
        print(
            f"peak memory, {rows:,} rows of probabilities: {share:.2f} times the file", flush=True
        )
        goals.at_most("peak_memory_of_file", 2.5, share)
    goals.report()
    return 0


if __name__ == "__main__":
    sys.exit(main())
