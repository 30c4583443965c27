"""Control groups: the only complete bound on a job's memory and processes.

Version 1 (a tree a controller) and version 2 (one tree) are both known; which one is there, and
whether this process may make groups in it, is found out by making one. Version 2's limits were
written from the kernel's documentation; no machine that this was developed on has them.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
CONTROLLERS = ("memory", "pids", "cpu")
PERIOD = 100_000
REMOVAL_SECONDS = 5.0
PREFIX = "agon-"
LEAF = "agon-worker"
"""Where the worker itself moves in version 2, whose groups hold either processes or groups."""
STALE_SECONDS = 300.0
_WAITING_SHARES, _WORKING_SHARES = 512, 1024
_WAITING_WEIGHT, _WORKING_WEIGHT = 50, 100


class NoGroups(Exception):
    """Groups can't be made here; the text says why."""


@dataclass(frozen=True, slots=True)
class Group:
    """The control group of one job.

    Attributes:
        folders: Where it lies: one folder for each controller, or one for all.
        is_unified: Whether this is version 2.
    """

    folders: tuple[Path, ...]
    is_unified: bool

    @property
    def entrances(self) -> list[Path]:
        """The files that a process writes its number into to join."""
        return [folder / "cgroup.procs" for folder in self.folders]

    def limit(
        self, *, memory_bytes: int, processes: int, cores: float, is_waiting: bool = False
    ) -> None:
        """Set what the job may use; may be called again.

        Args:
            memory_bytes: Of all its processes together, and of what they keep in memory as files.
            processes: Processes and threads.
            cores: Processor time in a second.
            is_waiting: Whether it only gets ready, so that real work goes first.

        Raises:
            OSError: it uses more than that already.
        """
        quota = max(int(cores * PERIOD), 1000)
        if self.is_unified:
            (folder,) = self.folders
            _write(folder / "memory.max", memory_bytes)
            _write(folder / "memory.swap.max", 0, optional=True)
            _write(folder / "memory.oom.group", 1, optional=True)
            _write(folder / "pids.max", processes)
            _write(folder / "cpu.max", f"{quota} {PERIOD}")
            self.set_urgency(is_waiting=is_waiting)
            return
        memory, pids, cpu = self.folders
        # Memory with swap may never be less than memory, so it is lifted before either is raised.
        _write(memory / "memory.memsw.limit_in_bytes", -1, optional=True)
        _write(memory / "memory.limit_in_bytes", memory_bytes)
        _write(memory / "memory.memsw.limit_in_bytes", memory_bytes, optional=True)
        _write(memory / "memory.swappiness", 0, optional=True)
        _write(pids / "pids.max", processes)
        _write(cpu / "cpu.cfs_period_us", PERIOD)
        _write(cpu / "cpu.cfs_quota_us", quota)
        self.set_urgency(is_waiting=is_waiting)

    def set_urgency(self, *, is_waiting: bool) -> None:
        """Whether real work goes first; a process that ends is as urgent, as somebody waits for it."""
        if self.is_unified:
            weight = _WAITING_WEIGHT if is_waiting else _WORKING_WEIGHT
            _write(self.folders[0] / "cpu.weight", weight)
        else:
            shares = _WAITING_SHARES if is_waiting else _WORKING_SHARES
            _write(self.folders[2] / "cpu.shares", shares)

    def was_out_of_memory(self) -> bool:
        """Whether the kernel ended a process of the job for want of memory."""
        name = "memory.events" if self.is_unified else "memory.oom_control"
        return _counters(self.folders[0] / name).get("oom_kill", 0) > 0

    def was_out_of_processes(self) -> bool:
        """Whether the job was refused another process."""
        folder = self.folders[0] if self.is_unified else self.folders[1]
        return _counters(folder / "pids.events").get("max", 0) > 0

    def peak_memory(self) -> int | None:
        """The most bytes that the job had at once; None where the kernel does not say."""
        name = "memory.peak" if self.is_unified else "memory.max_usage_in_bytes"
        try:
            return int((self.folders[0] / name).read_text())
        except (OSError, ValueError):
            return None

    def processes(self) -> list[int]:
        """Who is in it."""
        try:
            return [int(line) for line in self.entrances[0].read_text().split()]
        except OSError:
            return []

    def remove(self) -> None:
        """End whoever is left, and remove the group."""
        # Ending takes processor time, too, and whoever waits has next to none on a busy machine.
        weight = _WORKING_WEIGHT if self.is_unified else _WORKING_SHARES
        name = "cpu.weight" if self.is_unified else "cpu.shares"
        _write(self.folders[-1] / name, weight, optional=True)
        deadline = time.monotonic() + REMOVAL_SECONDS
        while (left := self.processes()) and time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                _write(self.folders[0] / "cgroup.kill", 1)
            for process in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            time.sleep(0.002)
        for folder in self.folders:
            while True:
                try:
                    folder.rmdir()
                except FileNotFoundError:
                    break
                except OSError:
                    # A process that has ended leaves its group a moment later.
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.002)
                else:
                    break


def make_group() -> Group:
    """A new group below this process's own.

    Raises:
        NoGroups: this process may not.
    """
    name = f"{PREFIX}{os.getpid()}-{secrets.token_hex(4)}"
    made: list[Path] = []
    try:
        parents, is_unified = _parents()
        for parent in parents:
            folder = parent / name
            folder.mkdir()
            made.append(folder)
        group = Group(tuple(made), is_unified)
        group.limit(memory_bytes=2**30, processes=64, cores=1.0)
    except OSError as error:
        for folder in made:
            folder.rmdir()
        raise NoGroups(f"control groups can't be made here ({error.strerror})") from error
    return group


def remove_stale_groups() -> None:
    """Remove groups that a killed worker left: the kernel ended what was in them, as it should.

    A group that is only just made is empty, too, so only those that are old go.
    """
    try:
        parents, _ = _parents()
    except (NoGroups, OSError):
        return
    for parent in parents:
        for folder in parent.glob(f"{PREFIX}*-*"):
            with contextlib.suppress(OSError):
                if folder.name != LEAF and time.time() - folder.stat().st_mtime > STALE_SECONDS:
                    folder.rmdir()  # refused where anybody is in it


def _parents() -> tuple[list[Path], bool]:
    """The folders below which groups are made, and whether they are of version 2."""
    own = _own_groups()
    if all(controller in own for controller in CONTROLLERS):
        return [ROOT / controller / own[controller] for controller in CONTROLLERS], False
    parent = ROOT / own.get("", "")
    if parent.name == LEAF:
        parent = parent.parent
    if not (parent / "cgroup.subtree_control").exists():
        raise NoGroups("the control groups' file system is not mounted here")
    _delegate(parent)
    return [parent], True


def _own_groups() -> dict[str, str]:
    """The group of this process in each controller's tree; version 2 has one, named by nothing."""
    own: dict[str, str] = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        own |= dict.fromkeys(controllers.split(","), path.lstrip("/"))
    return own


def _delegate(parent: Path) -> None:
    """Let groups below have controllers: then no process may stay in the parent itself."""
    handed_down = (parent / "cgroup.subtree_control").read_text().split()
    if all(name in handed_down for name in CONTROLLERS):
        return
    leaf = parent / LEAF
    leaf.mkdir(exist_ok=True)
    for process in (parent / "cgroup.procs").read_text().split():
        # It may have ended; one of the kernel's own, in the topmost group, can't be moved.
        with contextlib.suppress(OSError):
            _write(leaf / "cgroup.procs", process)
    _write(parent / "cgroup.subtree_control", " ".join(f"+{name}" for name in CONTROLLERS))


def _counters(path: Path) -> dict[str, int]:
    try:
        lines = [line.split() for line in path.read_text().splitlines()]
    except OSError:
        return {}
    return {line[0]: int(line[1]) for line in lines if len(line) == 2}


def _write(path: Path, value: int | str, *, optional: bool = False) -> None:
    try:
        path.write_text(str(value))
    except OSError:
        if not optional:
            raise
