"""What crosses the queue between the site and a scoring worker.

The site sends a `ScoringJob`; the worker answers with `Heartbeat`s and one `ScoringResult`.
All are plain JSON on the wire, frozen in memory and versioned: a worker that meets a version
it does not know answers with a platform fault instead of guessing.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Base64Bytes,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
)

CONTRACT_VERSION = 3

SCORE_TASK = "scoring.score"
RESULT_TASK = "submissions.record_result"
HEARTBEAT_TASK = "submissions.record_heartbeat"
WORKER_TASK = "submissions.record_worker"
RESULTS_QUEUE = "results"


class Capability(StrEnum):
    """What a worker must have to take a job; each has its own queue."""

    CPU = "cpu"
    GPU = "gpu"

    @property
    def queue(self) -> str:
        return f"scoring.{self.value}"


class Split(StrEnum):
    """Which rows of the solution a score is about."""

    PUBLIC = "public"
    PRIVATE = "private"


class Outcome(StrEnum):
    """How scoring ended; each is also a terminal state of a submission."""

    SCORED = "scored"
    REJECTED = "rejected"
    FAILED = "failed"


class Owner(StrEnum):
    """Whose fault a refusal is, and so who is told and who pays for it."""

    PARTICIPANT = "participant"
    HOST = "host"
    PLATFORM = "platform"


class Stage(StrEnum):
    """Where a running attempt is; shown to the participant."""

    FETCHING = "fetching"
    READING = "reading"
    TRYING = "trying"
    """A model or program is tried on a few rows first."""
    PREDICTING = "predicting"
    """A model or program predicts the whole hidden test set."""
    SCORING = "scoring"
    REPORTING = "reporting"


class SubmissionKind(StrEnum):
    """What a participant sends."""

    PREDICTIONS = "predictions"
    MODEL = "model"
    CODE = "code"
    FILES = "files"
    """A zip file that the phase's own scoring program reads."""


class ModelFormat(StrEnum):
    """The formats of submitted models; each runs in the sandbox only."""

    ONNX = "onnx"
    TORCHSCRIPT = "torchscript"
    TORCH_EXPORT = "torch_export"
    SAFETENSORS = "safetensors"
    SKOPS = "skops"


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def to_json(self) -> dict[str, Any]:
        """A dictionary of plain JSON values, ready for the broker."""
        return self.model_dump(mode="json")


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("a score must be a finite number")
    return value


class FileReference(_Message):
    """A file that the worker may fetch for a short while, and how to know that it is whole."""

    url: str
    name: str
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=0)]


class ColumnType(StrEnum):
    """What the values of a submission's column must be."""

    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    SEQUENCE = "sequence"
    """Text of values with spaces between them; it may be empty, which means none."""


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Parameter = str | int | float | bool | list[str] | list[int] | list[float]


class MetricSpec(_Message):
    """One metric of a phase.

    Attributes:
        name: A key of `scoring.metrics.descriptions.METRICS`.
        target: The solution's column(s) with the truth.
        prediction: The submission's column(s) with the answer, in the metric's order.
        parameters: The metric's own options.
        weights: The solution's column with each row's weight; all weigh the same without it.
    """

    name: str
    target: Annotated[tuple[str, ...], BeforeValidator(_one_or_more), Field(min_length=1)]
    prediction: tuple[str, ...]
    parameters: dict[str, Parameter] = {}
    weights: str | None = None


class Layout(_Message):
    """How a phase's files look: the same for the site's check at the door and the worker's."""

    id_column: str
    id_type: ColumnType = ColumnType.INTEGER
    columns: dict[str, ColumnType]
    usage_column: str = "Usage"


class Limits(_Message):
    """What one attempt may use. Going over is a verdict, not a crash."""

    seconds: Annotated[int, Field(gt=0)] = 60
    memory_bytes: Annotated[int, Field(gt=0)] = 4 * 1024**3
    file_bytes: Annotated[int, Field(gt=0)] = 20 * 1024**2
    unpacked_bytes: Annotated[int, Field(gt=0)] = 500 * 1024**2


TensorType = Literal["float32", "float64", "int64", "int32", "uint8", "bool"]


class TensorSpec(_Message):
    """A tensor that goes into a model or comes out of it.

    Attributes:
        name: Its name; where a format has no names, the order counts.
        dtype: The type of its elements.
        shape: Its shape without the first axis, which is the batch; None where a length is free.
    """

    name: Annotated[str, Field(min_length=1, max_length=100)]
    dtype: TensorType = "float32"
    shape: tuple[Annotated[int, Field(gt=0)] | None, ...] = ()


class OutputMeaning(StrEnum):
    """How a model's output becomes prediction columns."""

    CLASS_SCORES = "class_scores"
    """Shape (n, classes): the label of the highest value is the answer."""
    LOGITS = "logits"
    """Shape (n, classes): their softmax are the probabilities, one column a class."""
    VALUES = "values"
    """Shape (n,) or (n, columns): written as they are; labels, numbers or probabilities."""


class Architecture(_Message):
    """A network that the platform owns, for formats that hold weights only."""

    name: Literal["cnn", "lstm", "transformer"]
    config: dict[str, int | float | str | bool | list[int]] = {}


class ModelInterface(_Message):
    """What a phase declares of the models that it takes.

    Attributes:
        formats: The formats that it takes.
        inputs: The tensors that the model is given, in the order of its arguments.
        output: The tensor that it must give back.
        meaning: How the output becomes prediction columns.
        labels: The label of each class, in the order of the output; 0, 1, 2, … by default.
        batch_size: How many rows the model is given at once.
        precision: fp32 agrees across workers; bf16 is faster, and may change scores.
        architecture: The network behind safetensors weights.
    """

    formats: Annotated[tuple[ModelFormat, ...], Field(min_length=1)]
    inputs: Annotated[tuple[TensorSpec, ...], Field(min_length=1, max_length=16)]
    output: TensorSpec
    meaning: OutputMeaning = OutputMeaning.CLASS_SCORES
    labels: tuple[str, ...] | tuple[int, ...] = ()
    batch_size: Annotated[int, Field(gt=0, le=65_536)] = 128
    precision: Literal["fp32", "bf16"] = "fp32"
    architecture: Architecture | None = None


class ScoringJob(_Message):
    """One attempt at scoring one submission. The token is the only proof of being that attempt.

    Attributes:
        kind: What the submission is.
        model: What the phase declares of models; for submissions of that kind.
        inputs_file: The hidden test inputs of models (.npz) and programs (.zip or any one file).
        metric_files: The host's own metrics, by the names that `metrics` call them.
        scoring_program: The zip file with the host's scoring program, for submissions of files; the
            solution is then the zip file with its reference data, and a metric's target is the key
            of its score.
        command: How that is started.
        seed: What the bootstrap's weights are made from; the same for all of a phase.
    """

    version: Literal[3] = 3
    submission: int
    attempt: int
    token: str
    submission_file: FileReference
    solution_file: FileReference
    layout: Layout
    metrics: Annotated[tuple[MetricSpec, ...], Field(min_length=1)]
    limits: Limits = Limits()
    kind: SubmissionKind = SubmissionKind.PREDICTIONS
    model: ModelInterface | None = None
    inputs_file: FileReference | None = None
    metric_files: dict[str, FileReference] = {}
    scoring_program: FileReference | None = None
    command: Annotated[str, Field(max_length=1000)] = ""
    seed: int = 0
    expires_at: float
    """Unix time after which nobody waits for this attempt any more."""


class Score(_Message):
    """One number and what made it (after sacreBLEU's signatures).

    Attributes:
        metric: The metric's name.
        split: The rows that it is about.
        value: The number.
        rows: How many rows there are.
        signature: What made it; two scores compare if these agree.
        low: The lower end of the 95 % interval; None where there is none.
        high: Its upper end.
        replicates: The bootstrap's values as little-endian float64; empty where there are none.
            They say as much as the score does, so they are as secret.
    """

    metric: str
    split: Split
    value: Annotated[float, AfterValidator(_finite)]
    rows: Annotated[int, Field(ge=0)]
    signature: str
    low: Annotated[float, AfterValidator(_finite)] | None = None
    high: Annotated[float, AfterValidator(_finite)] | None = None
    replicates: Annotated[Base64Bytes, Field(max_length=16_384)] = b""


class ReportedProblem(_Message):
    """A `scoring.errors.Problem` on the wire."""

    code: Annotated[str, Field(max_length=100)]
    params: dict[str, str | int] = {}
    count: int = 0
    examples: Annotated[tuple[str, ...], Field(max_length=10)] = ()


class ScoringResult(_Message):
    """How one attempt ended."""

    version: Literal[3] = 3
    token: str
    outcome: Outcome
    owner: Owner | None = None
    problems: Annotated[tuple[ReportedProblem, ...], Field(max_length=20)] = ()
    scores: tuple[Score, ...] = ()
    seconds: dict[str, float] = {}
    worker: Annotated[str, Field(max_length=200)] = ""


class Heartbeat(_Message):
    """A sign of life of a running attempt; losing one harms nothing."""

    version: Literal[3] = 3
    token: str
    stage: Stage
    progress: Annotated[float, Field(ge=0, le=1)] | None = None
    worker: Annotated[str, Field(max_length=200)] = ""


class Abilities(_Message):
    """What a worker can do, as it found out itself when it started.

    Attributes:
        sandbox: How models and programs are kept apart: ``full``, ``degraded`` (no cgroups can
            be made here; other limits hold), or ``none``, and then it never runs them.
        sandbox_reason: Why it is not ``full``; for the operator.
        runtimes: The model formats that it can run, and ``python`` for programs.
        device: The accelerator's name, such as ``NVIDIA H100``; empty without one.
        device_memory: Its memory in bytes.
    """

    sandbox: Literal["full", "degraded", "none"] = "none"
    sandbox_reason: Annotated[str, Field(max_length=500)] = ""
    runtimes: Annotated[tuple[str, ...], Field(max_length=20)] = ()
    device: Annotated[str, Field(max_length=200)] = ""
    device_memory: Annotated[int, Field(ge=0)] = 0


class WorkerReport(_Message):
    """A sign of life of a worker itself, so that the site knows which capabilities are served."""

    version: Literal[3] = 3
    worker: Annotated[str, Field(max_length=200)]
    capability: Capability
    busy: bool = False
    abilities: Abilities = Abilities()
