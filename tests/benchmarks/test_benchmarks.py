"""The benchmarks run, and their last line is the goals; small sizes, for the numbers see `make`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
ROOT = Path(__file__).resolve().parent.parent.parent


def goals_of(*arguments):
    finished = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert finished.stdout, finished.stderr
    return json.loads(finished.stdout.strip().splitlines()[-1])["goals"]


def test_the_latency_benchmark_prints_its_goals():
    goals = goals_of("tests.benchmarks.latency", "--submissions", "10")
    assert set(goals) == {"submit_to_score_p50_seconds", "submit_to_score_p95_seconds"}
    assert all(goal["measured"] > 0 for goal in goals.values())


def test_the_leaderboard_benchmark_prints_its_goals():
    goals = goals_of(
        "tests.benchmarks.leaderboard", "--teams", "1500", "--submissions", "3000", "--sqlite"
    )
    assert {name.rsplit("_", 1)[0] for name in goals} == {"first_page", "last_page", "my_rank"}
    assert all(goal["met"] for name, goal in goals.items() if name.endswith("queries"))


def test_the_inference_benchmark_prints_its_goals():
    goals = goals_of("tests.benchmarks.inference", "--images", "800", "--rounds", "1")
    goals.pop("gpu_of_hand_tuned", None)  # where there is one
    assert set(goals) == {"of_hand_tuned", "times_naive", "warm_onnx_milliseconds"}
    assert all(goal["measured"] > 0 for goal in goals.values())


def test_the_text_benchmark_prints_its_goals_and_no_statistics_differ():
    goals = goals_of("tests.benchmarks.text", "--rows", "300", "--rounds", "1")
    assert set(goals) == {
        "bleu_times_sacrebleu",
        "chrf_times_sacrebleu",
        "statistics_differ",
    }
    assert goals["statistics_differ"]["met"]


def test_the_scoring_benchmark_scores_as_the_usual_way_does_and_prints_its_goals():
    goals = goals_of("tests.benchmarks.scoring", "--largest", "4", "--rounds", "1")
    assert set(goals) == {"peak_memory_of_file"}
