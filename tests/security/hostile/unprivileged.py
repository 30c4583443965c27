"""Starts a program as a user who owns nothing, with this very Python.

This Python may lie where that user can't reach it, as in root's home. Then the program gets mounts of
its own in which the way there is open: what the sandbox needs in production, where the environment
lies in /venv or /opt.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from scoring.isolation.cgroups import Group, make_group

ROOT = Path(__file__).resolve().parents[3]
FIRST_USER, USERS = 21_000, 9_000
USER = FIRST_USER + os.getpid() % USERS
"""Somebody who owns nothing here; each test process has one of its own, so that they never meet."""
BYSTANDER = USER + USERS
"""For controls, which run without a sandbox."""

# argv: {closed folder: [folders below it that are needed]}, and what to run.
_OPEN = """
import json, os, subprocess, sys, tempfile
def mount(*options):
    subprocess.run(["mount", *options], check=True)
os.umask(0o022)
hold = tempfile.mkdtemp()
for closed, needed in json.loads(sys.argv[1]).items():
    for number, folder in enumerate(needed):
        os.mkdir(f"{hold}/{number}")
        mount("--rbind", folder, f"{hold}/{number}")
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", closed)
    for number, folder in enumerate(needed):
        os.makedirs(folder)
        mount("--move", f"{hold}/{number}", folder)
        os.rmdir(f"{hold}/{number}")
os.rmdir(hold)
os.execvp(sys.argv[2], sys.argv[2:])
"""


def command(argv: Sequence[str], user: int) -> list[str]:
    """What runs this as that user; a process that is not root stays who it is."""
    if os.geteuid() != 0:
        return list(argv)
    become = ["setpriv", "--reuid", str(user), "--regid", str(user), "--clear-groups", *argv]
    closed = _closed()
    if not closed:
        return become
    opened = [sys.executable, "-I", "-c", _OPEN, json.dumps(closed)]
    return ["unshare", "--mount", *opened, *become]


def delegated_group(user: int) -> Group:
    """A control group in which that user may make others; it bounds them all together."""
    group = make_group()
    group.limit(memory_bytes=8 * 1024**3, processes=600, cores=float(os.cpu_count() or 1))
    for folder in group.folders:
        for path in (folder, *folder.glob("cgroup.*")):
            os.chown(path, user, user)
    return group


def _closed() -> dict[str, list[str]]:
    """The folders that others can't pass, each with what is needed below it."""
    found: dict[str, list[str]] = {}
    for needed in (Path(sys.base_prefix), Path(sys.prefix), ROOT):
        for folder in (*reversed(needed.parents), needed):
            if folder.stat().st_mode & 0o005 != 0o005:
                found.setdefault(str(folder), []).append(str(needed))
                break
    return found


def is_made_up(user: int) -> bool:
    """Whether it is one of these users, and so everything that runs as it is the attack's."""
    return FIRST_USER <= user < FIRST_USER + USERS
