"""Runs the tasks of `scoring.models` and `scoring.hostmetrics` in the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from scoring.errors import BrokenCompetition, InvalidSubmission, Problem
from scoring.models import PRINTED, Task
from scoring.sandbox import ProgramFault, Sandbox, SandboxLimits, SandboxTask
from scoring.verdicts import ENDS, HOSTS_CODE

GPU_RUNTIMES = frozenset({"onnxmodels", "torchmodels", "program"})


@dataclass(frozen=True, slots=True)
class Answered:
    """What came out of one sandbox.

    Attributes:
        arrays: By name.
        files: By name; what was printed is one of them.
        fault: What the program, or the sandbox about it, says went wrong.
    """

    arrays: Mapping[str, NDArray[Any]]
    files: Mapping[str, bytes]
    fault: tuple[str, Mapping[str, object]] | None = None


class SandboxRun:
    """`scoring.models.Run`, by a sandbox."""

    def __init__(self, sandbox: Sandbox, *, threads: int, uses_gpu: bool) -> None:
        self._sandbox = sandbox
        self._threads = threads
        self._uses_gpu = uses_gpu

    def __call__(self, task: Task, on_progress: Callable[[int, int], None]) -> Answered:
        """Run one task.

        Raises:
            InvalidSubmission: it went over a limit.
            BrokenCompetition: it is the host's own code, and went over a limit.
            PlatformFault: the sandbox itself failed.
        """
        sandboxed = SandboxTask(
            runtime=task.runtime,
            files=task.files,
            request=task.request,
            limits=SandboxLimits(
                seconds=task.limits.seconds,
                memory_bytes=task.limits.memory_bytes,
                scratch_bytes=task.scratch_bytes,
                threads=self._threads,
            ),
            needs_gpu=self._uses_gpu and task.runtime in GPU_RUNTIMES,
        )
        try:
            result = self._sandbox.run(sandboxed, on_progress=on_progress)
        except ProgramFault as fault:
            if fault.code in LIMITS:
                problem = Problem(fault.code, fault.params)
                if task.runtime not in HOSTS_CODE:
                    raise InvalidSubmission(problem) from fault
                reason = {"reason": problem.sentence()}
                raise BrokenCompetition(Problem(ENDS[task.runtime], reason)) from fault
            return Answered({}, {PRINTED: fault.log.encode()}, (fault.code, fault.params))
        return Answered(result.arrays, {PRINTED: result.log.encode(), **result.files})


LIMITS = frozenset(
    {"time_limit_model", "memory_limit_model", "process_limit_model", "output_limit_model"}
)
"""Limits whose sentences the sandbox itself fills in."""
