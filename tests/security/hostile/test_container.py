"""Sandboxes under the system-call rules that docker-compose.yml gives to scoring workers.

The rules are real, the container is not: it would add its own mounts and namespaces.
"""

import errno
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from scoring.isolation import seccomp
from scoring.isolation.syscalls import NEW_NAMESPACES
from tests.security.hostile import unprivileged

PROFILE = unprivileged.ROOT / "docker" / "scoring-seccomp.json"
ALLOW, ERROR, MASKED_EQUAL = 0x7FFF0000, 0x00050000, 7
# argv: the rules as the kernel takes them, and what to run under them.
UNDER = """
import ctypes, os, sys
rules = open(sys.argv[1], "rb").read()
class Program(ctypes.Structure):
    _fields_ = [("count", ctypes.c_ushort), ("rules", ctypes.c_char_p)]
library = ctypes.CDLL(None, use_errno=True)
if library.prctl(38, 1, 0, 0, 0) or library.prctl(22, 2, ctypes.byref(Program(len(rules) // 8, rules)), 0, 0):
    raise OSError(ctypes.get_errno(), "the rules are refused")
os.execv(sys.argv[2], sys.argv[2:])
"""
REPORT = """
import json
from dataclasses import asdict
from scoring.isolation.selftest import self_test
print(json.dumps(asdict(self_test())))
"""
pytestmark = pytest.mark.slow


def rules(profile, *, without=()):
    """What Docker's runtime makes of a profile."""
    library = seccomp._library()
    context = library.seccomp_init(ERROR | errno.ENOSYS)
    for rule in profile["syscalls"]:
        for name in set(rule["names"]) - set(without):
            seccomp._add(library, context, ALLOW, name)
    if "clone" in without:
        # Docker's own rule: processes and threads, but no namespaces.
        seccomp._add(library, context, ALLOW, "clone", (0, MASKED_EQUAL, NEW_NAMESPACES, 0))
    with tempfile.TemporaryFile() as file:
        assert library.seccomp_export_bpf(context, file.fileno()) == 0
        file.seek(0)
        return file.read()


def self_test_under(folder, **kwargs):
    folder.chmod(0o755)
    path = folder / "rules"
    path.write_bytes(rules(json.loads(PROFILE.read_text()), **kwargs))
    argv = [sys.executable, "-B", "-c", UNDER, str(path), sys.executable, "-B", "-c", REPORT]
    done = subprocess.run(
        unprivileged.command(argv, unprivileged.USER),
        cwd=unprivileged.ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(unprivileged.ROOT)},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        yield Path(name)


def test_a_worker_under_these_rules_has_a_whole_sandbox(folder):
    report = self_test_under(folder)
    assert report["mode"] == "userns"
    # Whether control groups can be made is another question.
    assert report["tier"] in {"full", "degraded"}, report["reason"]
    assert all(check["is_kept"] for check in report["checks"])


@pytest.mark.parametrize("call", ["clone", "mount", "pivot_root", "umount2", "unshare"])
def test_each_of_the_calls_that_are_added_is_needed(folder, call):
    assert self_test_under(folder, without={call})["tier"] == "none"
