"""Every competition's folder: whole, without leaks, and with the verdicts that it promises."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from competitions.conftest import COMPETITIONS, copy_of, prepare
from sklearn.neighbors import KNeighborsClassifier

from scoring.__main__ import main
from scoring.definition import load_definition
from scoring.examples import check_examples

SLUGS = ["digits", pytest.param("mnist", marks=pytest.mark.slow)]


@pytest.fixture
def folder(request):
    return request.getfixturevalue(request.param)


def run_code_of(page, workplace):
    """Run the page's Python beside the files that participants download; what it prints."""
    (code,) = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    for data_file in load_definition(page.parent).data:
        (workplace / data_file.file.name).symlink_to(data_file.file)
    finished = subprocess.run(
        [sys.executable, "-c", code],
        cwd=workplace,
        check=True,
        timeout=300,
        capture_output=True,
        text=True,
    )
    return finished.stdout


each_folder = pytest.mark.parametrize("folder", SLUGS, indirect=True)


def hashes(folder):
    paths = sorted((folder / "prepared").rglob("*.*"))
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
    }


def test_every_folder_is_tested_here():
    found = {path.parent.name for path in COMPETITIONS.glob("*/competition.yaml")}
    assert found == {"digits", "mnist"}


@each_folder
def test_every_example_gets_the_verdict_that_it_should(folder):
    wrong = [
        f"{example.name}: {example.outcome} {example.difference}"
        for example in check_examples(load_definition(folder))
        if example.difference
    ]
    assert wrong == []


@each_folder
def test_no_file_for_participants_holds_an_answer(folder):
    definition = load_definition(folder)
    (phase,) = definition.phases
    answers = pl.read_csv(phase.solution.file)
    hidden = set(answers["id"].to_list())
    published = {data_file.file for data_file in definition.data}
    assert phase.solution.file not in published
    for path in published:
        if path.suffix == ".npz":
            with np.load(path) as arrays:
                ids = set(arrays["id"].tolist())
                has_labels = "label" in arrays.files
        else:
            table = pl.read_csv(path)
            ids, has_labels = set(table["id"].to_list()), "label" in table.columns
            if path == phase.submission.sample:
                assert table["label"].n_unique() == 1
                has_labels = False
        assert not (has_labels and ids & hidden), path.name


@each_folder
def test_the_sample_has_exactly_the_hidden_ids_and_the_practice_rows_none(folder):
    definition = load_definition(folder)
    (phase,) = definition.phases
    answers = pl.read_csv(phase.solution.file)
    assert pl.read_csv(phase.submission.sample)["id"].equals(answers["id"])
    practice = pl.read_csv(definition.practice.solution)
    assert not set(practice["id"]) & set(answers["id"])


@each_folder
def test_thirty_percent_of_each_digit_are_public(folder):
    answers = pl.read_csv(load_definition(folder).phases[0].solution.file)
    shares = answers.group_by("label").agg((pl.col("Usage") == "Public").mean())
    assert all(0.27 < share < 0.33 for share in shares["Usage"])


def test_preparing_again_gives_the_same_bytes(digits, tmp_path):
    again = copy_of("digits", tmp_path)
    assert prepare(again).returncode == 0
    assert hashes(again) == hashes(digits)


@pytest.mark.parametrize(
    ("slug", "least"), [("digits", 0.97), pytest.param("mnist", 0.97, marks=pytest.mark.slow)]
)
def test_the_starter_of_the_overview_runs_and_scores_what_it_says(request, tmp_path, slug, least):
    folder = request.getfixturevalue(slug)
    definition = load_definition(folder)
    run_code_of(folder / "overview.md", tmp_path)
    truth = pl.read_csv(definition.phases[0].solution.file)
    mine = pl.read_csv(tmp_path / "submission.csv")
    assert mine["id"].equals(truth["id"])
    assert (mine["label"] == truth["label"]).mean() > least


@each_folder
def test_the_code_that_reads_the_data_runs(folder, tmp_path):
    assert run_code_of(folder / "data.md", tmp_path)


def test_a_participant_can_score_the_practice_rows_at_home(digits, tmp_path, capsys):
    rows = np.loadtxt(digits / "prepared" / "train.csv", delimiter=",", skiprows=1, dtype=int)
    fit, practice = rows[:800], rows[800:]
    guesses = KNeighborsClassifier(3).fit(fit[:, 2:], fit[:, 1]).predict(practice[:, 2:])
    mine = tmp_path / "mine.csv"
    pl.DataFrame({"id": practice[:, 0], "label": guesses}).write_csv(mine)
    assert main(["score", str(digits), str(mine)]) == 0
    accuracy = float(re.search(r"accuracy +([\d.]+) .*\(200 rows\)", capsys.readouterr().out)[1])
    assert 0.97 < accuracy < 1


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    folder = copy_of("digits", tmp_path)
    (tmp_path / "taken").write_text("a file")
    finished = prepare(folder, "--output", str(tmp_path / "taken" / "below"))
    assert finished.returncode == 1
    assert "Traceback" not in finished.stderr
    assert len(finished.stderr.strip().splitlines()) == 1
