"""What the self-test runs inside the sandbox: it tries what must not work, and says how it went.

Standard library only, so that the self-test takes a moment.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import signal
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scoring.runners.protocol import Channel

KEYCTL, UNSHARE = 250, 272  # on x86-64
NEW_USER_NAMESPACE = 0x10000000
CHUNK = 1024**2
SCRATCH = "/tmp"  # noqa: S108 - the sandbox's own


def warm() -> None:
    """Nothing needs to be loaded."""


def run(request: Mapping[str, Any], inputs: Path, channel: Channel) -> None:
    """Do what the request names; the answer is a JSON file."""
    match request["do"]:
        case "look":
            facts = look(request, inputs)
        case "hog":
            facts = {"taken": take_memory(request["bytes"])}
        case "fork":
            facts = {"forked": fork_many(request["count"])}
        case _:
            facts = {}
    channel.file("facts.json", json.dumps(facts).encode())


def look(request: Mapping[str, Any], inputs: Path) -> dict[str, Any]:
    """What this process is, sees and may do."""
    status = dict(
        line.split(":\t", 1)
        for line in Path("/proc/self/status").read_text().splitlines()
        if ":\t" in line
    )
    return {
        "user": os.getuid(),
        "capabilities": int(status["CapEff"], 16) | int(status["CapBnd"], 16),
        "no_new_privileges": status["NoNewPrivs"].strip(),
        "seccomp": status["Seccomp"].strip(),
        "processes": sum(path.name.isdigit() for path in Path("/proc").iterdir()),
        "environment": sorted({*os.environ, *_others_environment()}),
        "canary": _can_read(request["canary"]),
        "inputs": _can_read(str(inputs / "canary")),
        "network": _can(lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()),
        "writable": [
            path
            for path in ("/", "/usr", "/in", "/venv", "/agon", "/etc", "/dev")
            if _can_write(path)
        ],
        "scratch": _can_write(SCRATCH),
        "scratch_bytes": _size(SCRATCH),
        "unshare": _system_call(UNSHARE, NEW_USER_NAMESPACE),
        "keyring": _system_call(KEYCTL, 0, -3, 0),
    }


def take_memory(size: int) -> int:
    """Touch so many bytes; the kernel may end this process before."""
    taken = [bytearray(b"x") * CHUNK for _ in range(size // CHUNK)]
    return len(taken) * CHUNK


def fork_many(count: int) -> int:
    """How many processes could be started."""
    children: list[int] = []
    with contextlib.suppress(OSError):
        while len(children) < count:
            child = os.fork()
            if child == 0:
                signal.pause()
                os._exit(0)
            children.append(child)
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return len(children)


def _others_environment() -> set[str]:
    """The names of the variables of every process that lets itself be read."""
    names: set[str] = set()
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            texts = path.read_bytes().split(b"\0")
            names |= {text.partition(b"=")[0].decode("utf-8", "replace") for text in texts if text}
    return names


def _can(act: Any) -> bool:
    try:
        act()
    except OSError:
        return False
    return True


def _can_read(path: str) -> bool:
    return _can(lambda: Path(path).read_bytes())


def _can_write(folder: str) -> bool:
    path = Path(folder, "probe")
    could = _can(lambda: path.write_bytes(b"x"))
    if could:
        path.unlink()
    return could


def _size(folder: str) -> int:
    found = os.statvfs(folder)
    return found.f_blocks * found.f_frsize


def _system_call(number: int, *arguments: int) -> str:
    library = ctypes.CDLL(None, use_errno=True)
    if library.syscall(number, *arguments) >= 0:
        return "allowed"
    return errno.errorcode.get(ctypes.get_errno(), "refused")
