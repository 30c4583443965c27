"""The environment variables of each process, and the files under `var/` that they come from.

Only the standard library: `manage.py` asks here for the settings of a site that `make serve` set up.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import socket
import sys
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from launcher.errors import CannotStart

ROOT = Path(__file__).resolve().parent.parent.parent
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True)
class State:
    """The folder that holds everything which `make serve` keeps."""

    folder: Path

    @property
    def logs(self) -> Path:
        return self.folder / "log"

    @property
    def broker(self) -> Path:
        return self.folder / "broker"

    @property
    def secret_key(self) -> Path:
        return self.folder / "secret_key"

    @property
    def lock(self) -> Path:
        return self.folder / "serve.lock"

    @property
    def settings(self) -> Path:
        return self.folder / "environment.json"

    @property
    def static_stamp(self) -> Path:
        return self.folder / "static.stamp"

    def make(self) -> None:
        """The folders and the secret key, once."""
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o700)
            if not self.secret_key.exists():
                write_secret(self.secret_key, secrets.token_urlsafe(64))
        except OSError as error:
            raise CannotStart(
                f"The folder {self.folder} cannot be written ({error.strerror}): give it to this user, "
                "or name another with STATE_DIR=/path."
            ) from error


def default_state() -> State:
    return State(Path(os.environ.get("STATE_DIR") or ROOT / "var").resolve())


def write_secret(path: Path, text: str) -> None:
    """A file that only its owner may read, from its first byte on, and never half written."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    unfinished.replace(path)


def lock(state: State) -> IO[str]:
    """Holds the folder for this process; raises where another has it."""
    file = state.lock.open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        owner = file.read().strip() or "unknown"
        file.close()
        raise CannotStart(
            f"Agon already runs from this folder (process {owner}): stop that one with Ctrl-C first, "
            "or give this one its own with STATE_DIR=/path."
        ) from None
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


def is_locked(state: State) -> bool:
    """Whether a site runs from this folder now."""
    try:
        with state.lock.open("a", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return state.lock.exists()
    return False


def common() -> dict[str, str]:
    """What every process gets, whatever the language and time zone of the terminal."""
    result = {"PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", "TZ": "UTC"}
    if sys.platform == "linux":
        result["LC_ALL"] = "C.UTF-8"
    return result


def chosen(state: State, *, host: str, port: int, broker_url: str) -> dict[str, str]:
    """The settings that `make serve` decides, less those that its caller has set."""
    name = "127.0.0.1" if host in {"0.0.0.0", "::", *LOOPBACK} else host  # noqa: S104  (compared, not bound)
    address = f"http://{name}:{port}"
    values = {
        "DJANGO_SETTINGS_MODULE": "agon.settings",
        "STATE_DIR": str(state.folder),
        "SECRET_KEY_FILE": str(state.secret_key),
        "REDIS_URL": broker_url,
        "SITE_URL": address,
        "INTERNAL_URL": address,
        "BIND": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
    }
    if host not in LOOPBACK:
        values["ALLOWED_HOSTS"] = ",".join(
            sorted({"localhost", "127.0.0.1", "[::1]", host, *_own_names()})
        )
    if "SECRET_KEY" in os.environ:
        del values["SECRET_KEY_FILE"]
    return {key: value for key, value in values.items() if key == "BIND" or not os.environ.get(key)}


def _own_names() -> set[str]:
    """The names and addresses by which others reach this machine."""
    name = socket.gethostname()
    try:
        found = socket.getaddrinfo(name, None, family=socket.AF_INET)
    except OSError:
        found = []
    return {name, *(str(entry[4][0]) for entry in found)}


def site(settings: dict[str, str]) -> dict[str, str]:
    """For the site's own processes: the caller's variables and what was chosen."""
    inherited = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("PYTHON", "LC_", "MAKE"))
    }
    return {
        **inherited,
        **common(),
        **settings,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
    }


def scoring(state: State, broker_url: str, capability: str = "cpu") -> dict[str, str]:
    """For a scoring worker: no database, no secret, nothing of the caller's but where programs lie."""
    kept = {
        key: os.environ[key]
        for key in ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES")
        if key in os.environ
    }
    return {
        **kept,
        **common(),
        "PYTHONPATH": str(ROOT),
        "BROKER_URL": broker_url,
        "SCORING_CACHE": str(state.folder / "scoring"),
        "SCORING_CAPABILITY": capability,
    }


def remember(state: State, settings: dict[str, str]) -> None:
    write_secret(state.settings, json.dumps(settings, indent=1))


def adopt(environment: MutableMapping[str, str]) -> None:
    """Gives `manage.py` the settings of the site of this folder, where nothing else was asked for."""
    if any(
        environment.get(name)
        for name in ("SECRET_KEY", "SECRET_KEY_FILE", "STATE_DIR", "DATABASE_URL")
    ):
        return
    state = default_state()
    try:
        settings: dict[str, str] = json.loads(state.settings.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    if not is_locked(state):
        settings.pop("REDIS_URL", None)  # the embedded broker sleeps with its site
    for name, value in settings.items():
        environment.setdefault(name, value)
