"""Makes `.venv` and installs the locked packages into it; run by any Python, before anything is there.

Only the standard library, and no syntax newer than Python 3.7, so that an old Python gets as far as
the sentence that tells what is missing. A stamp in `.venv` holds the hash of the locks: when nothing
changed, this takes a few milliseconds.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
OLDEST = (3, 11)
NEEDED_BYTES = {
    "serve": 2 * 1024**3,
    "test": 6 * 1024**3,
    "torch": 6 * 1024**3,
    "baselines": 8 * 1024**3,
}
LOCKS = {
    "serve": ["requirements.txt"],
    "test": ["requirements.txt", "requirements/test.txt", "requirements-torch.txt"],
    "torch": ["requirements-torch.txt"],
    "baselines": [
        "requirements.txt",
        "requirements/baselines.txt",
        "requirements/minilm.txt",
        "requirements-torch.txt",
    ],
}
NO_NETWORK = (
    "NewConnectionError",
    "ConnectTimeout",
    "Max retries",
    "resolve",
    "No matching distribution",
)


class CannotInstall(Exception):
    """A sentence that says what is wrong and what to do."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("group", choices=sorted(LOCKS), help="what to install")
    group = parser.parse_args().group
    try:
        if is_installed(group):
            return 0
        install(group)
    except CannotInstall as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Run the same command again to go on.", file=sys.stderr)
        return 130
    return 0


def stamp_of(group: str) -> str:
    """What `.venv` must have been made from to be right."""
    digest = hashlib.sha256()
    for name in [*LOCKS[group], "requirements/uv.txt"]:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def stamp_file(group: str) -> Path:
    return VENV / f"agon-{group}.stamp"


def is_installed(group: str) -> bool:
    try:
        return (VENV / "bin" / "python").exists() and stamp_file(group).read_text() == stamp_of(
            group
        )
    except OSError:
        return False


def install(group: str) -> None:
    began = time.monotonic()
    python = find_python()
    check_disk(group)
    make_venv(python)
    say("Installing the pinned packages (some minutes on a slow network)")
    if not install_with_uv(group):
        install_with_pip(group)
    stamp_file(group).write_text(stamp_of(group))
    say(f"Installed in {time.monotonic() - began:.0f} s")


def say(text: str) -> None:
    print("  " + text, flush=True)


def find_python() -> str:
    """This Python where it is new enough, else the first on the PATH that is."""
    if sys.version_info >= OLDEST:
        return sys.executable
    for minor in range(11, 16):
        candidate = shutil.which(f"python3.{minor}")
        # A version manager may put a name on the PATH that does not run: ask it.
        if candidate and subprocess.call([candidate, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return candidate
    raise CannotInstall(
        "Agon needs Python {}.{} or newer, and this is {}.{}. Install it (Debian, Ubuntu: "
        "`sudo apt install python3.11 python3.11-venv`) and run the same command again.".format(
            *OLDEST, *sys.version_info[:2]
        )
    )


def check_disk(group: str) -> None:
    free, needed = shutil.disk_usage(ROOT).free / 1024**3, NEEDED_BYTES[group] / 1024**3
    if free < needed:
        raise CannotInstall(
            f"Only {free:.1f} GB are free in {ROOT}, and the packages need {needed:.0f} GB: "
            "free some disk space and run the same command again."
        )


def make_venv(python: str) -> None:
    if venv_works():
        return
    if VENV.exists():
        shutil.rmtree(VENV, ignore_errors=True)  # half made, or its Python is gone
    say("Making the virtual environment .venv")
    done = subprocess.run(
        [python, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        if "ensurepip" in done.stdout + done.stderr or "No module named venv" in done.stderr:
            raise CannotInstall(
                "This Python cannot make virtual environments: install its venv module "
                "(Debian, Ubuntu: `sudo apt install python3-venv`) and run the same command again."
            )
        raise CannotInstall(f"{VENV} cannot be made: {last_line(done.stderr or done.stdout)}")


def venv_works() -> bool:
    python = VENV / "bin" / "python"
    if not python.exists():
        return False
    check = f"import pip, sys; sys.exit(sys.version_info < {OLDEST!r})"
    return subprocess.call([str(python), "-c", check], stderr=subprocess.DEVNULL) == 0


def requirement_arguments(group: str) -> list[str]:
    return [part for name in LOCKS[group] for part in ("-r", str(ROOT / name))]


def install_with_uv(group: str) -> bool:
    """False where uv cannot be had or cannot do it; pip then tries, and tells what is wrong."""
    python = str(VENV / "bin" / "python")
    uv = VENV / "bin" / "uv"
    pinned = (ROOT / "requirements" / "uv.txt").read_text().strip()
    has = (
        subprocess.run([str(uv), "--version"], capture_output=True, text=True, check=False)
        if uv.exists()
        else None
    )
    if has is None or pinned.split("==")[1] not in has.stdout:
        done = subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", pinned],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            say("uv cannot be installed; pip does it alone, which takes longer")
            return False
    arguments = [str(uv), "pip", "install", "--python", python, *requirement_arguments(group)]
    done = subprocess.run(
        arguments, env=uv_environment(python), capture_output=True, text=True, check=False
    )
    if done.returncode:
        say(f"uv could not ({last_line(done.stderr)}); trying pip")
    return done.returncode == 0


def uv_environment(python: str) -> dict[str, str]:
    """uv does not read pip's configuration: hand it over what this machine's pip was told."""
    environment = {"UV_PYTHON_DOWNLOADS": "never", **os.environ}
    found = pip_configuration(python)
    wanted = {
        "UV_FIND_LINKS": found.get("find-links"),
        "UV_DEFAULT_INDEX": found.get("index-url"),
        # uv stops at a file:// index that is not there, where pip only warns.
        "UV_EXTRA_INDEX_URL": only_web(found.get("extra-index-url")),
        "SSL_CERT_FILE": found.get("cert"),
    }
    for name, value in wanted.items():
        if value and name not in environment:
            environment[name] = ",".join(value.split()) if name == "UV_FIND_LINKS" else value
    return environment


def only_web(value: str | None) -> str | None:
    return " ".join(word for word in (value or "").split() if word.startswith("http")) or None


def pip_configuration(python: str) -> dict[str, str]:
    """`pip config list`, later sections over earlier ones: {"find-links": "/wheels", …}."""
    listed = subprocess.run(
        [python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    found = {}
    rank = {"global": 0, "site": 1, "install": 2, ":env:": 3}
    lines = [line.partition("=") for line in listed.splitlines() if "=" in line]
    for name, _, value in sorted(lines, key=lambda line: rank.get(line[0].split(".")[0], 0)):
        found[name.rpartition(".")[2]] = value.strip().strip("'\"")
    return found


def install_with_pip(group: str) -> None:
    python = str(VENV / "bin" / "python")
    done = subprocess.run(
        [
            python,
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            *requirement_arguments(group),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return
    if "No space left" in done.stderr:
        raise CannotInstall("The disk is full: free some space and run the same command again.")
    if any(word in done.stderr for word in NO_NETWORK):
        raise CannotInstall(
            "The package index cannot be reached, or does not have every pinned package: check the "
            "network (or pip's `index-url` and proxy settings) and run the same command again."
        )
    raise CannotInstall(f"The packages cannot be installed: {last_line(done.stderr)}")


def last_line(text: str) -> str:
    lines = [
        line.strip()
        for line in text.splitlines()
        if line.strip() and not line.startswith("[notice]")
    ]
    return lines[-1] if lines else "no reason was given"


if __name__ == "__main__":
    sys.exit(main())
