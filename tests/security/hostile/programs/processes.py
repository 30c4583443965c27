"""Other processes: the worker, its other jobs, the runner and the first process inside."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import struct
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tools import Tries, done, in_child, system_call

PTRACE, READ_MEMORY, OPEN_PROCESS, TAKE_DESCRIPTOR = 101, 310, 434, 438
WAIT_SECONDS = 3.0
"""For the worker to take in what was sent."""
TRACE_ME, ATTACH, DETACH = 0, 16, 17


def environments(target: Mapping[str, Any], tries: Tries) -> None:
    """Where a worker keeps the address and password of its database."""
    tries("its own", lambda: os.environ.get("DATABASE_URL"))
    tries("what it was started with", lambda: _with(b"DATABASE_URL", "self", "environ"))
    for process in filter(str.isdigit, os.listdir("/proc")):
        tries(f"of {process}", lambda process=process: _with(b"DATABASE_URL", process, "environ"))
    tries("anywhere", lambda: [
        os.path.join(folder, name) for folder, _, names in os.walk("/in") for name in names
        if b"DATABASE_URL" in Path(folder, name).read_bytes() and name != "model"
    ])  # fmt: skip


def command_lines(target: Mapping[str, Any], tries: Tries) -> None:
    """Arguments are visible to everybody, so nothing of the machine may stand in them."""
    for process in filter(str.isdigit, os.listdir("/proc")):
        for path in (target["workspace"], "ro-bind", target["hidden"]):
            tries(f"{process}: {path}", lambda process=process, path=path: _with(
                path.encode(), process, "cmdline"
            ))  # fmt: skip


def others(target: Mapping[str, Any], tries: Tries) -> None:
    """The worker, and a process of the very same user."""
    for name in ("sibling", "worker"):
        _other(target, tries, name, target[name])


def _other(target: Mapping[str, Any], tries: Tries, name: str, process: int) -> None:
    prefix = "".join(target["prefix"]).encode()
    tries(f"{name}: environment", lambda: _with(prefix, process, "environ"))
    tries(f"{name}: memory", lambda: _secrets_in(process, prefix))
    tries(f"{name}: signals", lambda: done(os.kill(process, 0)))
    tries(f"{name}: descriptors", lambda: os.listdir(f"/proc/{process}/fd"))
    tries(f"{name}: its root", lambda: os.listdir(f"/proc/{process}/root"))
    tries(f"{name}: held", lambda: os.pidfd_open(process))
    tries(f"{name}: traced", lambda: in_child(lambda: _traced(process)))
    tries(f"{name}: memory read", lambda: _memory_read(process))
    tries(f"{name}: a descriptor taken", lambda: system_call(
        TAKE_DESCRIPTOR, system_call(OPEN_PROCESS, process, 0), 0, 0
    ))  # fmt: skip


def secrets_nearby(target: Mapping[str, Any], tries: Tries) -> None:
    """The runner and the first process have the same user; they must know nothing."""
    prefix = "".join(target["prefix"]).encode()
    for process in {os.getppid(), 1}:
        tries(f"memory of {process}", lambda process=process: _secrets_in(process, prefix))
        tries(f"environment of {process}", lambda process=process: _with(
            prefix, process, "environ"
        ))  # fmt: skip


def first_process(target: Mapping[str, Any], tries: Tries) -> None:
    """Overwriting the one that says how it all ended."""

    def overwritten() -> bool:
        start = next(start for start, _ in _mappings(1, writable=True))
        with open("/proc/1/mem", "r+b", buffering=0) as memory:
            memory.seek(start)
            same = memory.read(8)
            memory.seek(start)
            return bool(memory.write(same))

    tries("its memory", overwritten)


def traced_by_parent(target: Mapping[str, Any], tries: Tries) -> None:
    tries("traced", lambda: in_child(lambda: done(system_call(PTRACE, TRACE_ME, 0, 0, 0))))


def killing(target: Mapping[str, Any], tries: Tries) -> None:
    """Everybody in reach, the sibling and the worker before all."""
    for process in (target["sibling"], target["worker"], -1):
        tries(f"kill {process}", lambda process=process: done(os.kill(process, signal.SIGKILL)))
    tries("kill 1", lambda: os.kill(1, signal.SIGKILL))
    tries("kill the parent", lambda: os.kill(os.getppid(), signal.SIGKILL))


def daemon(target: Mapping[str, Any], tries: Tries) -> None:
    """A process that outlives this one, deaf to signals, with everything kept open."""
    for _ in range(3):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
                    signal.signal(number, signal.SIG_IGN)
                time.sleep(1000)
            os._exit(0)


def printing_after_the_end(target: Mapping[str, Any], tries: Tries) -> None:
    """So that a reader who waits for silence waits for ever."""
    output = os.open(f"/proc/{os.getppid()}/fd/1", os.O_WRONLY)
    for _ in range(4):
        if os.fork() == 0:
            os.setsid()
            while True:
                os.write(output, b"y" * 65536)


# --- the pipe to the worker -----------------------------------------------------------------------


def blaming_the_host(target: Mapping[str, Any], tries: Tries) -> None:
    fault = {"kind": "fault", "code": "metric_failed", "params": {"reason": "not me"}}
    _send(_frame(fault), _frame({"kind": "done"}))
    time.sleep(WAIT_SECONDS)


def nonsense(target: Mapping[str, Any], tries: Tries) -> None:
    _send(b"\xff" * 4096)
    time.sleep(WAIT_SECONDS)


def flood(target: Mapping[str, Any], tries: Tries) -> None:
    header = json.dumps({"kind": "file", "name": "predictions.csv", "size": 2**30}).encode()
    chunk = bytes(2**20)
    _send(struct.pack(">I", len(header)) + header, *[chunk] * 1024)
    time.sleep(WAIT_SECONDS)


def many_frames(target: Mapping[str, Any], tries: Tries) -> None:
    """Each of no size, so that no single one is over a limit."""
    _send(*(_frame({"kind": "file", "name": f"f{number}", "size": 0}) for number in range(100_000)))
    time.sleep(WAIT_SECONDS)


def progress_without_end(target: Mapping[str, Any], tries: Tries) -> None:
    frame = _frame({"kind": "progress", "done": 1, "total": 2}) * 1000
    while True:
        _send(frame)


def _frame(header: Mapping[str, Any]) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack(">I", len(text)) + text


def _send(*parts: bytes) -> None:
    """To whatever pipe the runner holds; one of them is the worker's."""
    folder = f"/proc/{os.getppid()}/fd"
    for name in os.listdir(folder):
        if int(name) < 3:
            continue
        with (
            contextlib.suppress(OSError),
            open(f"{folder}/{name}", "wb", buffering=0) as pipe,
        ):
            for part in parts:
                view = memoryview(part)
                while view:
                    view = view[pipe.write(view) :]


# --- looking into others --------------------------------------------------------------------------


def _with(wanted: bytes, process: int | str, name: str) -> bytes:
    content = Path(f"/proc/{process}/{name}").read_bytes()
    return content if wanted in content else b""


def _mappings(process: int, *, writable: bool = False) -> Iterator[tuple[int, int]]:
    for line in Path(f"/proc/{process}/maps").read_text().splitlines():
        area, flags, *_ = line.split()
        start, end = (int(part, 16) for part in area.split("-"))
        if flags.startswith("rw" if writable else "r") and not line.endswith(("[vvar]", "call]")):
            yield start, end


def _secrets_in(process: int, prefix: bytes) -> bytes:
    found = b""
    with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
        for start, end in _mappings(process, writable=True):
            try:
                memory.seek(start)
                content = memory.read(min(end - start, 64 * 1024**2))
            except (OSError, OverflowError):
                continue
            at = content.find(prefix)
            if at >= 0:
                found += content[at : at + 100]
    return found


def _traced(process: int) -> bool:
    system_call(PTRACE, ATTACH, process, 0, 0)
    os.waitpid(process, 0x40000000)
    system_call(PTRACE, DETACH, process, 0, 0)
    return True


def _memory_read(process: int) -> int:
    start = next(_mappings(process))[0]
    buffer = ctypes.create_string_buffer(64)
    here = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 64)
    there = (ctypes.c_size_t * 2)(start, 64)
    return system_call(READ_MEMORY, process, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
