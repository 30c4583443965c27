"""Runs one attack: inside the sandbox, and without one to show that it would work."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil

from scoring.isolation.bubblewrap import Mode
from scoring.isolation.cgroups import ROOT as GROUPS
from scoring.runners.program import LAUNCHER
from scoring.sandbox import ProgramFault, Sandbox, SandboxLimits, SandboxTask
from tests.security.hostile import unprivileged
from tests.security.hostile.arena import Arena, sibling
from tests.security.hostile.catalogue import REPORT, Attack, Control

PROGRAMS = Path(__file__).parent / "programs"
MEGABYTE = 1024**2
CONTROL_SECONDS = 60
LIMITS = SandboxLimits(
    memory_bytes=256 * MEGABYTE,
    processes=64,
    scratch_bytes=64 * MEGABYTE,
    output_bytes=8 * MEGABYTE,
)
REQUEST = {
    "rows": None,
    "threads": 1,
    "inputs_name": "test.csv",
    "max_program_bytes": 20 * MEGABYTE,
    "max_output_bytes": 2 * MEGABYTE,
}
Make = Callable[[], Sandbox]


@dataclass
class Outcome:
    """What became of one attack.

    Attributes:
        name: The attack.
        verdict: ``report``, or the fault's code.
        worked: What worked inside, and was not meant to.
        leaks: Which secrets came out.
        survivors: What was left behind.
        wrong_end: Whether it ended otherwise than it may.
        control: Whether it works without a sandbox; None where that is not tried.
        missing: What should have worked without a sandbox and did not.
        refused: Why the rest did not work inside.
        seconds: How long it took inside.
    """

    name: str
    verdict: str = ""
    worked: dict[str, str] = field(default_factory=dict)
    leaks: list[str] = field(default_factory=list)
    survivors: list[str] = field(default_factory=list)
    wrong_end: bool = False
    control: bool | None = None
    missing: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    log: str = ""
    seconds: float = 0.0

    @property
    def is_held(self) -> bool:
        """Whether the sandbox kept everything that it promises."""
        return not (self.worked or self.leaks or self.survivors or self.wrong_end)


def limits_of(attack: Attack) -> SandboxLimits:
    """All attacks may use the same, for a time of their own."""
    return replace(LIMITS, seconds=attack.seconds)


def packed(attack: Attack, target: dict[str, Any]) -> bytes:
    """The zip file that a participant would send."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path in sorted(PROGRAMS.glob("*.py")):
            archive.writestr(path.name, path.read_bytes())
        archive.writestr("target.json", json.dumps({**target, "attack": attack.name}))
    return stream.getvalue()


def attempt(attack: Attack, arena: Arena, make: Make) -> Outcome:
    """Run an attack inside, and look at what came of it."""
    outcome = Outcome(attack.name)
    sandbox = make()
    try:
        sandbox.prepare("program", limits=limits_of(attack))
        user = slot_user()
        with sibling(arena, user) as other:
            result, seen = _run(sandbox, attack, arena, other.pid, outcome)
            is_alive = other.poll() is None
    finally:
        sandbox.close()
    outcome.leaks = arena.leaks(seen)
    outcome.worked = {
        name: text
        for name, text in result.get("worked", {}).items()
        if name not in attack.by_design or sandbox.mode is not Mode.USERNS
    }
    outcome.refused = result.get("refused", {})
    if not is_alive:
        outcome.worked["a process outside was killed"] = ""
    for path in arena.markers.iterdir():
        outcome.worked[f"a file outside: {path.name}"] = ""
        path.unlink()
    outcome.survivors = list(survivors(arena, user))
    outcome.wrong_end = outcome.verdict not in attack.ends
    return outcome


def _run(
    sandbox: Sandbox, attack: Attack, arena: Arena, other: int, outcome: Outcome
) -> tuple[dict[str, Any], bytes]:
    """What the attack reports, and every byte that came out."""
    target = {
        **arena.target(),
        "sibling": other,
        "processes": LIMITS.processes,
        "memory": LIMITS.memory_bytes,
        "scratch": LIMITS.scratch_bytes,
    }
    model, inputs = arena.folder / "model", arena.folder / "inputs"
    model.write_bytes(packed(attack, target))
    inputs.write_text("id\n1\n2\n")
    task = SandboxTask("program", {"model": model, "inputs": inputs}, REQUEST, limits_of(attack))
    began = time.monotonic()
    try:
        result = sandbox.run(task)
    except ProgramFault as fault:
        outcome.verdict = fault.code
        outcome.log = fault.log
        outcome.seconds = time.monotonic() - began
        return {}, f"{fault.log}{fault.params}".encode()
    outcome.verdict = REPORT
    outcome.seconds = time.monotonic() - began
    outcome.log = result.log
    seen = b"".join([result.log.encode(), *result.files.values()])
    return json.loads(result.files["predictions.csv"]), seen


def control(attack: Attack, arena: Arena) -> list[str]:
    """Run an attack without a sandbox; gives what should have worked and did not."""
    folder = Path(tempfile.mkdtemp(prefix="agon-control-", dir="/var/tmp"))
    folder.chmod(0o777)
    try:
        with sibling(arena, unprivileged.BYSTANDER) as other:
            target = {**arena.target(), "sibling": other.pid}
            worked = _run_bare(attack, arena, folder, target)
            if attack.name == "processes.killing" and other.poll() is not None:
                worked.add("kill -1")
    finally:
        shutil.rmtree(folder)
    for path in arena.markers.iterdir():
        path.unlink()
    return [name for name in attack.works if name not in worked]


def _run_bare(attack: Attack, arena: Arena, folder: Path, target: dict[str, Any]) -> set[str]:
    program, inputs, output = folder / "program", folder / "inputs", folder / "output"
    with zipfile.ZipFile(io.BytesIO(packed(attack, target))) as archive:
        archive.extractall(program)
    inputs.mkdir()
    output.mkdir()
    output.chmod(0o777)
    answer = output / "predictions.csv"
    argv = [sys.executable, "-I", "-B", "-c", LAUNCHER, *map(str, (program, inputs, answer))]
    subprocess.run(
        unprivileged.command(argv, unprivileged.BYSTANDER),
        cwd="/",
        capture_output=True,
        timeout=CONTROL_SECONDS,
        check=False,
    )
    if attack.control is Control.READ:
        return set(arena.leaks(answer.read_bytes()))  # as a careless worker would
    try:
        return set(json.loads(answer.read_text())["worked"])
    except FileNotFoundError:
        return set()


def can_control(attack: Attack) -> bool:
    """Whether this process can run the attack's control without harm to itself."""
    if attack.control is Control.ROOT:
        return os.geteuid() == 0
    return attack.control is not Control.NONE


def slot_user() -> int:
    """The user of the process that waits inside: the deepest child of this one."""
    children = psutil.Process().children(recursive=True)
    return children[-1].uids().real


def survivors(arena: Arena, user: int) -> Iterable[str]:
    """Processes, control groups and folders that the sandbox has left."""
    name = f"agon-{os.getpid()}-"
    # Somebody's own user may have other processes on this machine.
    is_nobody_else = unprivileged.is_made_up(user) or user != os.getuid()
    own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    for process in psutil.process_iter(["pid", "status", "uids", "name"]):
        if process.pid in own or process.info["status"] == psutil.STATUS_ZOMBIE:
            continue
        is_of_slot = is_nobody_else and process.info["uids"].real == user
        if is_of_slot or name in _groups_of(process.pid):
            yield f"process {process.info['name']}"
    # os.walk passes over the groups that other sandboxes take away meanwhile; Path.glob raises.
    for _, groups, _ in os.walk(GROUPS):
        yield from (f"group {group}" for group in groups if group.startswith(name))
    for folder in arena.workspace.iterdir():
        yield f"folder {folder.name}"


def _groups_of(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cgroup").read_text()
    except OSError:
        return ""
