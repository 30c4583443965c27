"""Scoring on somebody's own machine what needs a sandbox: hosts' metrics, models and programs."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from scoring.contract import (
    FileReference,
    Score,
    ScoringJob,
    Split,
    Stage,
    SubmissionKind,
)
from scoring.declarations import PhaseDefinition
from scoring.errors import BrokenCompetition, Problem
from scoring.hostmetrics import host_scores
from scoring.isolation.bubblewrap import NoSandbox
from scoring.modelinspection import inspect_files
from scoring.models import Machine, predict
from scoring.pipeline import write_aligned
from scoring.sandbox import Sandbox
from scoring.sandboxed import SandboxRun
from scoring.scoringprograms import program_scores
from scoring.signatures import Made, signature
from scoring.solutions import PreparedSolution, write_solution

DAY = 86_400


def own_metric_scores(
    submission: Path, phase: PhaseDefinition, solution_file: Path, solution: PreparedSolution
) -> Iterator[Score]:
    """The host's own metrics of a file whose built-in ones were computed without a complaint.

    Raises:
        InvalidSubmission: a metric refused the predictions.
        BrokenCompetition: a metric failed, or there is no sandbox here to run it in.
    """
    files = phase.metric_files()
    if not files:
        return
    layout, limits = phase.layout(), phase.scoring_limits()
    with _folder() as folder, _sandboxed(folder) as run:
        tables = folder / "solution.csv", folder / "submission.csv"
        write_solution(
            solution_file,
            name=solution_file.name,
            usage_column=layout.usage_column,
            target=tables[0],
        )
        write_aligned(
            submission,
            submission.name,
            solution.ids,
            layout=layout,
            limits=limits,
            target=tables[1],
        )
        splits = {split: rows.tolist() for split, rows in solution.splits.items()}
        for spec in phase.metric_specs():
            if spec.name not in files:
                continue
            values = host_scores(
                run,
                metric=files[spec.name],
                solution=tables[0],
                submission=tables[1],
                id_column=layout.id_column,
                splits=splits,
                limits=limits,
            )
            source = f"metric:{sha256_of(files[spec.name])[:16]}"
            made = Made(spec, solution.sha256, sha256_of(submission), 0, 0, source)
            for split, value in values.items():
                rows = len(splits[split])
                whole = signature(made, split, rows, has_interval=False)
                yield Score(metric=spec.name, split=split, value=value, rows=rows, signature=whole)


def files_scores(
    submission: Path, phase: PhaseDefinition, reference: Path | None = None
) -> tuple[Score, ...]:
    """What the phase's scoring program says of a zip file, as on the site.

    Args:
        submission: The zip file.
        phase: What it is for.
        reference: Other reference data than the phase's.

    Raises:
        InvalidSubmission: the program refused the files, or they are no zip file.
        BrokenCompetition: the program failed, or there is no sandbox here to run it in.
    """
    if phase.scoring_program is None:
        raise ValueError("a phase of files has a scoring program")
    given, limits = reference or phase.solution.file, phase.scoring_limits()
    with submission.open("rb") as stream:
        inspect_files(stream, name=submission.name, limits=limits)
    specs = phase.metric_specs()
    with _folder() as folder, _sandboxed(folder) as run:
        values = program_scores(
            run,
            program=phase.scoring_program.file,
            command=phase.scoring_program.command,
            reference=given,
            submission=submission,
            keys=[spec.target[0] for spec in specs],
            limits=limits,
            threads=os.cpu_count() or 1,
        )
    source = f"program:{sha256_of(phase.scoring_program.file)[:16]}"
    solution, sent = sha256_of(given), sha256_of(submission)
    return tuple(
        Score(
            metric=spec.name,
            split=split,
            value=values[spec.target[0]],
            rows=0,
            signature=signature(
                Made(spec, solution, sent, 0, 0, source), split, 0, has_interval=False
            ),
        )
        for spec in specs
        for split in Split
    )


def run_model(
    submission: Path,
    phase: PhaseDefinition,
    *,
    output: Path,
    inputs: Path | None = None,
    on_stage: Callable[[Stage], None] = lambda _: None,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> SubmissionKind:
    """Run a model or program in a sandbox, as the site's workers do, and keep its predictions.

    Args:
        submission: The model, or the zip file with predict.py.
        phase: What it is for.
        output: Where its predictions are written.
        inputs: Other test inputs than the phase's, such as a sample of them.
        on_stage: Told where it is.
        on_progress: Told how many rows are done.

    Raises:
        InvalidSubmission: the model or program is at fault.
        BrokenCompetition: the phase takes none, or there is no sandbox here.
    """
    kind = _kind_of(submission, phase)
    given = inputs or phase.inputs
    if given is None:
        raise BrokenCompetition(Problem("inputs_absent"))
    nothing = FileReference(url="", name=submission.name, sha256="0" * 64, size=0)
    job = ScoringJob(
        submission=0,
        attempt=1,
        token="local",  # noqa: S106 - nobody is asked for it
        submission_file=nothing,
        solution_file=nothing,
        layout=phase.layout(),
        metrics=phase.metric_specs(),
        limits=phase.running_limits(),
        kind=kind,
        model=phase.model if kind is SubmissionKind.MODEL else None,
        inputs_file=nothing.model_copy(update={"name": given.name}),
        expires_at=time.time() + DAY,
    )
    with _folder() as folder, _sandboxed(folder) as run:
        found = predict(
            job,
            run,
            submission=submission,
            inputs=given,
            folder=folder,
            machine=Machine(threads=os.cpu_count() or 1),
            on_stage=on_stage,
            on_progress=on_progress,
        )
        shutil.copyfile(found, output)
    return kind


def sha256_of(path: Path) -> str:
    """The hash of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _kind_of(submission: Path, phase: PhaseDefinition) -> SubmissionKind:
    is_program = submission.suffix.lower() == ".zip"
    kind = SubmissionKind.CODE if is_program else SubmissionKind.MODEL
    if kind not in phase.submission.kinds:
        taken = ", ".join(kind.value for kind in phase.submission.kinds)
        formats = ", ".join(one.value for one in (phase.model.formats if phase.model else ()))
        params = {"found": kind.value, "expected": f"{taken} {formats}".strip()}
        raise BrokenCompetition(Problem("kind_not_taken", params))
    return kind


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="agon-") as name:
        yield Path(name)


@contextmanager
def _sandboxed(folder: Path) -> Iterator[SandboxRun]:
    try:
        sandbox = Sandbox(workspace=folder / "sandboxes")
    except NoSandbox as error:
        raise BrokenCompetition(Problem("sandbox_absent", {"reason": str(error)})) from error
    try:
        yield SandboxRun(sandbox, threads=os.cpu_count() or 1, uses_gpu=False)
    finally:
        sandbox.close()
