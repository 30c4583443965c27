"""Make the files of the CIFAR-10 competition; downloads 162 MB the first time, or 18 MB of JPEGs.

    python competitions/cifar10/prepare.py [--mirror ADDRESS-OR-FOLDER] [--output DIR]

The same images give the same files, and the solution is checked against a fixed hash: ranks compare
only if everybody is scored on the same rows.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))  # for the modules that every competition uses

from cover import draw_cover  # noqa: E402
from downloading import Place, fetch  # noqa: E402
from images import FILES, NAMES, Images, Integers  # noqa: E402
from preparing import appearing, run_with_data, spoil  # noqa: E402
from progress import say  # noqa: E402
from samples import draw_classes, draw_samples  # noqa: E402

HOMES = ("https://www.cs.toronto.edu/~kriz/",)
SEED = 10
PRACTICE_ROWS = 5_000
PUBLIC_SHARE = 0.3
MODEL_ROWS = 10_000
SOLUTION_SHA256 = "bde1f40b46f013afb610ba3a2dc388b596f8f4996a02d11630bddc136a990c21"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """Images with their ids and labels."""

    ids: Integers
    images: Images

    @property
    def truth(self) -> pl.DataFrame:
        return pl.DataFrame({"id": self.ids, "label": self.images.labels})

    def answers(self, probabilities: Floats) -> pl.DataFrame:
        """A submission with these probabilities."""
        columns = dict(zip(NAMES, probabilities.T, strict=True))
        return pl.DataFrame({"id": self.ids, **columns})


def shuffled(images: Images, seed: int) -> Images:
    """The same images in an order that has nothing of the original's, and does not depend on it.

    They are sorted by class and content before they are shuffled, so every known packing gives
    the same labels in the same places.
    """
    hashes = [hashlib.sha256(image).digest() for image in images.pixels]
    keys = sorted(range(len(hashes)), key=lambda row: (images.labels[row], hashes[row]))
    order = np.array(keys)[np.random.default_rng(seed).permutation(len(keys))]
    return Images(images.pixels[order], images.labels[order])


def split(train: Images, test: Images) -> tuple[Rows, Rows, Integers]:
    """Training rows, test rows, and which of the test rows are public."""
    train, test = shuffled(train, SEED), shuffled(test, SEED + 1)
    public, _ = train_test_split(
        np.arange(len(test.labels)),
        train_size=PUBLIC_SHARE,
        stratify=test.labels,
        random_state=SEED,
    )
    ids = np.arange(1, len(train.labels) + len(test.labels) + 1)
    return Rows(ids[: len(train.labels)], train), Rows(ids[len(train.labels) :], test), public


def write_tables(folder: Path, train: Rows, test: Rows, public: Integers) -> None:
    """What participants download, and the solution, which they don't."""
    np.savez(
        folder / "train.npz", id=train.ids, image=train.images.pixels, label=train.images.labels
    )
    np.savez(folder / "test.npz", id=test.ids, image=test.images.pixels)
    # Photographs hardly get smaller, and what is not compressed can be read in parts.
    planes = test.images.pixels.transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)
    np.savez(folder / "test_inputs.npz", id=test.ids, image=np.ascontiguousarray(planes))
    even = np.full((len(test.ids), len(NAMES)), 0.1)
    test.answers(even).write_csv(folder / "sample_submission.csv")
    practice = train.truth.tail(PRACTICE_ROWS)
    practice.with_columns(Usage=pl.lit("Public")).write_csv(folder / "practice_solution.csv")
    usage = np.full(len(test.ids), "Private", dtype=object)
    usage[public] = "Public"
    test.truth.with_columns(pl.Series("Usage", usage.tolist())).write_csv(folder / "solution.csv")


def write_examples(folder: Path, sample: Path, train: Rows, test: Rows) -> None:
    """Submissions whose verdicts stand in examples/expected.yaml."""
    folder.mkdir()
    perfect = test.answers(_one_hot(test.images.labels))
    perfect.write_csv(folder / "perfect.csv")
    perfect.sample(fraction=1, shuffle=True, seed=SEED).write_csv(folder / "shuffled.csv")
    perfect.write_parquet(folder / "perfect.parquet", compression="uncompressed")
    test.answers(np.full((len(test.ids), len(NAMES)), 0.1)).write_csv(folder / "constant.csv")
    probabilities = linear_model(train, test)
    test.answers(probabilities.round(4)).write_csv(folder / "linear.csv")
    certain = _one_hot(probabilities.argmax(axis=1))
    test.answers(certain).write_csv(folder / "linear_certain.csv")
    spoil(sample, folder)


def linear_model(train: Rows, test: Rows) -> Floats:
    """A real model's answers: logistic regression on the main directions of some images."""
    model = make_pipeline(PCA(60, random_state=SEED), LogisticRegression(C=0.01, max_iter=200))
    model.fit(_flat(train.images)[:MODEL_ROWS], train.images.labels[:MODEL_ROWS])
    return np.asarray(model.predict_proba(_flat(test.images)), dtype=np.float64)


def _flat(images: Images) -> NDArray[np.float32]:
    return images.pixels.reshape(len(images.pixels), -1).astype(np.float32) / 255


def _one_hot(labels: Integers) -> Floats:
    return np.eye(len(NAMES))[labels]


def check(folder: Path) -> None:
    """What must hold whatever was changed above."""
    with np.load(folder / "train.npz") as train, np.load(folder / "test.npz") as test:
        assert train["image"].shape == (50_000, 32, 32, 3), "there are 50,000 training images"
        assert test["image"].shape == (10_000, 32, 32, 3), "there are 10,000 test images"
        assert set(test.files) == {"id", "image"}, "the test images have no labels"
        test_ids, train_ids = test["id"], train["id"]
    with np.load(folder / "test_inputs.npz") as inputs:
        assert set(inputs.files) == {"id", "image"}, "models and programs are given no label"
        assert np.array_equal(inputs["id"], test_ids), "models are given the test's images"
    sample, solution, practice = (
        pl.read_csv(folder / f"{name}.csv")
        for name in ("sample_submission", "solution", "practice_solution")
    )
    assert np.array_equal(sample["id"], test_ids), "the sample has the test's ids"
    assert np.array_equal(solution["id"], test_ids), "the solution has the test's ids"
    assert set(practice["id"]) <= set(train_ids.tolist()), "practice rows are training rows"
    assert solution.filter(pl.col("Usage") == "Public").height == 3_000, "30 % are public"
    digest = hashlib.sha256((folder / "solution.csv").read_bytes()).hexdigest()
    assert digest == SOLUTION_SHA256, f"the solution is the known one, not {digest}"


def prepare(output: Path, places: list[Place]) -> None:
    data = fetch(*FILES, places=places, folder=output / "downloads")
    say(f"Read {data.origin}")
    train, test, public = split(data.train, data.test)
    with appearing(output) as folder:
        say("Writing the files")
        write_tables(folder, train, test, public)
        say("Drawing the pictures")
        draw_cover(train.images.pixels, folder / "cover.jpg")
        draw_samples(
            train.images.pixels,
            train.images.labels,
            NAMES,
            folder / "samples.jpg",
            count=15,
            is_sharp=False,
        )
        draw_classes(train.images.labels, NAMES, folder / "classes.png", what="training images")
        say("Making examples")
        write_examples(folder / "examples", folder / "sample_submission.csv", train, test)
        check(folder)
    say(
        f"{len(train.ids):,} training images, {PRACTICE_ROWS:,} of them for practice; "
        f"{len(test.ids):,} test images, {len(public):,} of them public"
    )


if __name__ == "__main__":
    sys.exit(run_with_data("CIFAR-10", HERE, prepare, data_set="cifar10", homes=HOMES))
