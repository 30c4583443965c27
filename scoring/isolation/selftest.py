"""Whether the sandbox keeps what it promises on this machine: asked inside a real one.

A worker runs this when it starts. Any miss means that it never runs a model or a program.
"""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from scoring.faults import PlatformFault
from scoring.isolation.bubblewrap import NoSandbox
from scoring.sandbox import ProgramFault, Sandbox, SandboxLimits, SandboxTask

MAX_PROCESSES = 4
"""bubblewrap's own, the shell's or setpriv's, and the runner's."""
LIMITS = SandboxLimits(
    seconds=20, memory_bytes=256 * 1024**2, processes=32, scratch_bytes=16 * 1024**2
)
EXPECTED_NAMES = frozenset(
    {
        "PATH", "HOME", "LANG", "PWD", "LC_CTYPE", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS", "CUDA_CACHE_PATH", "ORT_DISABLE_TELEMETRY",
    }
)  # fmt: skip
NO_GROUPS = (
    "control groups can't be made here, so memory is bounded for each process only; give the worker "
    "a writable cgroup, and run it in a container with a memory limit"
)


@dataclass(frozen=True, slots=True)
class Check:
    """One promise: its name, whether it is kept, and what was seen."""

    name: str
    is_kept: bool
    seen: str = ""


@dataclass(frozen=True, slots=True)
class SandboxReport:
    """What the self-test found.

    Attributes:
        tier: ``full``; ``degraded`` where no control groups can be made; ``none``.
        reason: Why it is not ``full``; for the operator.
        checks: Everything that was checked.
        mode: Who starts the sandbox.
    """

    tier: Literal["full", "degraded", "none"]
    reason: str = ""
    checks: tuple[Check, ...] = ()
    mode: str = ""


def self_test(make: Callable[[Path], Sandbox] | None = None) -> SandboxReport:
    """Start real sandboxes and see what is possible inside.

    Args:
        make: Makes the sandbox in a folder; the worker's own by default.
    """
    with tempfile.TemporaryDirectory(prefix="agon-self-test-") as name:
        folder = Path(name)
        try:
            sandbox = (
                Sandbox(workspace=folder / "slots") if make is None else make(folder / "slots")
            )
        except NoSandbox as error:
            return SandboxReport("none", str(error))
        try:
            checks = tuple(_checks(sandbox, folder))
        except (PlatformFault, OSError) as error:
            cause = error.__cause__ or error
            reason = f"a sandbox can't be started here: {str(cause)[:400]}"
            return SandboxReport("none", reason, mode=sandbox.mode.value)
        finally:
            sandbox.close()
    missed = [check for check in checks if not check.is_kept]
    if missed:
        reason = "; ".join(f"{check.name} ({check.seen})" for check in missed)
        return SandboxReport("none", f"not kept: {reason}", checks, sandbox.mode.value)
    if not sandbox.has_groups:
        return SandboxReport("degraded", NO_GROUPS, checks, sandbox.mode.value)
    return SandboxReport("full", "", checks, sandbox.mode.value)


def _checks(sandbox: Sandbox, folder: Path) -> Iterator[Check]:
    canary = folder / "answers.csv"
    canary.write_text("id,label\n1,7\n")
    shown = folder / "shown"
    shown.write_text("shown")
    secret = f"AGON_SELF_TEST_{secrets.token_hex(4)}"
    os.environ[secret] = "secret"
    try:
        facts = _ask(sandbox, {"do": "look", "canary": str(canary)}, {"canary": shown})
    finally:
        del os.environ[secret]
    yield from _identity(facts)
    yield from _sight(facts, has_own_proc=sandbox.has_own_proc)
    yield from _reach(facts)
    forked = _ask(sandbox, {"do": "fork", "count": 8 * LIMITS.processes}, {})["forked"]
    # Where no group counts them, processes outside that start or end meanwhile shift the limit.
    yield Check("its processes are bounded", forked < 2 * LIMITS.processes, str(forked))
    yield _memory_check(sandbox)


def _identity(facts: Mapping[str, Any]) -> Iterator[Check]:
    yield Check("it is not root", facts["user"] != 0, str(facts["user"]))
    yield Check("it has no capabilities", facts["capabilities"] == 0, hex(facts["capabilities"]))
    yield Check("it can't gain privileges", facts["no_new_privileges"] == "1")
    yield Check("system calls are filtered", facts["seccomp"] == "2", facts["seccomp"])


def _sight(facts: Mapping[str, Any], *, has_own_proc: bool) -> Iterator[Check]:
    names = set(facts["environment"])
    if has_own_proc:
        count = facts["processes"]
        yield Check("it sees no other process", count <= MAX_PROCESSES, str(count))
    yield Check(
        "it can read no secrets", names <= EXPECTED_NAMES, str(sorted(names - EXPECTED_NAMES))
    )
    yield Check("it can't read this machine's files", not facts["canary"])
    yield Check("it can read its inputs", facts["inputs"])


def _reach(facts: Mapping[str, Any]) -> Iterator[Check]:
    writable = facts["writable"]
    yield Check("it has no network", not facts["network"])
    yield Check("it can't write outside its scratch space", not writable, str(writable))
    is_bounded = facts["scratch"] and facts["scratch_bytes"] <= LIMITS.scratch_bytes
    yield Check("its scratch space is bounded", is_bounded, str(facts["scratch_bytes"]))
    yield Check("it can't make namespaces", facts["unshare"] != "allowed", facts["unshare"])
    yield Check("it can't reach the keyring", facts["keyring"] != "allowed", facts["keyring"])


def _memory_check(sandbox: Sandbox) -> Check:
    name = "its memory is bounded"
    try:
        facts = _ask(sandbox, {"do": "hog", "bytes": 4 * LIMITS.memory_bytes}, {})
    except ProgramFault as fault:
        return Check(name, fault.code in {"memory_limit_model", "program_crashed"}, fault.code)
    return Check(name, False, f"{facts['taken']} bytes")


def _ask(sandbox: Sandbox, request: Mapping[str, Any], files: Mapping[str, Path]) -> dict[str, Any]:
    result = sandbox.run(SandboxTask("probe", files, request, LIMITS))
    facts: dict[str, Any] = json.loads(result.files["facts.json"])
    return facts
