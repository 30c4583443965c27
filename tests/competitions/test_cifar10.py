"""CIFAR-10: its known contents, and none of the original's order."""

from __future__ import annotations

import importlib
import io
import subprocess
import sys
import tarfile

import numpy as np
import polars as pl
import pytest
from competitions.conftest import COMPETITIONS, copy_of, prepare
from competitions.folders import all_public, hashes, run_code_of, scores_of


@pytest.fixture
def images(monkeypatch):
    monkeypatch.syspath_prepend(str(COMPETITIONS))
    monkeypatch.syspath_prepend(str(COMPETITIONS / "cifar10"))
    return importlib.import_module("images")


def archive(path, members, mode):
    with tarfile.open(path, mode) as stream:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            stream.addfile(member, io.BytesIO(content))
    return path


def test_another_content_is_not_taken_for_it(images, tmp_path):
    batches = {f"cifar-10-batches-bin/{name}": bytes(images.BATCH) for name in images.ORIGINAL}
    assert images.from_binary(archive(tmp_path / "a.tar.gz", batches, "w:gz")) is None
    del batches["cifar-10-batches-bin/test_batch.bin"]
    assert images.from_binary(archive(tmp_path / "b.tar.gz", batches, "w:gz")) is None
    jpegs = {"train/cat/0000.jpg": b"no picture"}
    assert images.from_jpegs(archive(tmp_path / "c.tar.xz", jpegs, "w:xz")) is None


@pytest.mark.slow
def test_the_binary_layout_and_the_jpegs_give_the_same_files(cifar10, mirror, tmp_path):
    (tmp_path / "mirror" / "cifar10").mkdir(parents=True)
    packed = tmp_path / "mirror" / "cifar10" / "cifar-10-binary.tar.gz"
    script = mirror / "cifar10" / "cifar10_binary.py"
    subprocess.run([sys.executable, script, packed], check=True)
    again = copy_of("cifar10", tmp_path)
    finished = prepare(again, AGON_DATA_MIRROR=str(tmp_path / "mirror"))
    assert finished.returncode == 0, finished.stderr
    assert "Read a mirror's images, which were JPEGs" in finished.stdout
    assert hashes(again) == hashes(cifar10)


@pytest.mark.slow
def test_an_id_says_nothing_about_the_class(cifar10):
    labels = pl.read_csv(cifar10 / "prepared" / "solution.csv")["label"].to_numpy()
    with np.load(cifar10 / "prepared" / "train.npz") as train:
        everything = [labels, train["label"]]
        assert train["id"].tolist() == list(range(1, 50_001))
    for some in everything:
        assert np.bincount(some).tolist() == [len(some) // 10] * 10
        runs = np.count_nonzero(np.diff(some) == 0) / len(some)
        assert 0.09 < runs < 0.11  # as often the same class as the one before as chance makes it


@pytest.mark.slow
def test_the_class_of_the_largest_probability_is_the_answer(cifar10, tmp_path, capsys):
    solution = all_public(cifar10, tmp_path)
    examples = cifar10 / "prepared" / "examples"
    answers = pl.read_csv(examples / "linear.csv").drop("id").to_numpy()
    truth = pl.read_csv(solution)["label"].to_numpy()
    scores = scores_of(cifar10, examples / "linear.csv", solution, capsys)
    assert scores["accuracy"] == pytest.approx((answers.argmax(axis=1) == truth).mean(), abs=1e-6)
    assert scores["accuracy"] < scores["top_k_accuracy"]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_starter_of_the_overview_runs_and_scores_what_it_says(cifar10, tmp_path, capsys):
    run_code_of(cifar10 / "overview.md", tmp_path)
    solution = all_public(cifar10, tmp_path)
    scores = scores_of(cifar10, tmp_path / "submission.csv", solution, capsys)
    assert scores["accuracy"] > 0.54
