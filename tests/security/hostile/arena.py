"""What the attacks aim at: a machine with secrets, services and a worker's other processes."""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scoring.isolation.bubblewrap import PACKAGE, Interpreter

PREFIX = ("agon-", "secret-")
"""How every secret begins; in two parts, so that an attack can look for it without holding it."""
KEY = "agon-worker"
ADD_KEY, KEY_CONTROL, JOIN, SET_PERMISSIONS = 248, 250, 1, 5
SESSION = -3


@dataclass
class Arena:
    """What there is to steal and to break.

    Attributes:
        folder: Holds all its files.
        secrets: What must never come out, by where it is kept.
    """

    folder: Path
    secrets: dict[str, str] = field(default_factory=dict)
    port: int = 0
    datagram_port: int = 0
    abstract: str = ""

    @property
    def labels(self) -> Path:
        return self.folder / "hidden" / "solution.csv"

    @property
    def socket(self) -> Path:
        return self.folder / "socket"

    @property
    def markers(self) -> Path:
        """A folder that everybody may write to."""
        return self.folder / "markers"

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    def secret(self, name: str) -> str:
        return self.secrets.setdefault(name, "".join(PREFIX) + secrets.token_hex(16))

    def target(self) -> dict[str, Any]:
        """What an attacker may know already: everything but the secrets."""
        interpreter = Interpreter.own()
        return {
            "labels": str(self.labels),
            "hidden": str(self.labels.parent),
            "socket": str(self.socket),
            "markers": str(self.markers),
            "workspace": str(self.workspace),
            "abstract": self.abstract,
            "port": self.port,
            "datagram_port": self.datagram_port,
            "key": KEY,
            "prefix": PREFIX,
            "mark": f"agon-mark-{secrets.token_hex(4)}",
            "worker": os.getpid(),
            "shown": [str(interpreter.base), str(interpreter.prefix), str(PACKAGE)],
            "of_ours": ["agon", "in", "venv", "usr", "bin", "lib", "lib64", "sbin", "etc", "proc",
                        "dev", "tmp", "root"],
        }  # fmt: skip

    def leaks(self, content: bytes) -> list[str]:
        """Which secrets stand in something that came out."""
        return [name for name, secret in self.secrets.items() if secret.encode() in content]


def environment() -> dict[str, str]:
    """What the process that makes an arena must be started with: as a worker, with a password."""
    secret = "".join(PREFIX) + secrets.token_hex(16)
    return {"DATABASE_URL": f"postgres://agon:{secret}@db/agon"}


@contextlib.contextmanager
def arena() -> Iterator[Arena]:
    """Set it all up, and take it down again."""
    made = Arena(Path(tempfile.mkdtemp(prefix="agon-arena-", dir="/var/tmp")))
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, made.folder)
        made.folder.chmod(0o755)
        made.labels.parent.mkdir()
        made.labels.write_text(f"id,label\n1,{made.secret('labels')}\n")
        made.markers.mkdir()
        made.markers.chmod(0o1777)
        made.secrets["environment"] = os.environ["DATABASE_URL"]
        _keep_key(made.secret("keyring"))
        _listen(made, stack)
        yield made


@contextlib.contextmanager
def sibling(arena: Arena, user: int) -> Iterator[subprocess.Popen[bytes]]:
    """Another process of this user, with a secret in its memory."""
    become: list[str] = []
    if os.geteuid() == 0:
        become = ["setpriv", "--reuid", str(user), "--regid", str(user), "--clear-groups"]
    process = subprocess.Popen(
        [*become, "sleep", "1000"], env={"DATABASE_URL": arena.secret("sibling")}
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _keep_key(secret: str) -> None:
    """A key in this session's keyring, as a worker with an encrypted volume has."""
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall(KEY_CONTROL, JOIN, None)
    content = secret.encode()
    key = library.syscall(ADD_KEY, b"user", KEY.encode(), content, len(content), SESSION)
    if key < 0:
        raise OSError(ctypes.get_errno(), "no key can be kept")


def _listen(arena: Arena, stack: contextlib.ExitStack) -> None:
    """Services that tell a secret to whoever calls."""
    tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    arena.port = tcp.getsockname()[1]
    local = stack.enter_context(socket.socket(socket.AF_UNIX))
    local.bind(str(arena.socket))
    arena.socket.chmod(0o777)
    abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
    arena.abstract = f"agon-{secrets.token_hex(4)}"
    abstract.bind(f"\0{arena.abstract}")
    for server, name in ((tcp, "tcp"), (local, "socket"), (abstract, "abstract socket")):
        server.listen()
        _serve(_greet, server, arena.secret(name))
    datagrams = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    datagrams.bind(("127.0.0.1", 0))
    arena.datagram_port = datagrams.getsockname()[1]
    _serve(_echo, datagrams, arena.secret("udp"))
    for server in (tcp, local, abstract, datagrams):
        stack.callback(_shut, server)


def _serve(act: Any, server: socket.socket, secret: str) -> None:
    threading.Thread(target=act, args=(server, secret.encode()), daemon=True).start()


def _shut(server: socket.socket) -> None:
    with contextlib.suppress(OSError):
        server.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits


def _greet(server: socket.socket, secret: bytes) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = server.accept()
            with connection:
                connection.sendall(secret)


def _echo(server: socket.socket, secret: bytes) -> None:
    with contextlib.suppress(OSError):
        while True:
            asked, sender = server.recvfrom(100)
            if not asked:
                return
            server.sendto(secret, sender)
