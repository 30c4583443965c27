"""`python -m launcher.baselines`: what it refuses, and why."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from launcher.environment import ROOT


def run(*arguments, **environment):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AGON_")}
    return subprocess.run(
        [sys.executable, "-m", "launcher.baselines", *arguments],
        cwd=ROOT,
        env={**kept, "PYTHONPATH": str(ROOT / "platform"), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_notebook_that_is_not_there_is_named_beside_those_that_are():
    finished = run("--only", "digits/nothing")
    assert finished.returncode == 1
    assert "There is no notebook digits/nothing; there are" in finished.stdout
    assert "Traceback" not in finished.stderr


def test_another_site_needs_a_token():
    finished = run("--against", "http://127.0.0.1:1")
    assert finished.returncode == 1
    assert "--token" in finished.stdout


@pytest.mark.slow
def test_a_site_that_does_not_answer_misses_every_goal_and_says_so():
    finished = run(
        "--against", "http://127.0.0.1:1", "--only", "co2/lstm", AGON_TOKEN="agon_nothing"
    )
    assert finished.returncode == 1
    last = finished.stdout.strip().splitlines()[-1]
    assert '"met": false' in last
    assert "http://127.0.0.1:1 does not answer" in last
