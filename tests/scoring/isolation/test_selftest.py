"""A worker finds out by itself what its sandbox is worth, and says why it is not whole."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from scoring.isolation import bubblewrap
from scoring.isolation.bubblewrap import default_mode
from scoring.isolation.selftest import self_test
from scoring.sandbox import Sandbox
from tests.security.hostile import unprivileged

# What somebody else's worker would do; it also tells whether the sandbox has its own /proc.
SCRIPT = """
import json
from scoring.isolation.selftest import self_test
from scoring.sandbox import Sandbox
made = []
def make(folder):
    made.append(Sandbox(workspace=folder))
    return made[0]
report = self_test(make)
missed = [check.name for check in report.checks if not check.is_kept]
print(json.dumps([report.tier, report.mode, report.reason, missed, made[0].has_own_proc]))
"""


def asked(*container):
    """The self-test of a worker that is nobody special, in a container made with these options."""
    bwrap = [shutil.which("bwrap"), "--dev-bind", "/", "/", *container] if container else []
    argv = [*bwrap, sys.executable, "-B", "-c", SCRIPT]
    done = subprocess.run(
        unprivileged.command(argv, unprivileged.USER),
        cwd=unprivileged.ROOT,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(unprivileged.ROOT),
            "TMPDIR": "/var/tmp",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_here_it_keeps_every_promise():
    report = self_test()
    assert [check for check in report.checks if not check.is_kept] == []
    assert (report.tier, report.mode, report.reason) == ("full", default_mode().value, "")
    assert len(report.checks) >= 15


def test_somebody_who_is_not_root_has_a_sandbox_as_well():
    tier, mode, reason, missed, has_own_proc = asked()
    assert (tier, mode, missed, has_own_proc) == ("degraded", "userns", [], True), reason


def test_where_proc_is_covered_the_containers_own_is_shown_and_hides_the_same():
    covered = [
        "--unshare-user",
        "--unshare-pid",
        "--proc",
        "/proc",
        "--ro-bind",
        "/dev/null",
        "/proc/keys",
    ]
    tier, mode, reason, missed, has_own_proc = asked(*covered)
    assert (tier, mode, missed, has_own_proc) == ("degraded", "userns", [], False), reason


def test_where_user_namespaces_are_forbidden_there_is_none():
    tier, _, reason, *_ = asked("--unshare-user", "--proc", "/proc", "--disable-userns")
    assert tier == "none"
    assert "Creating new namespace failed" in reason


def test_without_control_groups_it_is_degraded():
    report = self_test(lambda folder: Sandbox(workspace=folder, with_groups=False))
    assert (report.tier, report.mode) == ("degraded", default_mode().value)
    assert "control groups" in report.reason
    assert all(check.is_kept for check in report.checks)


def test_without_the_filter_there_is_none():
    report = self_test(lambda folder: Sandbox(workspace=folder, with_filter=False))
    assert report.tier == "none"
    assert "it can't reach the keyring (allowed)" in report.reason


def test_without_bubblewrap_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(bubblewrap.shutil, "which", lambda _: None)
    report = self_test()
    assert report.tier == "none"
    assert "apt install bubblewrap" in report.reason


@pytest.mark.parametrize("program", ["SETPRIV", "PRLIMIT"])
def test_without_the_programs_that_it_starts_by_it_says_so(monkeypatch, program):
    monkeypatch.setattr(bubblewrap, program, "/usr/bin/absent")
    report = self_test()
    assert report.tier == "none"
    assert "apt install util-linux" in report.reason


def test_what_is_planted_in_the_workers_environment_is_not_found(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    seen = {check.name: check for check in self_test().checks}
    assert seen["it can read no secrets"].is_kept
