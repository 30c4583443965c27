"""Which scoring workers are alive, and whether they may run models and programs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from agon.competitions.models import Phase
from agon.submissions.models import Submission, Worker
from scoring.contract import Abilities, ModelFormat, SubmissionKind

SANDBOXED = {"full", "degraded"}
PYTHON = "python"


@dataclass(frozen=True, slots=True)
class Hindrance:
    """A worker that keeps models and programs of a queue waiting, and why it can't run them."""

    worker: str
    reason: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the models and programs of a phase can run at the moment.

    Attributes:
        workers: How many workers take its queue.
        hindrances: Those of them that can't run everything that the phase takes.
    """

    capability: str
    workers: int
    hindrances: tuple[Hindrance, ...]

    @property
    def is_ready(self) -> bool:
        return self.workers > 0 and not self.hindrances


def alive(capability: str) -> QuerySet[Worker]:
    since = timezone.now() - timedelta(seconds=settings.WORKER_ALIVE_SECONDS)
    return Worker.objects.filter(capability=capability, last_seen_at__gte=since)


def workers_alive(capability: str) -> int:
    return alive(capability).count()


def may_be_sent(submission: Submission) -> bool:
    """Whether whoever takes it from its queue can run it.

    Workers of one queue take turns, so one that has no sandbox would get some of the models. They
    all wait until it is mended or stopped, which the operations page asks for.
    """
    if not submission.phase.needs_sandbox(submission.submission_kind):
        return True
    runtimes = (submission.runtime,) if submission.runtime else ()
    return readiness(submission.capability.value, runtimes).is_ready


def readiness_of(phase: Phase) -> Readiness | None:
    """The same for all that a phase takes; None where nothing of it needs a sandbox."""
    needed: dict[str, list[str]] = {}
    for kind in phase.submission_kinds:
        if phase.needs_sandbox(kind):
            runtimes = needed.setdefault(phase.capability_of(kind).value, [])
            runtimes += _runtimes(phase, kind)
    found = [readiness(capability, tuple(names)) for capability, names in needed.items()]
    return next((one for one in found if not one.is_ready), found[0] if found else None)


def _runtimes(phase: Phase, kind: SubmissionKind) -> list[str]:
    if kind in {SubmissionKind.CODE, SubmissionKind.FILES}:
        return [PYTHON]
    interface = phase.model_interface
    if kind is SubmissionKind.MODEL and interface is not None:
        return [format_.value for format_ in interface.formats]
    return []


def readiness(capability: str, runtimes: tuple[str, ...]) -> Readiness:
    found = [(worker.name, worker.can_do) for worker in alive(capability)]
    return Readiness(
        capability=capability,
        workers=len(found),
        hindrances=tuple(
            Hindrance(worker=name, reason=can.sandbox_reason, missing=missing_of(can, runtimes))
            for name, can in found
            if can.sandbox not in SANDBOXED or missing_of(can, runtimes)
        ),
    )


def missing_of(abilities: Abilities, runtimes: tuple[str, ...]) -> tuple[str, ...]:
    """The runtimes that a worker lacks, by names for people; none where it has no sandbox at all."""
    if abilities.sandbox not in SANDBOXED:
        return ()
    return tuple(name_of(runtime) for runtime in runtimes if runtime not in abilities.runtimes)


def name_of(runtime: str) -> str:
    return {
        PYTHON: "Python",
        ModelFormat.ONNX.value: "ONNX",
        ModelFormat.TORCHSCRIPT.value: "TorchScript",
        ModelFormat.TORCH_EXPORT.value: "torch.export",
        ModelFormat.SAFETENSORS.value: "safetensors",
        ModelFormat.SKOPS.value: "skops",
    }.get(runtime, runtime)
