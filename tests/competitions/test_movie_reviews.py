"""The movie-reviews competition: both encodings of the source, the vocabulary, models and programs."""

from __future__ import annotations

import io
import tarfile
import zipfile

import numpy as np
import polars as pl
import pytest
from competitions.conftest import copy_of, prepare
from competitions.folders import (
    assert_pictures_fit_their_page,
    assert_says_that_there_is_no_network,
    hashes,
    prepare_without_network,
    run_code_of,
    scores_of,
    verdicts_that_differ,
)

from scoring.__main__ import main
from scoring.definition import load_definition

pytestmark = pytest.mark.slow

ARCHIVE = "rt-polaritydata.tar.gz"
PROGRAM = """
import csv
import os
import numpy as np

SCORN = {"too", "bad", "no", "nothing", "dull", "boring"}

def predict(inputs_dir, output_path):
    with np.load(os.path.join(inputs_dir, "test_inputs.npz")) as arrays:
        ids, texts = arrays["id"], arrays["text"]
    with open(output_path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "negative", "positive"])
        for number, text in zip(ids, texts):
            writer.writerow([number, len(SCORN & set(str(text).split())), 0.5])
"""


@pytest.fixture(scope="module")
def reviews(prepared, mirror):
    return prepared("movie-reviews", mirror)


@pytest.fixture
def home(tmp_path, mirror):
    """A mirror whose archive is as at home: in Windows-1252, and in a folder."""
    place = tmp_path / "home" / "movie-reviews"
    place.mkdir(parents=True)
    with (
        tarfile.open(mirror / "movie-reviews" / ARCHIVE) as mirrored,
        tarfile.open(place / ARCHIVE, "w:gz") as archive,
    ):
        for name in ("rt-polarity.neg", "rt-polarity.pos"):
            content = mirrored.extractfile(name).read().decode().encode("cp1252")
            member = tarfile.TarInfo(f"rt-polaritydata/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return place.parent


def test_every_example_gets_the_verdict_that_it_should(reviews):
    assert verdicts_that_differ(reviews) == []


def test_the_archive_of_the_home_gives_the_same_bytes_as_the_mirrors(reviews, home, tmp_path):
    again = copy_of("movie-reviews", tmp_path / "again")
    finished = prepare(again, "--mirror", str(home))
    assert finished.returncode == 0, finished.stderr
    assert hashes(again) == hashes(reviews)


def test_the_pictures_fit_their_page(reviews):
    assert_pictures_fit_their_page(reviews)


def test_no_file_for_participants_holds_an_answer(reviews):
    hidden = set(pl.read_csv(reviews / "prepared" / "solution.csv")["id"])
    published = [data_file.file for data_file in load_definition(reviews).data]
    assert reviews / "prepared" / "solution.csv" not in published
    for path in published:
        if path.suffix == ".csv":
            table = pl.read_csv(path)
            assert "label" not in table.columns or not hidden & set(table["id"]), path.name
    with np.load(reviews / "prepared" / "test_inputs.npz") as arrays:
        assert set(arrays.files) == {"id", "tokens", "text"}


def test_both_classes_are_equally_frequent_everywhere(reviews):
    for name in ("train", "solution", "practice_solution"):
        assert pl.read_csv(reviews / "prepared" / f"{name}.csv")["label"].mean() == 0.5
    solution = pl.read_csv(reviews / "prepared" / "solution.csv")
    public = solution.filter(pl.col("Usage") == "Public")
    assert public.height == 639
    assert abs(public["label"].mean() - 0.5) < 0.001


def test_the_order_of_the_rows_says_nothing_about_their_labels(reviews):
    labels = pl.read_csv(reviews / "prepared" / "solution.csv")["label"].to_numpy()
    changes = (labels[1:] != labels[:-1]).mean()
    assert 0.45 < changes < 0.55


def test_the_vocabulary_has_as_many_words_as_the_network_that_the_phase_takes(reviews):
    words = (reviews / "prepared" / "vocabulary.txt").read_text(encoding="utf-8").splitlines()
    (phase,) = load_definition(reviews).phases
    assert phase.model.architecture.config["vocabulary"] == len(words) == len(set(words))
    assert words[:2] == ["<pad>", "<unk>"]


def test_the_code_of_the_data_page_makes_the_tokens_that_models_are_given(reviews, tmp_path):
    first = run_code_of(reviews / "data.md", tmp_path).splitlines()[0]
    with np.load(reviews / "prepared" / "test_inputs.npz") as arrays:
        assert arrays["tokens"].shape == (2132, 64)
        assert first.startswith(str(arrays["tokens"][0][:8].tolist()))


def test_the_starter_of_the_overview_runs_and_scores_what_it_says(reviews, tmp_path, capsys):
    run_code_of(reviews / "overview.md", tmp_path)
    solution = reviews / "prepared" / "solution.csv"
    hits = (
        pl.read_csv(tmp_path / "submission.csv")
        .join(pl.read_csv(solution), on="id")
        .select(((pl.col("positive") > pl.col("negative")) == (pl.col("label") == 1)).mean())
    )
    assert round(hits.item(), 2) == 0.78
    assert scores_of(reviews, tmp_path / "submission.csv", solution, capsys)["accuracy"] > 0.75


def test_the_worked_example_of_the_evaluation_page_is_right(reviews, tmp_path, capsys):
    solution, mine = tmp_path / "truth.csv", tmp_path / "mine.csv"
    rows = "1,1,Public\n2,1,Public\n3,0,Public\n4,0,Public\n"
    solution.write_text(f"id,label,Usage\n{rows}", encoding="utf-8")
    mine.write_text(
        "id,negative,positive\n1,0.1,0.9\n2,0.6,0.4\n3,0.7,0.3\n4,0.2,0.8\n", encoding="utf-8"
    )
    expected = {"accuracy": 0.5, "roc_auc": 0.75, "f_beta": 0.5}
    assert scores_of(reviews, mine, solution, capsys) == expected


def test_a_program_is_given_the_texts(reviews, tmp_path, capsys):
    program, predictions = tmp_path / "program.zip", tmp_path / "predictions.csv"
    with zipfile.ZipFile(program, "w") as archive:
        archive.writestr("predict.py", PROGRAM)
    run = ["run-model", str(reviews), str(program), "--output", str(predictions)]
    assert main(run) == 0
    solution = reviews / "prepared" / "solution.csv"
    assert scores_of(reviews, predictions, solution, capsys)["accuracy"] > 0.53


def test_weights_of_the_network_that_the_phase_names_are_run(reviews, tmp_path):
    safetensors = pytest.importorskip("safetensors.torch")
    architectures = pytest.importorskip("scoring.runners.architectures")
    (phase,) = load_definition(reviews).phases
    named = phase.model.architecture
    network = architectures.build(named.name, named.config)
    weights, predictions = tmp_path / "model.safetensors", tmp_path / "predictions.csv"
    safetensors.save_file(network.state_dict(), weights)
    assert main(["run-model", str(reviews), str(weights), "--output", str(predictions)]) == 0
    table = pl.read_csv(predictions)
    assert table.columns == ["id", "negative", "positive"]
    assert ((table["negative"] + table["positive"]) - 1).abs().max() < 1e-6


def test_without_network_it_says_so(tmp_path):
    folder, finished = prepare_without_network("movie-reviews", tmp_path)
    assert_says_that_there_is_no_network(folder, finished)


def test_an_archive_with_other_sentences_is_refused(tmp_path):
    place = tmp_path / "mirror" / "movie-reviews"
    place.mkdir(parents=True)
    with tarfile.open(place / ARCHIVE, "w:gz") as archive:
        for name in ("rt-polarity.neg", "rt-polarity.pos"):
            member = tarfile.TarInfo(name)
            member.size = 5
            archive.addfile(member, io.BytesIO(b"meh ."))
    finished = prepare(copy_of("movie-reviews", tmp_path), "--mirror", str(place.parent))
    assert finished.returncode == 3
    assert "checksum differs" in finished.stderr
    assert "Traceback" not in finished.stderr
