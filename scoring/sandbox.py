"""The only place that starts what strangers send.

A task runs in a process of its own that sees the system's programs and libraries, the Python
environment, the engine's code and the task's files, all read-only; it has no network, no secret, no
other process in sight and no privilege; its memory, time, processes and output are bounded, and
nothing of it is left afterwards. What comes out are typed arrays and bytes, checked; see
`scoring.isolation` for the parts, and docs/decisions/0009-the-sandbox.md for the reasons.

Processes are started ahead, load their libraries and wait; each takes one task and is killed.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from scoring.errors import Problem
from scoring.faults import PlatformFault, ScoringCrashed
from scoring.isolation.bubblewrap import Interpreter, Mode, NoSandbox
from scoring.isolation.frames import BadFrame, Received, TooMuch
from scoring.isolation.pool import Bounds, Kind, Pool, TooLittleMemory, close
from scoring.isolation.process import NotStarted, Process, TimeUp

__all__ = [
    "NoSandbox",
    "ProgramFault",
    "Sandbox",
    "SandboxLimits",
    "SandboxResult",
    "SandboxTask",
]

PROCESSES = 64 + 2 * (os.cpu_count() or 1)
"""Libraries start threads by the number of cores, whether they need them or not."""
MEGABYTE = 1024**2
OWN_CODES = frozenset(
    {"time_limit_model", "memory_limit_model", "process_limit_model", "output_limit_model"}
)
"""What is only ever found out here, and so not believed where the inside says it."""
CRASHED = "program_crashed"


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """What one task may use.

    Attributes:
        seconds: Time on the wall, from the request on.
        memory_bytes: Of all its processes together.
        processes: Processes and threads at once.
        scratch_bytes: What it may write to ``/tmp``.
        output_bytes: What it may send back.
        threads: Processor cores.
    """

    seconds: float = 60.0
    memory_bytes: int = 2 * 1024**3
    processes: int = PROCESSES
    scratch_bytes: int = 256 * 1024**2
    output_bytes: int = 256 * 1024**2
    threads: int = 1


@dataclass(frozen=True, slots=True)
class SandboxTask:
    """What to run.

    Attributes:
        runtime: A module of `scoring.runners`.
        files: What it is shown in ``/in``, by name.
        request: What it is asked for; plain JSON.
        limits: What it may use.
        needs_gpu: Whether it is shown the accelerator; not tried on a machine that has one.
    """

    runtime: str
    files: Mapping[str, Path]
    request: Mapping[str, Any]
    limits: SandboxLimits = SandboxLimits()
    needs_gpu: bool = False


@dataclass(frozen=True, slots=True)
class SandboxResult:
    """What came out; typed, sized and otherwise not to be believed.

    Attributes:
        arrays: By name.
        files: By name.
        log: What was printed, cut; for display.
        seconds: How long it took.
        peak_memory: Bytes; None where the kernel does not say.
    """

    arrays: Mapping[str, NDArray[Any]]
    files: Mapping[str, bytes]
    log: str = ""
    seconds: float = 0.0
    peak_memory: int | None = None


class ProgramFault(Exception):
    """The program failed, not the sandbox.

    Attributes:
        code: What a limit is called, or what the runner said.
        params: Values for its sentence.
        log: What was printed, cut.
    """

    def __init__(self, code: str, params: Mapping[str, str | int], log: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.params = params
        self.log = log


class Sandbox:
    """Runs one task after another, each in a process of its own.

    To be made and used by one thread that lives as long as the worker: the kernel ends a sandboxed
    process with the thread that started it.
    """

    def __init__(
        self,
        *,
        workspace: Path,
        interpreter: Interpreter | None = None,
        mode: Mode | None = None,
        user: int | None = None,
        with_groups: bool = True,
        with_filter: bool = True,
    ) -> None:
        """Find out what there is; nothing is started yet.

        Args:
            workspace: A folder for the inputs of waiting processes.
            interpreter: The Python that runs inside; this one by default.
            mode: Who starts the sandbox; by default what fits this process.
            user: Whom root becomes; by default somebody else for each process.
            with_groups: Whether to use control groups where they can be made.
            with_filter: False only for the tests that prove that the filter is needed.

        Raises:
            NoSandbox: something that every sandbox needs is missing.
        """
        self._owner = _this_thread()
        self._pool = Pool(
            workspace,
            interpreter=interpreter,
            mode=mode,
            user=user,
            with_groups=with_groups,
            with_filter=with_filter,
        )
        self.mode = self._pool.mode
        self.has_groups = self._pool.has_groups
        self.has_own_proc = self._pool.has_own_proc

    def run(
        self, task: SandboxTask, *, on_progress: Callable[[int, int], None] = lambda *_: None
    ) -> SandboxResult:
        """Run a task.

        Raises:
            ProgramFault: it went over a limit, or ended without a result.
            PlatformFault: the sandbox could not be set up.
        """
        self._check_thread()
        try:
            result = self._run(task, on_progress)
        except ProgramFault:
            self._pool.refill(_kind(task), _bounds(task))
            raise
        self._pool.refill(_kind(task), _bounds(task))
        return result

    def prepare(
        self, runtime: str, *, limits: SandboxLimits | None = None, needs_gpu: bool = False
    ) -> None:
        """Start a process ahead for tasks with these limits, and wait until it is warm.

        Raises:
            PlatformFault: the sandbox could not be set up.
        """
        self._check_thread()
        task = SandboxTask(runtime, {}, {}, limits or SandboxLimits(), needs_gpu)
        try:
            self._pool.prepare(_kind(task), _bounds(task))
        except (NotStarted, TooLittleMemory) as error:
            raise PlatformFault(Problem("sandbox_failed")) from ScoringCrashed(str(error))

    def close(self) -> None:
        """End every waiting process."""
        self._pool.close()

    def _run(self, task: SandboxTask, on_progress: Callable[[int, int], None]) -> SandboxResult:
        try:
            process = self._pool.take(_kind(task), _bounds(task))
        except NotStarted as error:
            raise PlatformFault(Problem("sandbox_failed")) from ScoringCrashed(str(error))
        except TooLittleMemory:
            raise _memory_fault(task, "") from None
        began = time.monotonic()
        try:
            received = _converse(process, task, began, on_progress)
            if received.fault is not None or not received.is_done:
                raise _failure(process, task, received)
            peak = None if process.group is None else process.group.peak_memory()
        finally:
            close(process)
        seconds = time.monotonic() - began
        return SandboxResult(received.arrays, received.files, process.log.text(), seconds, peak)

    def _check_thread(self) -> None:
        if _this_thread() != self._owner:
            raise RuntimeError("a sandbox is used by the thread that made it, and by no other")


def _converse(
    process: Process, task: SandboxTask, began: float, on_progress: Callable[[int, int], None]
) -> Received:
    limits = task.limits
    try:
        return process.run(
            task.files,
            task.request,
            deadline=began + limits.seconds,
            limit=limits.output_bytes,
            on_progress=on_progress,
        )
    except TimeUp:
        seconds = max(int(limits.seconds), 1)
        raise ProgramFault("time_limit_model", {"seconds": seconds}, process.log.text()) from None
    except TooMuch:
        megabytes = limits.output_bytes // MEGABYTE
        params = {"megabytes": megabytes}
        raise ProgramFault("output_limit_model", params, process.log.text()) from None
    except BadFrame:
        raise ProgramFault(CRASHED, {}, process.log.text()) from None


def _failure(process: Process, task: SandboxTask, received: Received) -> ProgramFault:
    """Why there is no result; what the kernel saw explains more than what the runner says."""
    log, group = process.log.text(), process.group
    if group is not None and group.was_out_of_memory():
        return _memory_fault(task, log)
    if group is not None and group.was_out_of_processes():
        return ProgramFault("process_limit_model", {"limit": task.limits.processes}, log)
    if received.fault is None or received.fault[0] in OWN_CODES:
        return ProgramFault(CRASHED, {}, log)
    return ProgramFault(*received.fault, log)


def _memory_fault(task: SandboxTask, log: str) -> ProgramFault:
    megabytes = task.limits.memory_bytes // MEGABYTE
    return ProgramFault("memory_limit_model", {"megabytes": megabytes}, log)


def _kind(task: SandboxTask) -> Kind:
    limits = task.limits
    return Kind(task.runtime, task.needs_gpu, limits.scratch_bytes, limits.threads)


def _bounds(task: SandboxTask) -> Bounds:
    return Bounds(task.limits.seconds, task.limits.memory_bytes, task.limits.processes)


def _this_thread() -> tuple[int, int]:
    return os.getpid(), threading.get_ident()
