"""What crosses the queue between the site and a scoring worker.

The site sends a `ScoringJob`; the worker answers with `Heartbeat`s and one `ScoringResult`.
All are plain JSON on the wire, frozen in memory and versioned: a worker that meets a version
it does not know answers with a platform fault instead of guessing.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

CONTRACT_VERSION = 1

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
    SCORING = "scoring"
    REPORTING = "reporting"


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


class MetricSpec(_Message):
    """One metric of a phase.

    Attributes:
        name: A key of `scoring.metrics.descriptions.METRICS`.
        target: The solution's column with the truth.
        prediction: The submission's column(s) with the answer, in the metric's order.
        parameters: The metric's own options.
    """

    name: str
    target: str
    prediction: tuple[str, ...]
    parameters: dict[str, str | int | float | bool | list[str] | list[int]] = {}


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


class ScoringJob(_Message):
    """One attempt at scoring one submission. The token is the only proof of being that attempt."""

    version: Literal[1] = 1
    submission: int
    attempt: int
    token: str
    submission_file: FileReference
    solution_file: FileReference
    layout: Layout
    metrics: Annotated[tuple[MetricSpec, ...], Field(min_length=1)]
    limits: Limits = Limits()
    expires_at: float
    """Unix time after which nobody waits for this attempt any more."""


class Score(_Message):
    """One number and what made it (after sacreBLEU's signatures)."""

    metric: str
    split: Split
    value: Annotated[float, AfterValidator(_finite)]
    rows: Annotated[int, Field(ge=0)]
    signature: str


class ReportedProblem(_Message):
    """A `scoring.errors.Problem` on the wire."""

    code: Annotated[str, Field(max_length=100)]
    params: dict[str, str | int] = {}
    count: int = 0
    examples: Annotated[tuple[str, ...], Field(max_length=10)] = ()


class ScoringResult(_Message):
    """How one attempt ended."""

    version: Literal[1] = 1
    token: str
    outcome: Outcome
    owner: Owner | None = None
    problems: Annotated[tuple[ReportedProblem, ...], Field(max_length=20)] = ()
    scores: tuple[Score, ...] = ()
    seconds: dict[str, float] = {}
    worker: Annotated[str, Field(max_length=200)] = ""


class Heartbeat(_Message):
    """A sign of life of a running attempt; losing one harms nothing."""

    version: Literal[1] = 1
    token: str
    stage: Stage
    worker: Annotated[str, Field(max_length=200)] = ""


class WorkerReport(_Message):
    """A sign of life of a worker itself, so that the site knows which capabilities are served."""

    version: Literal[1] = 1
    worker: Annotated[str, Field(max_length=200)]
    capability: Capability
    busy: bool = False
