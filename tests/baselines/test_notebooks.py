"""Every notebook, quick, against a live site: it runs, submits, and stands on the board above its floor."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from launcher.environment import ROOT
from launcher.expectations import BASELINES

pytestmark = [pytest.mark.baselines, pytest.mark.slow, pytest.mark.timeout(1800)]

KEYS = sorted(f"{path.parent.name}/{path.stem}" for path in BASELINES.glob("*/*.ipynb"))
MIRROR = ROOT.parent / "shared" / "data"
WITHOUT_DOWNLOAD = {"digits", "co2"}


def can_run(key):
    return MIRROR.is_dir() or key.split("/")[0] in WITHOUT_DOWNLOAD


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """One run of all that this machine has the data for."""
    keep = tmp_path_factory.mktemp("baselines")
    variables = {name: value for name, value in os.environ.items() if not name.startswith("AGON_")}
    only = ",".join(filter(can_run, KEYS))
    arguments = ["--profile", "quick", "--patience", "3", "--keep", str(keep), "--only", only]
    return subprocess.run(
        [sys.executable, "-m", "launcher.baselines", *arguments],
        cwd=ROOT,
        env={
            **variables,
            "PYTHONPATH": f"{ROOT / 'platform'}{os.pathsep}{ROOT}",
            **({"AGON_DATA_MIRROR": str(MIRROR)} if MIRROR.is_dir() else {}),
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def goals(finished):
    last = finished.stdout.strip().splitlines()[-1:]
    assert last and last[0].startswith("{"), finished.stdout + finished.stderr
    return json.loads(last[0])["goals"]


def goal_of(key, goals):
    if not can_run(key):
        pytest.skip(f"the data are not in {MIRROR}, and tests fetch nothing from outside")
    return goals[key]


@pytest.mark.parametrize("key", KEYS)
def test_it_runs_submits_and_stands_on_the_board_above_its_floor(key, goals):
    goal = goal_of(key, goals)
    assert goal["met"], goal["reason"]


def test_a_submitted_onnx_model_scores_the_same_as_its_own_predictions(goals):
    scores = goal_of("cifar10/cnn", goals)["by_kind"]
    assert scores["model"] == pytest.approx(scores["predictions"], abs=1e-9)


def test_the_exit_code_says_whether_every_goal_was_met(finished, goals):
    assert finished.returncode == int(not all(goal["met"] for goal in goals.values()))
