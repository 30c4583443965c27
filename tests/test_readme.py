"""The README keeps its word: every command in it is run here or by the test that is named."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from models import model_bytes
from onnx import TensorProto, helper, numpy_helper

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PYTHON = ".venv/bin/python "

# Commands that another test runs, or, for the first two, that the README's reader does by hand.
RUN_ELSEWHERE = {
    "git clone <this repository> agon && cd agon": ".ci/run",
    "cp .env.example .env   # then fill it in": "tests/test_compose.py",
    "docker compose up": "tests/test_compose.py",
    "make serve": "tests/launcher/test_serve.py",
    "make worker QUEUE=scoring.gpu BROKER_URL=redis://:password@host:6379/0": "tests/launcher/test_worker.py",
    "make check": ".ci/run",
    "make test": ".ci/run",
    "make baselines": "tests/baselines/test_notebooks.py",
    "make chaos": "tests/chaos/test_chaos.py",
    "make bench-latency": "tests/benchmarks/test_benchmarks.py",
    "make bench-leaderboard": "tests/benchmarks/test_benchmarks.py",
    "make bench-scoring": "tests/benchmarks/test_benchmarks.py",
    "make bench-text": "tests/benchmarks/test_benchmarks.py",
    "make bench-inference": "tests/benchmarks/test_benchmarks.py",
    "make attack": "tests/security/hostile/test_attacks.py",
    "make fuzz": "tests/fuzz/test_fuzz.py",
    "curl -O http://127.0.0.1:8000/api/client/agon_client.py": "tests/lifecycle/test_client.py",
    "python3 agon_client.py login http://127.0.0.1:8000": "tests/lifecycle/test_client.py",
    "python3 agon_client.py download digits": "tests/lifecycle/test_client.py",
    "python3 agon_client.py submit digits my_predictions.csv --wait": "tests/lifecycle/test_client.py",
    ".venv/bin/python manage.py export_competition digits digits.zip": "tests/agon/bundles/test_importing.py",
    ".venv/bin/python manage.py import_competition digits.zip --host somebody": "tests/agon/bundles/test_importing.py",
    ".venv/bin/python -m scoring convert bundle/ competitions/mine": "tests/scoring/foreign/test_conversion.py",
    ".venv/bin/python -m scoring self-test": "below",
    ".venv/bin/python -m scoring metrics": "below",
    ".venv/bin/python -m scoring run-model competitions/digits model.onnx": "below",
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


def test_a_host_learns_what_this_machine_allows_and_which_metrics_there_are():
    tested = run("-m scoring self-test")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "✓ it has no network" in tested.stdout
    listed = run("-m scoring metrics")
    assert listed.returncode == 0, listed.stderr
    assert "bleu: BLEU" in listed.stdout


def test_a_participant_runs_a_model_at_home_and_scores_what_it_predicts(tmp_path):
    (tmp_path / "model.onnx").write_bytes(linear_digits())
    predictions = tmp_path / "predictions.csv"
    command = (
        f"-m scoring run-model competitions/digits {tmp_path}/model.onnx --output {predictions}"
    )
    finished = run(command)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    checked = run(f"-m scoring score competitions/digits {predictions}")
    assert "ready to upload" in checked.stdout


def test_a_signature_is_printed_and_the_same_again():
    folder = "competitions/digits"
    command = (
        f"-m scoring score {folder} {folder}/prepared/sample_submission.csv --seed 7 --signature"
    )
    finished = [
        run(f"{command} --solution {folder}/prepared/solution.csv").stdout for _ in range(2)
    ]
    assert finished[0] == finished[1]
    assert "|seed:7|agon:" in finished[0]


def linear_digits() -> bytes:
    """A linear layer, which is a model of digits, if not a good one."""
    values = np.random.default_rng(1).normal(size=(64, 10)).astype(np.float32)
    return model_bytes(
        [helper.make_node("MatMul", ["pixels", "weights"], ["scores"])],
        inputs=[helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["n", 64])],
        outputs=[helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 10])],
        constants=[numpy_helper.from_array(values, "weights")],
    )


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
