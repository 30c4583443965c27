"""Make the files of the Digits competition from scikit-learn's own images; needs no network.

    python competitions/digits/prepare.py [--output DIR]

The same versions give the same bytes, and the solution is checked against a fixed hash: ranks
compare only if everybody is scored on the same rows.
"""

from __future__ import annotations

import gzip
import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))  # for the modules that every competition uses

from cover import draw_cover  # noqa: E402
from preparing import appearing, run, spoil  # noqa: E402
from progress import say  # noqa: E402
from samples import draw_classes, draw_samples  # noqa: E402

SEED = 8
TRAIN_ROWS = 1000
PRACTICE_ROWS = 200
PUBLIC_SHARE = 0.3
SIDE = 8
SOLUTION_SHA256 = "d56d14b301311737f1966b5b6723172f0f4e014f63f8b3bd315cddda22a7d815"

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Rows:
    """Images with their ids and labels."""

    ids: Integers
    images: Integers
    labels: Integers

    @property
    def truth(self) -> pl.DataFrame:
        return pl.DataFrame({"id": self.ids, "label": self.labels})

    @property
    def pixels(self) -> pl.DataFrame:
        names = [f"pixel_{row}_{column}" for row in range(SIDE) for column in range(SIDE)]
        return pl.DataFrame(self.images.reshape(len(self.images), -1), schema=names)


def split() -> tuple[Rows, Rows, Integers]:
    """Training rows, test rows, and which of the test rows are public.

    The rows are shuffled before they get their ids, so an id says nothing about the place in
    scikit-learn's file. Each part has the same share of every digit; the practice rows are the
    last of the training rows.
    """
    digits = load_digits()
    images, labels = digits.images.astype(np.int64), digits.target.astype(np.int64)
    train, test = train_test_split(
        np.arange(len(labels)), train_size=TRAIN_ROWS, stratify=labels, random_state=SEED
    )
    fit, practice = train_test_split(
        train, test_size=PRACTICE_ROWS, stratify=labels[train], random_state=SEED
    )
    train = np.concatenate([fit, practice])
    public, _ = train_test_split(
        np.arange(len(test)), train_size=PUBLIC_SHARE, stratify=labels[test], random_state=SEED
    )
    ids = np.arange(1, len(labels) + 1)
    return (
        Rows(ids[:TRAIN_ROWS], images[train], labels[train]),
        Rows(ids[TRAIN_ROWS:], images[test], labels[test]),
        public,
    )


def with_usage(truth: pl.DataFrame, public: Integers) -> pl.DataFrame:
    """The truth with a column that says which rows count for the public board."""
    usage = np.full(truth.height, "Private", dtype=object)
    usage[public] = "Public"
    return truth.with_columns(pl.Series("Usage", usage.tolist()))


def write_tables(folder: Path, train: Rows, test: Rows, public: Integers) -> None:
    """What participants download, and the solution, which they don't."""
    pl.concat([train.truth, train.pixels], how="horizontal").write_csv(folder / "train.csv")
    pl.concat([test.truth.select("id"), test.pixels], how="horizontal").write_csv(
        folder / "test.csv"
    )
    test.truth.with_columns(label=pl.lit(0)).write_csv(folder / "sample_submission.csv")
    pixels = test.images.reshape(len(test.images), -1).astype(np.float32)
    np.savez(folder / "test_inputs.npz", id=test.ids, pixels=pixels)
    practice = train.truth.tail(PRACTICE_ROWS)
    practice.with_columns(Usage=pl.lit("Public")).write_csv(folder / "practice_solution.csv")
    with_usage(test.truth, public).write_csv(folder / "solution.csv")


def write_examples(folder: Path, sample: Path, train: Rows, test: Rows) -> None:
    """Submissions whose verdicts stand in examples/expected.yaml."""
    folder.mkdir()
    perfect = test.truth
    perfect.write_csv(folder / "perfect.csv")
    perfect.sample(fraction=1, shuffle=True, seed=SEED).write_csv(folder / "shuffled.csv")
    perfect.write_parquet(folder / "perfect.parquet", compression="uncompressed")
    packed = gzip.compress((folder / "perfect.csv").read_bytes(), mtime=0)
    (folder / "perfect.csv.gz").write_bytes(packed)
    perfect.with_columns(note=pl.lit("sure")).write_csv(folder / "extra_column.csv")
    text = perfect.write_csv().replace("\n", "\r\n")
    (folder / "windows.csv").write_text(text, encoding="utf-8-sig", newline="")
    perfect.with_columns(label=pl.lit(3)).write_csv(folder / "constant.csv")
    model = SVC(gamma=0.001).fit(train.pixels.to_numpy(), train.labels)
    guesses = model.predict(test.pixels.to_numpy())
    perfect.with_columns(pl.Series("label", guesses)).write_csv(folder / "support_vectors.csv")
    spoil(sample, folder)


def check(folder: Path) -> None:
    """What must hold whatever was changed above."""
    train, test = pl.read_csv(folder / "train.csv"), pl.read_csv(folder / "test.csv")
    sample, solution = (
        pl.read_csv(folder / name) for name in ("sample_submission.csv", "solution.csv")
    )
    practice = pl.read_csv(folder / "practice_solution.csv")
    assert (train.height, test.height) == (1000, 797), "there are 1,000 and 797 rows"
    assert "label" not in test.columns, "the test images have no labels"
    assert test["id"].equals(sample["id"]), "the sample has the test's ids"
    assert test["id"].equals(solution["id"]), "the solution has the test's ids"
    assert set(practice["id"]) <= set(train["id"]), "practice rows are training rows"
    assert not set(train["id"]) & set(test["id"]), "no id is used twice"
    digest = hashlib.sha256((folder / "solution.csv").read_bytes()).hexdigest()
    assert digest == SOLUTION_SHA256, f"the solution is the known one, not {digest}"


def prepare(output: Path) -> None:
    train, test, public = split()
    with appearing(output) as folder:
        write_tables(folder, train, test, public)
        draw_cover(train.images, train.labels, folder / "cover.png")
        names = [str(digit) for digit in range(10)]
        shown = (train.images * 255 // 16).astype(np.uint8)
        draw_samples(shown, train.labels, names, folder / "samples.png", count=18)
        draw_classes(train.labels, names, folder / "classes.png", what="training images")
        write_examples(folder / "examples", folder / "sample_submission.csv", train, test)
        check(folder)
    say(
        f"{TRAIN_ROWS:,} training images, {PRACTICE_ROWS} of them for practice; "
        f"{len(test.ids)} test images, {len(public)} of them public"
    )


if __name__ == "__main__":
    sys.exit(run("Digits", HERE, prepare))
