"""Scoring in a forked child that has nothing to lose.

The warm worker has numpy and polars imported but never runs a polars operation itself, because
polars' threads do not survive a fork. Each file is parsed in a fresh child without inherited
file descriptors, environment or working directory, under hard limits of the kernel, which also
keeps it to a few folders and off the network where it can (Landlock). It answers with one JSON
text over a pipe and ends. Whatever it does, the worker lives on.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import re
import resource
import selectors
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from scoring.contract import Limits
from scoring.errors import BrokenCompetition, InvalidSubmission, Problem, ScoringError
from scoring.faults import ScoringCrashed
from scoring.isolation.landlock import restrict

Work = Callable[[], dict[str, Any]]

MAX_ANSWER_BYTES = 4 * 1024**2
MAX_OPEN_FILES = 64
MAX_WRITTEN_BYTES = 2 * 1024**3
TICK_SECONDS = 2.0
PACKAGE = Path(__file__).resolve().parent
READABLE = (
    *map(Path, ("/usr", "/lib", "/lib64", "/bin", "/proc", "/dev", "/sys/devices/system")),
    *map(Path, (sys.prefix, sys.base_prefix)),
    PACKAGE,
)
"""Programs and libraries, some of which are loaded late, and what they ask of the system."""
_POLARS_THREAD = re.compile(r"polars-\d|tokio-rt-worker|async-executor")
_PIPE = 3
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)
_FAULTS: dict[str, type[ScoringError]] = {
    "invalid": InvalidSubmission,
    "broken": BrokenCompetition,
}


def run_confined(
    work: Work,
    *,
    limits: Limits,
    folder: Path,
    writable: Sequence[Path] = (),
    on_wait: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Run some work in a confined child and give its answer.

    Args:
        work: What to do there; its answer must be plain JSON.
        limits: Seconds of wall-clock time and bytes of memory beyond what is in use now.
        folder: The child's working directory, which it may write to.
        writable: Other folders that it may write to.
        on_wait: Called in this process every few seconds while the child works.

    Raises:
        InvalidSubmission: as raised by the work, or a limit was exceeded.
        BrokenCompetition: as raised by the work.
        ScoringCrashed: anything else.
    """
    receiver, sender = os.pipe()
    parent = os.getpid()
    gc.freeze()  # keeps the collector from copying every inherited page in the child
    child = os.fork()
    if child == 0:
        folders = (folder, *writable, _compiled_code())
        _be_the_child(work, sender=sender, limits=limits, folders=folders, parent=parent)
    gc.unfreeze()
    os.close(sender)
    try:
        answer, is_late = _receive(receiver, seconds=limits.seconds, on_wait=on_wait)
    finally:
        os.close(receiver)
        status = _end(child)
    if is_late:
        raise _too_slow(limits)
    return _understand(answer, status, limits)


def refuse_polars_threads() -> None:
    """Fail at once where a child that uses polars would wait for ever, and its file get the blame."""
    for thread in Path("/proc/self/task").glob("*/comm"):
        try:
            name = thread.read_text()
        except OSError:  # it ended in the meantime
            continue
        if _POLARS_THREAD.match(name):
            raise ScoringCrashed("polars was used in this process, so it can't fork any more")


def _receive(receiver: int, *, seconds: float, on_wait: Callable[[], None]) -> tuple[bytes, bool]:
    """The child's answer, and whether its time ran out before it came."""
    deadline = time.monotonic() + seconds
    answer = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(receiver, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            if not selector.select(min(left, TICK_SECONDS)):
                on_wait()
                continue
            chunk = os.read(receiver, 1024**2)
            if not chunk:
                return bytes(answer), False
            answer += chunk
            if len(answer) > MAX_ANSWER_BYTES:
                raise ScoringCrashed(f"the answer is larger than {MAX_ANSWER_BYTES} bytes")
        # A heartbeat that had to wait for the broker may have used up the rest of the time while the
        # answer lay there: what is complete counts.
        while selector.select(0):
            chunk = os.read(receiver, 1024**2)
            if not chunk:
                return bytes(answer), False
            answer += chunk
    return b"", True


def _end(child: int) -> int:
    """The child's exit code, as `os.waitstatus_to_exitcode` gives it; it is made to end now."""
    # Its answer is complete or no longer wanted, so nothing is lost by killing. A child that
    # ended by itself is still a zombie here, keeps its own status and its process id.
    done, status = os.waitpid(child, os.WNOHANG)
    for _ in range(20):
        if done:
            break
        time.sleep(0.005)
        done, status = os.waitpid(child, os.WNOHANG)
    if not done:
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _understand(answer: bytes, exit_code: int, limits: Limits) -> dict[str, Any]:
    if not answer:
        raise _why_it_died(exit_code, limits)
    try:
        message = json.loads(answer)
    except ValueError as error:
        raise ScoringCrashed(f"the answer was cut short (exit code {exit_code})") from error
    kind, content = message["kind"], message["content"]
    if kind == "done":
        result: dict[str, Any] = content
        return result
    if kind == "memory":
        raise _too_large(limits)
    if kind in _FAULTS:
        raise _FAULTS[kind](*(Problem(**problem) for problem in content))
    raise ScoringCrashed(content)


def _why_it_died(exit_code: int, limits: Limits) -> Exception:
    """The verdict on a child that ended without a word."""
    match -exit_code:
        case signal.SIGXCPU:
            return _too_slow(limits)
        # An allocation that fails outside Python aborts; SIGKILL that we did not send is the
        # kernel's, for want of memory.
        case signal.SIGABRT | signal.SIGKILL:
            return _too_large(limits)
    return ScoringCrashed(f"the scoring process ended with exit code {exit_code}")


def _too_slow(limits: Limits) -> InvalidSubmission:
    return InvalidSubmission(Problem("time_limit", {"seconds": limits.seconds}))


def _too_large(limits: Limits) -> InvalidSubmission:
    megabytes = limits.memory_bytes // 1024**2
    return InvalidSubmission(Problem("memory_limit", {"megabytes": megabytes}))


def _be_the_child(
    work: Work, *, sender: int, limits: Limits, folders: Sequence[Path], parent: int
) -> NoReturn:
    """Give everything up, work, answer, and end without running any of the parent's clean-up."""
    try:
        _confine(sender, limits, folders, parent)
        message = _work_and_tell(work)
        _send(message)
    finally:
        os._exit(0)


def _work_and_tell(work: Work) -> dict[str, Any]:
    try:
        return {"kind": "done", "content": work()}
    except InvalidSubmission as error:
        return {"kind": "invalid", "content": _plain_problems(error)}
    except BrokenCompetition as error:
        return {"kind": "broken", "content": _plain_problems(error)}
    except MemoryError:
        return {"kind": "memory", "content": None}
    except BaseException:  # noqa: BLE001 - whatever it is, the parent must hear of it, to log it
        return {"kind": "crashed", "content": traceback.format_exc()[-20_000:]}


def _plain_problems(error: ScoringError) -> list[dict[str, Any]]:
    return [
        {
            "code": problem.code,
            "params": dict(problem.params),
            "count": problem.count,
            "examples": list(problem.examples),
        }
        for problem in error.problems
    ]


def _send(message: dict[str, Any]) -> None:
    data = memoryview(json.dumps(message).encode())
    while data:
        data = data[os.write(_PIPE, data) :]


def _compiled_code() -> Path:
    """Where numba keeps what it has compiled: in the worker's cache, else beside the modules."""
    return Path(os.environ.get("NUMBA_CACHE_DIR", PACKAGE))


def _confine(sender: int, limits: Limits, folders: Sequence[Path], parent: int) -> None:
    # If the worker is killed, nothing would wait for this process any more.
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    os.setsid()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGABRT, signal.SIGXCPU):
        signal.signal(number, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    # A panicking library writes what it choked on to the error stream; that may be hidden truth.
    os.dup2(nothing, 2)
    os.dup2(sender, _PIPE)
    os.closerange(_PIPE + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    os.environ.clear()
    os.chdir(folders[0])
    restrict(readable=READABLE, writable=folders)
    in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    cpu_seconds = limits.seconds * (os.cpu_count() or 1) + 1
    for limit, value in (
        (resource.RLIMIT_AS, in_use + limits.memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, MAX_WRITTEN_BYTES),
        (resource.RLIMIT_NOFILE, MAX_OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(limit)[1]
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (allowed, allowed))
