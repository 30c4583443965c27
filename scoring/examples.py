"""A competition's examples/ folder: files with the verdict that each must get.

``examples/expected.yaml`` names every file in the folder, and those that the folder's prepare.py
makes in ``prepared/examples/`` because they hold the answers or are large::

    perfect.csv: {scores: {accuracy: {public: 1.0, private: 1.0}}}
    constant.csv: {scores: {accuracy: {public: [0.05, 0.15]}}}       # a range
    baseline.csv: {scores: {accuracy: {public: 0.97}}, tolerance: 0.01}
    missing_rows.csv: {refused: [missing_ids]}                       # codes of scoring.errors

`refused` lists all codes of the verdict, in any order. `phase` picks a phase other than the
first. Splits that are not named are not compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from scoring.contract import MetricSpec, Score, Split
from scoring.definition import CompetitionDefinition, PhaseDefinition
from scoring.errors import BrokenCompetition, InvalidSubmission, Problem
from scoring.inspection import inspect_upload
from scoring.local import files_scores, own_metric_scores
from scoring.pipeline import score_files
from scoring.solutions import PreparedSolution, prepare_solution
from scoring.yamlsource import read_yaml

FILE_NAME = "expected.yaml"
DEFAULT_TOLERANCE = 1e-9


class Verdict(BaseModel):
    """What should become of one example."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scores: dict[str, dict[Split, float | tuple[float, float]]] = {}
    refused: tuple[str, ...] = ()
    tolerance: Annotated[float, Field(ge=0)] = DEFAULT_TOLERANCE
    phase: str | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """One example's outcome; `difference` is empty where it is as expected."""

    name: str
    outcome: str
    difference: str = ""


def check_examples(definition: CompetitionDefinition) -> Iterator[Checked]:
    """Score each phase's sample and every example, and compare the verdicts.

    Raises:
        BrokenCompetition: the solution or expected.yaml can't be used.
    """
    solutions = {phase.name: prepare(phase) for phase in definition.phases}
    for phase in definition.phases:
        # A scoring program may take as long as it likes, and its sample may show the layout only.
        if not phase.submission.is_files:
            yield _check_sample(phase, solutions[phase.name])
    folder = definition.folder / "examples"
    if not folder.is_dir():
        return
    verdicts = _read_verdicts(folder / FILE_NAME)
    present = {
        path.name: path
        for place in (definition.folder / "prepared" / "examples", folder)
        if place.is_dir()
        for path in place.iterdir()
        if path.name != FILE_NAME
    }
    for name in sorted(present.keys() - verdicts.keys()):
        yield Checked(name, "not run", f"it is not named in {FILE_NAME}")
    for name, verdict in verdicts.items():
        if name not in present:
            yield Checked(
                name, "not run", "there is no such file in examples/ or prepared/examples/"
            )
            continue
        phase = _phase(definition, verdict, folder)
        yield _check(present[name], verdict, phase, solutions[phase.name])


def prepare(
    phase: PhaseDefinition, solution: Path | None = None, *, seed: int = 0
) -> PreparedSolution | None:
    """A phase's solution, checked; or another file in its place. A scoring program reads its own."""
    if phase.submission.is_files:
        return None
    path = solution or phase.solution.file
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return prepare_solution(
        path,
        name=path.name,
        sha256=sha256,
        layout=phase.layout(),
        metrics=built_in_specs(phase),
        seed=seed,
    )


def built_in_specs(phase: PhaseDefinition) -> tuple[MetricSpec, ...]:
    """The phase's metrics that are not the host's own."""
    own = phase.metric_files()
    return tuple(spec for spec in phase.metric_specs() if spec.name not in own)


def score_upload(
    path: Path,
    phase: PhaseDefinition,
    solution: PreparedSolution | None,
    *,
    solution_file: Path | None = None,
) -> tuple[Score, ...]:
    """Score a file as the site and its worker do, one after the other.

    Args:
        path: The file.
        phase: What it is for.
        solution: The truth; None for a phase of files.
        solution_file: Where that was read from; the phase's by default.
    """
    if solution is None:
        return files_scores(path, phase, solution_file)
    layout, limits = phase.layout(), phase.scoring_limits()
    with path.open("rb") as stream:
        inspect_upload(stream, name=path.name, layout=layout, limits=limits)
    scores = score_files(
        path,
        path.name,
        solution,
        layout=layout,
        metrics=built_in_specs(phase),
        limits=limits,
    )
    own = own_metric_scores(path, phase, solution_file or phase.solution.file, solution)
    order = [spec.name for spec in phase.metric_specs()]
    return tuple(sorted((*scores, *own), key=lambda score: order.index(score.metric)))


def _check_sample(phase: PhaseDefinition, solution: PreparedSolution | None) -> Checked:
    path = phase.submission.sample
    try:
        scores = score_upload(path, phase, solution)
    except InvalidSubmission as error:
        return Checked(path.name, "refused", f"the sample submission is refused: {error}")
    return Checked(path.name, _spoken(scores))


def _check(
    path: Path, verdict: Verdict, phase: PhaseDefinition, solution: PreparedSolution | None
) -> Checked:
    try:
        scores = score_upload(path, phase, solution)
    except InvalidSubmission as error:
        codes = sorted({problem.code for problem in error.problems})
        outcome = "refused: " + ", ".join(codes)
        if codes == sorted(set(verdict.refused)):
            return Checked(path.name, outcome)
        wanted = ", ".join(sorted(verdict.refused)) or "scores"
        return Checked(path.name, outcome, f"expected {wanted}. {error}")
    outcome = _spoken(scores)
    if verdict.refused:
        return Checked(path.name, outcome, "expected " + ", ".join(verdict.refused))
    differences = list(_differences(scores, verdict))
    return Checked(path.name, outcome, "; ".join(differences))


def _differences(scores: tuple[Score, ...], verdict: Verdict) -> Iterator[str]:
    found = {(score.metric, score.split): score.value for score in scores}
    for metric, splits in verdict.scores.items():
        for split, wanted in splits.items():
            low, high = wanted if isinstance(wanted, tuple) else (wanted, wanted)
            value = found.get((metric, split))
            if value is None:
                yield f"there is no {split} {metric}"
            elif not low - verdict.tolerance <= value <= high + verdict.tolerance:
                span = f"{low}" if low == high else f"{low} to {high}"
                yield f"expected {split} {metric} {span}"


def _read_verdicts(path: Path) -> dict[str, Verdict]:
    source = read_yaml(path)
    try:
        return TypeAdapter(dict[str, Verdict]).validate_python(source.data)
    except ValidationError as error:
        problems = [
            Problem(
                "invalid_definition",
                {
                    "file": f"examples/{path.name}",
                    "line": source.line_of(details["loc"]),
                    "field": ".".join(map(str, details["loc"])),
                    "reason": details["msg"],
                    "fix": "Correct it.",
                },
            )
            for details in error.errors(include_url=False)
        ]
        raise BrokenCompetition(*problems) from error


def _phase(definition: CompetitionDefinition, verdict: Verdict, folder: Path) -> PhaseDefinition:
    for phase in definition.phases:
        if verdict.phase in {None, phase.name}:
            return phase
    reason = f"there is no phase “{verdict.phase}”."
    raise BrokenCompetition(
        Problem("file_unreadable", {"file": f"{folder.name}/{FILE_NAME}", "reason": reason})
    )


def _spoken(scores: tuple[Score, ...]) -> str:
    return ", ".join(f"{score.split} {score.metric} {score.value:.6g}" for score in scores)
