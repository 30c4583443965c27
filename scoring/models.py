"""Model and code submissions: sandboxed first, and what comes out is a file of predictions.

The sandbox is given the submission and the test inputs, never the answers. A trial on a few rows
comes first, because most mistakes show there, within a second.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from scoring.contract import (
    ColumnType,
    Layout,
    Limits,
    ModelFormat,
    ModelInterface,
    ScoringJob,
    Stage,
    SubmissionKind,
    TensorSpec,
)
from scoring.errors import BrokenCompetition, Problem
from scoring.modelinspection import inspect_model, inspect_program
from scoring.predictions import check_output, predictions_csv
from scoring.runners.npz import ArrayFile, Header
from scoring.verdicts import no_answer, verdict

TRIAL_ROWS = 8
TRIAL_SECONDS = 60
SCRATCH_BYTES = 64 * 1024**2
PREDICTIONS = "predictions.csv"
PRINTED = "output.txt"
PROGRAM = "program"

RUNTIMES: dict[ModelFormat, str] = {
    ModelFormat.ONNX: "onnxmodels",
    ModelFormat.TORCHSCRIPT: "torchmodels",
    ModelFormat.TORCH_EXPORT: "torchmodels",
    ModelFormat.SAFETENSORS: "torchmodels",
    ModelFormat.SKOPS: "sklearnmodels",
}

_UNREADABLE = (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, struct.error)

OnStage = Callable[[Stage], None]
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Machine:
    """What a worker lends to one prediction."""

    threads: int = 1
    device: str = "cpu"
    """``cpu`` or ``cuda``."""


@dataclass(frozen=True, slots=True)
class Task:
    """One start of a sandbox.

    Attributes:
        runtime: The runner's module.
        files: What lies in the runner's folder, by name.
        request: What it is asked for.
        limits: What it may use.
        scratch_bytes: How much it may write; kept in memory, so it counts there as well.
    """

    runtime: str
    files: Mapping[str, Path]
    request: Mapping[str, Any]
    limits: Limits
    scratch_bytes: int = SCRATCH_BYTES


class Answer(Protocol):
    """What came out of a sandbox: nothing that is to be believed."""

    @property
    def arrays(self) -> Mapping[str, NDArray[Any]]: ...

    @property
    def files(self) -> Mapping[str, bytes]: ...

    @property
    def fault(self) -> tuple[str, Mapping[str, object]] | None: ...


Run = Callable[[Task, OnProgress], Answer]
"""Runs a task in a sandbox. Raises what its limits say, or a fault of the platform."""


def predict(
    job: ScoringJob,
    run: Run,
    *,
    submission: Path,
    inputs: Path,
    folder: Path,
    machine: Machine,
    on_stage: OnStage,
    on_progress: OnProgress,
) -> Path:
    """The predictions of a model or program, as a file in the folder.

    Raises:
        InvalidSubmission: The model or program is at fault.
        BrokenCompetition: The interface or the test inputs are.
    """
    predictor: Predictor = (
        Program(job, submission, inputs, machine)
        if job.kind is SubmissionKind.CODE
        else Model(job, submission, inputs, machine)
    )
    if predictor.needs_trial:
        on_stage(Stage.TRYING)
        trial = predictor.task(TRIAL_ROWS)
        predictor.predictions(_answered(trial, run(trial, lambda *_: None)), TRIAL_ROWS)
    on_stage(Stage.PREDICTING)
    whole = predictor.task(None)
    content = predictor.predictions(_answered(whole, run(whole, on_progress)), None)
    path = folder / PREDICTIONS
    path.write_bytes(content)
    return path


class Predictor(Protocol):
    """A submission that predicts."""

    needs_trial: bool

    def task(self, rows: int | None) -> Task:
        """Predicting some rows, or all."""

    def predictions(self, answer: Answer, rows: int | None) -> bytes:
        """The predictions file that the answer makes."""


class Model:
    """A submitted model, with the test inputs checked against what the phase declares."""

    def __init__(self, job: ScoringJob, submission: Path, inputs: Path, machine: Machine) -> None:
        if job.model is None or job.inputs_file is None:
            raise ValueError("a job for a model has an interface and test inputs")
        self._job = job
        self._interface = job.model
        self._files = {"model": submission, "inputs.npz": inputs}
        self._machine = machine
        with submission.open("rb") as stream:
            self._format = inspect_model(
                stream, name=job.submission_file.name, interface=job.model, limits=job.limits
            )
        self._ids = read_ids(inputs, job.inputs_file.name, job.model, job.layout)
        self.needs_trial = len(self._ids) > TRIAL_ROWS

    def task(self, rows: int | None) -> Task:
        request = {
            "format": self._format.value,
            "interface": self._interface.to_json(),
            "rows": rows,
            "threads": self._machine.threads,
            "device": self._machine.device,
        }
        return Task(RUNTIMES[self._format], self._files, request, _limits(self._job.limits, rows))

    def predictions(self, answer: Answer, rows: int | None) -> bytes:
        ids = self._ids[:rows]
        output = answer.arrays.get("output")
        if output is None:
            raise no_answer(RUNTIMES[self._format])
        check_output(output, self._interface, len(ids))
        return predictions_csv(output, self._interface, ids, self._job.layout)


class Program:
    """A submitted program."""

    needs_trial = True

    def __init__(self, job: ScoringJob, submission: Path, inputs: Path, machine: Machine) -> None:
        if job.inputs_file is None:
            raise ValueError("a job for a program has test inputs")
        self._job = job
        self._files = {"model": submission, "inputs": inputs}
        self._inputs_name = job.inputs_file.name
        self._inputs_bytes = _unpacked_bytes(inputs, self._inputs_name)
        self._machine = machine
        with submission.open("rb") as stream:
            inspect_program(stream, name=job.submission_file.name, limits=job.limits)

    def task(self, rows: int | None) -> Task:
        limits = self._job.limits
        request = {
            "rows": rows,
            "threads": self._machine.threads,
            "inputs_name": self._inputs_name,
            "max_program_bytes": limits.unpacked_bytes,
            "max_output_bytes": limits.file_bytes,
        }
        scratch = SCRATCH_BYTES + limits.unpacked_bytes + limits.file_bytes + self._inputs_bytes
        return Task(PROGRAM, self._files, request, _limits(limits, rows), scratch)

    def predictions(self, answer: Answer, rows: int | None) -> bytes:  # noqa: ARG002 - it writes what it will
        content = answer.files.get(PREDICTIONS)
        if content is None:
            raise no_answer(PROGRAM, printed=answer.files.get(PRINTED, b""))
        return content


def read_ids(path: Path, name: str, interface: ModelInterface, layout: Layout) -> NDArray[Any]:
    """The ids of the test inputs, once every declared input is there as declared.

    Raises:
        BrokenCompetition: Something is missing or does not fit.
    """
    try:
        arrays = ArrayFile(path)
        problems = list(_inputs_problems(arrays, interface, layout))
        if problems:
            raise BrokenCompetition(*problems)
        return np.asarray(arrays[layout.id_column])
    except _UNREADABLE as error:
        reason = str(error)[:200] or type(error).__name__
        problem = Problem("inputs_unreadable", {"name": name, "reason": reason})
        raise BrokenCompetition(problem) from error


def _inputs_problems(
    arrays: ArrayFile, interface: ModelInterface, layout: Layout
) -> Iterator[Problem]:
    expected = {tensor.name: tensor for tensor in interface.inputs}
    missing = [name for name in (layout.id_column, *expected) if name not in arrays]
    if missing:
        yield from (Problem("inputs_missing", {"name": name}) for name in missing)
        return
    ids = arrays.header(layout.id_column)
    is_integer = layout.id_type is ColumnType.INTEGER
    if len(ids.shape) != 1 or ids.dtype.kind not in ("iu" if is_integer else "iuUS"):
        yield _mismatch(layout.id_column, ids, f"{layout.id_type.value} (n)")
        return
    if not ids.shape[0]:
        yield _mismatch(layout.id_column, ids, f"{layout.id_type.value} (1 or more)")
        return
    for name, tensor in expected.items():
        header = arrays.header(name)
        if not _fits(header, tensor, ids.shape[0]):
            wanted = ["any" if axis is None else axis for axis in tensor.shape]
            shape = ", ".join(map(str, [ids.shape[0], *wanted]))
            yield _mismatch(name, header, f"{tensor.dtype} ({shape})")


def _fits(header: Header, tensor: TensorSpec, rows: int) -> bool:
    wanted = (rows, *tensor.shape)
    return (
        header.dtype.newbyteorder("=") == np.dtype(tensor.dtype)
        and len(header.shape) == len(wanted)
        and all(axis in {None, found} for axis, found in zip(wanted, header.shape, strict=True))
    )


def _mismatch(name: str, header: Header, expected: str) -> Problem:
    found = f"{header.dtype} ({', '.join(map(str, header.shape))})"
    return Problem("inputs_mismatch", {"name": name, "found": found, "expected": expected})


def _unpacked_bytes(inputs: Path, name: str) -> int:
    """What the test inputs of a program take when they are laid out.

    Raises:
        BrokenCompetition: They are no zip file, though they are named so.
    """
    if not name.lower().endswith(".zip"):
        return inputs.stat().st_size
    try:
        with zipfile.ZipFile(inputs) as archive:
            return sum(member.file_size for member in archive.infolist())
    except _UNREADABLE as error:
        params: dict[str, str | int] = {"name": name, "reason": str(error)[:200]}
        raise BrokenCompetition(Problem("inputs_unreadable", params)) from error


def _answered(task: Task, answer: Answer) -> Answer:
    """The answer, unless it is a fault."""
    if answer.fault is not None:
        code, params = answer.fault
        raise verdict(
            task.runtime,
            code,
            params,
            printed=answer.files.get(PRINTED, b""),
            only_weights=task.request.get("format") == ModelFormat.SAFETENSORS.value,
        )
    return answer


def _limits(limits: Limits, rows: int | None) -> Limits:
    """A trial takes a minute at most, whatever the whole may take."""
    if rows is None:
        return limits
    return limits.model_copy(update={"seconds": min(limits.seconds, TRIAL_SECONDS)})
