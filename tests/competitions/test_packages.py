"""The competitions of images: whole, without leaks, and with the verdicts that they promise."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest
from competitions.conftest import COMPETITIONS, copy_of, prepare
from competitions.folders import hashes, run_code_of, verdicts_that_differ
from PIL import Image
from sklearn.neighbors import KNeighborsClassifier

from scoring.__main__ import main
from scoring.definition import load_definition

SLUGS = [
    "digits",
    pytest.param("mnist", marks=pytest.mark.slow),
    pytest.param("cifar10", marks=pytest.mark.slow),
]


@pytest.fixture
def folder(request):
    return request.getfixturevalue(request.param)


each_folder = pytest.mark.parametrize("folder", SLUGS, indirect=True)


def test_every_folder_is_tested():
    here = COMPETITIONS.parent / "tests" / "competitions"
    for folder in COMPETITIONS.glob("*/competition.yaml"):
        slug = folder.parent.name
        names = [here / f"test_{slug.replace('-', '_')}.py", here / "test_packages.py"]
        assert any(path.is_file() and f'"{slug}"' in path.read_text() for path in names), slug


@each_folder
def test_every_example_gets_the_verdict_that_it_should(folder):
    assert verdicts_that_differ(folder) == []


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
                values = table.drop("id")
                assert all(values[name].n_unique() == 1 for name in values.columns)
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
def test_thirty_percent_of_each_class_are_public(folder):
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
def test_the_pictures_fit_their_page(folder):
    definition = load_definition(folder)
    assert [picture.page for picture in definition.pictures] == ["data", "data"]
    for picture in definition.pictures:
        with Image.open(picture.file) as image:
            assert image.width == 1200
        assert picture.file.stat().st_size < 300_000
    with Image.open(definition.cover) as cover:
        assert cover.size == (1200, 630)


@each_folder
def test_models_are_given_the_test_images_in_their_order(folder):
    (phase,) = load_definition(folder).phases
    answers = pl.read_csv(phase.solution.file)
    with np.load(phase.inputs) as inputs:
        (tensor,) = phase.model.inputs
        assert inputs["id"].tolist() == answers["id"].to_list()
        values = inputs[tensor.name]
    test = phase.inputs.parent / "test.npz"
    if test.exists():
        with np.load(test) as images:
            published = images["image"]
        channels = published.reshape(*published.shape[:3], -1).transpose(0, 3, 1, 2)
        np.testing.assert_allclose(values * 255, channels, atol=1e-4)
        assert values.max() == 1.0


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
