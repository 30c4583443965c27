"""Sandboxed processes that are started ahead, load their libraries and wait for their one task."""

from __future__ import annotations

import logging
import secrets
import shutil
import subprocess
import time
from collections import defaultdict, deque
from dataclasses import dataclass
from pathlib import Path

from scoring.isolation.bubblewrap import (
    FIRST_USER,
    Interpreter,
    Mode,
    NoSandbox,
    Plan,
    check_starter,
    default_mode,
    find_bubblewrap,
    has_own_proc,
)
from scoring.isolation.cgroups import Group, NoGroups, make_group, remove_stale_groups
from scoring.isolation.process import PREFIX, NotStarted, Process
from scoring.isolation.seccomp import NoFilter, filter_program

logger = logging.getLogger(__name__)

WARM = 2
"""How many processes of a kind wait, once it was used; a model takes two, trial and whole."""
WARM_KINDS = 2
WARM_SECONDS = 120.0
"""How long a runtime may take to load."""
OLDEST_WARM = 900.0
"""Seconds after which a waiting process is replaced."""
USERS = 40_000
STALE_SECONDS = 3 * 3600.0
"""Longer than any process waits and works."""
EXTRA_PROCESSOR_SECONDS = 30
ALLOW_EVERYTHING = bytes([6, 0, 0, 0, 0, 0, 0xFF, 0x7F])
"""The filter ``return SECCOMP_RET_ALLOW``."""


class TooLittleMemory(Exception):
    """The runtime alone takes more than the task may."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is fixed when a process starts, before its task is known.

    Attributes:
        runtime: A module of `scoring.runners`.
        needs_gpu: Whether it sees the accelerator.
        scratch_bytes: What it may write to ``/tmp``.
        threads: For numerical libraries.
    """

    runtime: str
    needs_gpu: bool
    scratch_bytes: int
    threads: int


@dataclass(frozen=True, slots=True)
class Bounds:
    """What can still be changed when the task comes.

    Attributes:
        seconds: Time on the wall.
        memory_bytes: Of all its processes together.
        processes: Processes and threads.
    """

    seconds: float
    memory_bytes: int
    processes: int


class Pool:
    """Hands out warm processes.

    Without control groups the bounds are fixed at the start as well, so nothing is kept waiting.
    """

    def __init__(
        self,
        workspace: Path,
        *,
        interpreter: Interpreter | None = None,
        mode: Mode | None = None,
        user: int | None = None,
        with_groups: bool = True,
        with_filter: bool = True,
    ) -> None:
        """Find out what there is; nothing is started yet.

        Raises:
            NoSandbox: something that every sandbox needs is missing.
        """
        check_starter()
        self.mode = mode or default_mode()
        self._bubblewrap = find_bubblewrap()
        self._interpreter = interpreter or Interpreter.own()
        self._workspace = workspace
        self._user = user
        workspace.mkdir(parents=True, exist_ok=True)
        _remove_stale_slots(workspace)
        remove_stale_groups()
        self.has_groups = with_groups and _can_make_groups()
        self.has_own_proc = has_own_proc(self._bubblewrap, self.mode)
        try:
            # Where no group bounds memory, files in memory would escape every other limit.
            filtering = filter_program(memory_files=self.has_groups)
        except NoFilter as error:
            raise NoSandbox(str(error)) from error
        self._filter = filtering if with_filter else ALLOW_EVERYTHING
        self._waiting: dict[Kind, deque[Process]] = defaultdict(deque)

    def take(self, kind: Kind, bounds: Bounds) -> Process:
        """A warm process with these bounds; the caller closes it.

        Raises:
            NotStarted: the sandbox can't be started.
            TooLittleMemory: the bounds are too narrow for the runtime itself.
        """
        while (waiting := self._waiting_one(kind)) is not None:
            try:
                return _ready(waiting, kind, bounds)
            except NotStarted as error:
                logger.warning("a waiting sandbox had ended, so another one is taken: %s", error)
        return _ready(self._start(kind, bounds), kind, bounds)

    def refill(self, kind: Kind, bounds: Bounds) -> None:
        """Start processes for the next tasks of this kind; they get ready while nobody waits."""
        if not self.has_groups:
            return
        waiting = self._waiting[kind]
        try:
            while len(waiting) < WARM:
                waiting.append(self._start(kind, bounds, is_waiting=True))
        except (NotStarted, TooLittleMemory):
            logger.warning("no sandbox could be started ahead", exc_info=True)
        # The kind that was used last is the last; those that were not used lately make room.
        self._waiting[kind] = self._waiting.pop(kind)
        while len(self._waiting) > WARM_KINDS:
            for process in self._waiting.pop(next(iter(self._waiting))):
                close(process)

    def prepare(self, kind: Kind, bounds: Bounds) -> None:
        """Make sure that at least one process of this kind waits and is warm."""
        process = self.take(kind, bounds)
        self._waiting[kind].appendleft(process)

    def close(self) -> None:
        """End every waiting process."""
        for waiting in self._waiting.values():
            while waiting:
                close(waiting.popleft())

    def _waiting_one(self, kind: Kind) -> Process | None:
        waiting = self._waiting[kind]
        while waiting:
            process = waiting.popleft()
            if process.is_alive and time.monotonic() - process.started_at < OLDEST_WARM:
                return process
            close(process)
        return None

    def _start(self, kind: Kind, bounds: Bounds, *, is_waiting: bool = False) -> Process:
        try:
            group = self._group(kind, bounds, is_waiting=is_waiting)
            plan = self._plan(kind, bounds, has_group=group is not None)
            return Process(
                self._bubblewrap, plan, group, program=self._filter, workspace=self._workspace
            )
        except (NoGroups, OSError, subprocess.SubprocessError) as error:
            raise NotStarted(str(error)) from error

    def _group(self, kind: Kind, bounds: Bounds, *, is_waiting: bool) -> Group | None:
        if not self.has_groups:
            return None
        group = make_group()
        try:
            _limit(group, kind, bounds, is_waiting=is_waiting)
        except TooLittleMemory:
            group.remove()
            raise
        return group

    def _plan(self, kind: Kind, bounds: Bounds, *, has_group: bool) -> Plan:
        return Plan(
            mode=self.mode,
            user=self._user or FIRST_USER + secrets.randbelow(USERS),
            interpreter=self._interpreter,
            inputs=self._workspace,
            arguments=[kind.runtime],
            memory_bytes=bounds.memory_bytes,
            scratch_bytes=kind.scratch_bytes,
            processes=bounds.processes,
            threads=kind.threads,
            has_group=has_group,
            needs_gpu=kind.needs_gpu,
            has_own_proc=self.has_own_proc,
            seconds=int(bounds.seconds * kind.threads) + EXTRA_PROCESSOR_SECONDS,
        )


def close(process: Process) -> None:
    """End a process; what can't be cleaned up after it is no fault of its task."""
    try:
        process.close()
    except (OSError, subprocess.TimeoutExpired):
        logger.exception("a sandbox left something behind")


def _ready(process: Process, kind: Kind, bounds: Bounds) -> Process:
    """The process once it is warm and bounded; it is closed where that does not come about."""
    try:
        if process.group is not None:
            _limit(process.group, kind, bounds, is_waiting=False)
        process.wait_until_warm(time.monotonic() + WARM_SECONDS)
    except NotStarted as error:
        was_too_large = process.group is not None and process.group.was_out_of_memory()
        close(process)
        if was_too_large:
            raise TooLittleMemory from error
        raise
    except BaseException:
        close(process)
        raise
    return process


def _limit(group: Group, kind: Kind, bounds: Bounds, *, is_waiting: bool) -> None:
    try:
        group.limit(
            memory_bytes=bounds.memory_bytes,
            processes=bounds.processes,
            cores=float(kind.threads),
            is_waiting=is_waiting,
        )
    except OSError as error:
        raise TooLittleMemory from error


def _can_make_groups() -> bool:
    try:
        make_group().remove()
    except (NoGroups, OSError):
        return False
    return True


def _remove_stale_slots(workspace: Path) -> None:
    """Remove folders of inputs that a killed worker left."""
    for folder in workspace.glob(f"{PREFIX}*"):
        try:
            is_stale = time.time() - folder.stat().st_mtime > STALE_SECONDS
        except FileNotFoundError:
            continue
        if is_stale:
            shutil.rmtree(folder, ignore_errors=True)
