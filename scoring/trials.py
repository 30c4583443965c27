"""A competition tried before anybody enters it: every fault at once, then two files scored for real.

The sample submission must be taken and get a score. A file made from the solution itself must reach
the best value that the metric has: where it does not, the metric reads other columns than the host
believes, or gets them the wrong way round.
"""

from __future__ import annotations

import csv
import math
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from scoring.contract import Score
from scoring.definition import PhaseDefinition, load_definition
from scoring.errors import Problem, ScoringError
from scoring.examples import prepare, score_upload
from scoring.metrics.descriptions import METRICS

TOLERANCE = 1e-9


def try_folder(folder: Path) -> dict[str, Any]:
    """What came of it, ready for JSON.

    Returns:
        ``ok``; ``findings``, one for each fault, with its ``sentence``, ``field`` and ``examples``;
        ``sample`` and ``perfect`` with their ``scores`` where these were made.
    """
    report: dict[str, Any] = {"ok": False, "findings": [], "sample": [], "perfect": []}
    try:
        definition = load_definition(folder)
    except ScoringError as error:
        report["findings"] = _told(error.problems, about="definition")
        return report
    for phase in definition.phases:
        _try_phase(phase, report)
    report["ok"] = not report["findings"]
    return report


def _try_phase(phase: PhaseDefinition, report: dict[str, Any]) -> None:
    try:
        solution = prepare(phase)
    except ScoringError as error:
        report["findings"] += _told(error.problems, about="solution")
        return
    try:
        scores = score_upload(phase.submission.sample, phase, solution)
    except ScoringError as error:
        report["findings"] += _told(error.problems, about="sample")
    else:
        report["sample"] += _spoken(scores)
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "perfect.csv"
        if not _write_perfect(phase, path):
            return
        try:
            scores = score_upload(path, phase, solution)
        except ScoringError as error:
            report["findings"] += _told(error.problems, about="perfect")
            return
    report["perfect"] += _spoken(scores)
    report["findings"] += [_missed(score) for score in scores if not _is_best(score)]


def _write_perfect(phase: PhaseDefinition, target: Path) -> bool:
    """The truth as a submission; False where the two have not the same columns."""
    wanted = [phase.submission.id_column, *phase.submission.columns]
    source = phase.solution.file
    if phase.submission.is_files or source.suffix.lower() != ".csv" or len(wanted) < 2:
        return False
    with source.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.DictReader(stream)
        if not set(wanted) <= set(rows.fieldnames or ()):
            return False
        with target.open("w", encoding="utf-8", newline="") as made:
            writer = csv.writer(made)
            writer.writerow(wanted)
            writer.writerows([row[name] for name in wanted] for row in rows)
    return True


def _is_best(score: Score) -> bool:
    """Whether it is the metric's best value; one of the host's own has none that is known."""
    about = METRICS.get(score.metric)
    if about is None or about.best is None:
        return True
    return math.isclose(score.value, about.best, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _missed(score: Score) -> dict[str, Any]:
    about = METRICS[score.metric]
    return {
        "about": "perfect",
        "code": "perfect_is_not_best",
        "sentence": (
            f"The solution itself, sent as a submission, gets {score.value:.6g} by {about.title} on the "
            f"{score.split.value} rows; the best is {about.best:g}. Does the metric fit these columns?"
        ),
        "field": "metrics",
        "examples": [],
    }


def _told(problems: Iterable[Problem], *, about: str) -> list[dict[str, Any]]:
    return [
        {
            "about": about,
            "code": problem.code,
            "sentence": problem.sentence(),
            "field": str(problem.params.get("field", "")),
            "examples": [str(example) for example in problem.examples],
        }
        for problem in problems
    ]


def _spoken(scores: Iterable[Score]) -> list[dict[str, Any]]:
    return [
        {"metric": score.metric, "split": score.split.value, "value": score.value}
        for score in scores
    ]
