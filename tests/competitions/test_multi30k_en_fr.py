"""The English-French competition: raw texts, no answer given away, and the numbers that its pages name."""

from __future__ import annotations

import gzip
import zipfile

import polars as pl
import pytest
from competitions.conftest import copy_of, prepare
from competitions.folders import (
    all_public,
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

PROGRAM = """
import csv
import os

def predict(inputs_dir, output_path):
    with (
        open(os.path.join(inputs_dir, "test.csv"), encoding="utf-8", newline="") as source,
        open(output_path, "w", encoding="utf-8", newline="") as target,
    ):
        writer = csv.writer(target)
        writer.writerow(["id", "french"])
        for row in csv.DictReader(source):
            writer.writerow([row["id"], row["english"]])
"""


@pytest.fixture(scope="module")
def multi30k(prepared, mirror):
    return prepared("multi30k-en-fr", mirror)


@pytest.fixture
def tables(multi30k):
    names = ("train", "validation", "test", "solution", "practice_solution", "sample_submission")
    return {name: pl.read_csv(multi30k / "prepared" / f"{name}.csv") for name in names}


def test_every_example_gets_the_verdict_that_it_should(multi30k):
    assert verdicts_that_differ(multi30k) == []


def test_preparing_again_from_another_packing_gives_the_same_bytes(multi30k, mirror, tmp_path):
    packed = tmp_path / "mirror" / "multi30k"
    packed.mkdir(parents=True)
    for path in (mirror / "multi30k").glob("*.gz"):
        (packed / path.name).write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), 1))
    again = copy_of("multi30k-en-fr", tmp_path)
    finished = prepare(again, "--mirror", str(packed.parent))
    assert finished.returncode == 0, finished.stderr
    assert hashes(again) == hashes(multi30k)


def test_the_pictures_fit_their_page(multi30k):
    assert_pictures_fit_their_page(multi30k)


def test_no_file_for_participants_holds_an_answer(multi30k, tables):
    hidden = set(tables["solution"]["id"])
    published = [data_file.file for data_file in load_definition(multi30k).data]
    assert multi30k / "prepared" / "solution.csv" not in published
    for path in published:
        table = pl.read_csv(path)
        if path.name == "sample_submission.csv":
            assert table["french"].n_unique() == 1
        else:
            assert "french" not in table.columns or not hidden & set(table["id"]), path.name


def test_the_test_rows_do_not_stand_in_the_order_of_the_original(mirror, tables):
    path = mirror / "multi30k" / "test_2016_flickr.en.gz"
    original = gzip.decompress(path.read_bytes()).decode().splitlines()
    mine = tables["test"]["english"].to_list()
    assert sorted(mine) == sorted(line.strip() for line in original)
    assert sum(one == other for one, other in zip(mine, original, strict=True)) < 10


def test_three_in_ten_rows_are_public_and_practice_is_validation(tables):
    assert tables["solution"].filter(pl.col("Usage") == "Public").height == 300
    assert tables["practice_solution"]["french"].equals(tables["validation"]["french"])


def test_the_starter_of_the_overview_runs_and_scores_what_it_says(multi30k, tmp_path, capsys):
    run_code_of(multi30k / "overview.md", tmp_path)
    scores = scores_of(
        multi30k, tmp_path / "submission.csv", all_public(multi30k, tmp_path), capsys
    )
    assert round(scores["bleu"]) == 16


@pytest.mark.parametrize(("example", "bleu"), [("word_for_word", "13"), ("english", "0.7")])
def test_the_cheap_methods_score_what_the_overview_says(multi30k, tmp_path, capsys, example, bleu):
    file = multi30k / "prepared" / "examples" / f"{example}.csv"
    scores = scores_of(multi30k, file, all_public(multi30k, tmp_path), capsys)
    assert f"{scores['bleu']:.{len(bleu.partition('.')[2])}f}" == bleu
    assert f"| {bleu} |" in (multi30k / "overview.md").read_text(encoding="utf-8")


def test_the_code_that_reads_the_data_runs(multi30k, tmp_path):
    printed = run_code_of(multi30k / "data.md", tmp_path)
    assert printed.startswith("29000 pairs")
    assert "Deux jeunes hommes blancs" in printed


def test_the_worked_example_of_the_evaluation_page_is_right(multi30k, tmp_path, capsys):
    solution, mine = tmp_path / "truth.csv", tmp_path / "mine.csv"
    solution.write_text(
        "id,french,Usage\n1,Un chien brun court dans la neige.,Public\n", encoding="utf-8"
    )
    mine.write_text("id,french\n1,Un chien court dans la neige.\n", encoding="utf-8")
    scores = scores_of(multi30k, mine, solution, capsys)
    assert {name: round(score, 1) for name, score in scores.items()} == {
        "bleu": 61.3,
        "chrf": 79.8,
        "ter": 14.3,
    }


def test_a_program_is_given_the_english_sentences(multi30k, tmp_path, capsys):
    program, predictions = tmp_path / "program.zip", tmp_path / "predictions.csv"
    with zipfile.ZipFile(program, "w") as archive:
        archive.writestr("predict.py", PROGRAM)
    assert main(["run-model", str(multi30k), str(program), "--output", str(predictions)]) == 0
    scores = scores_of(multi30k, predictions, all_public(multi30k, tmp_path), capsys)
    assert 0.5 < scores["bleu"] < 1


def test_without_network_it_says_so(tmp_path):
    folder, finished = prepare_without_network("multi30k-en-fr", tmp_path)
    assert_says_that_there_is_no_network(folder, finished)
