"""The README keeps its word: every command in it is run here or by the test that is named."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PYTHON = ".venv/bin/python "

# Commands that another test runs, or, for the first two, that the README's reader does by hand.
RUN_ELSEWHERE = {
    "git clone <this repository> agon && cd agon": ".ci/run",
    "cp .env.example .env   # then fill it in": "tests/test_compose.py",
    "docker compose up": "tests/test_compose.py",
    "make serve": "tests/launcher/test_serve.py",
    "make check": ".ci/run",
    "make test": ".ci/run",
    "make chaos": "tests/chaos/test_chaos.py",
    "make bench-latency": "tests/benchmarks/test_benchmarks.py",
    "make bench-leaderboard": "tests/benchmarks/test_benchmarks.py",
    ".venv/bin/python -m scoring score competitions/digits my_predictions.csv": "below",
    ".venv/bin/python -m scoring check competitions/digits": "below",
    ".venv/bin/python manage.py load_competition competitions/digits": "below",
}


def commands() -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    found = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    return [re.sub(r"\s+# .*$", "", line) if line.startswith("make") else line for line in found]


@pytest.fixture(scope="module", autouse=True)
def _prepared_digits() -> None:
    subprocess.run(
        [sys.executable, "competitions/digits/prepare.py"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )


def run(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command.removeprefix(PYTHON).split()],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_every_command_has_a_test():
    assert set(commands()) == set(RUN_ELSEWHERE)
    for place in set(RUN_ELSEWHERE.values()) - {"below"}:
        assert (ROOT / place).exists(), place


@pytest.mark.parametrize("target", sorted(set(re.findall(r"make ([a-z-]+)", README))))
def test_every_make_target_exists(target):
    finished = subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr


def test_a_participant_checks_a_file_at_home(tmp_path):
    sample = ROOT / "competitions/digits/prepared/sample_submission.csv"
    (tmp_path / "my_predictions.csv").write_bytes(sample.read_bytes())
    finished = run(f"-m scoring score competitions/digits {tmp_path / 'my_predictions.csv'}")
    assert finished.returncode == 0, finished.stderr
    assert "ready to upload" in finished.stdout


def test_a_host_checks_a_folder():
    finished = run("-m scoring check competitions/digits")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "perfect.csv" in finished.stdout


def test_a_host_loads_a_folder(tmp_path):
    site = {"STATE_DIR": str(tmp_path), "SECRET_KEY": "x" * 60}
    for command in ("manage.py migrate --verbosity 0", "manage.py create_demo"):
        assert run(command, **site).returncode == 0
    for _twice in range(2):
        finished = run("manage.py load_competition competitions/digits", **site)
        assert finished.returncode == 0, finished.stderr
        assert "/competitions/digits/" in finished.stdout


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#]+)\)", README))
def test_every_link_leads_somewhere(target):
    assert target.startswith("https://") or (ROOT / target).exists()


@pytest.mark.parametrize(
    "path", re.findall(r"`((?:competitions|docs|platform|scoring)/[\w./-]*)`", README)
)
def test_every_path_that_is_named_exists(path):
    assert (ROOT / path).exists()
