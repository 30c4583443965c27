"""Make the files of the MNIST competition; downloads 12 MB the first time.

    python competitions/mnist/prepare.py [--mirror ADDRESS-OR-FOLDER] [--output DIR]

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
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))  # for the modules that every competition uses

from cover import draw_cover  # noqa: E402
from downloading import File, Place, fetch, unpacked  # noqa: E402
from preparing import appearing, run_with_data, spoil  # noqa: E402
from progress import say  # noqa: E402
from samples import draw_classes, draw_samples  # noqa: E402

HOMES = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
# SHA-256 of the unpacked bytes.
FILES = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
LARGEST = 64 * 1024**2  # bytes; unpacked, the training images have 47 million
SEED = 28
PRACTICE_ROWS = 10_000
PUBLIC_SHARE = 0.3
SOLUTION_SHA256 = "4548cc23749bd313969a4b3e7924b24b964da9b2e0492001c56f57174209224d"

Bytes = NDArray[np.uint8]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Rows:
    """Images with their ids and labels."""

    ids: Integers
    images: Bytes
    labels: Bytes

    @property
    def truth(self) -> pl.DataFrame:
        return pl.DataFrame({"id": self.ids, "label": self.labels.astype(np.int64)})


def images_of(content: bytes) -> Bytes:
    """Images from an IDX file: a header of four big-endian numbers, then the pixels."""
    count, rows, columns = np.frombuffer(content, ">u4", 3, offset=4)
    return np.frombuffer(content, np.uint8, offset=16).reshape(count, rows, columns)


def labels_of(content: bytes) -> Bytes:
    """Labels from an IDX file: a header of two big-endian numbers, then one byte each."""
    return np.frombuffer(content, np.uint8, offset=8)


def read(places: list[Place], downloads: Path) -> tuple[Rows, Rows, Integers]:
    """Training rows in their own order, test rows shuffled, and which of these are public."""
    contents = {
        name: fetch(
            File(f"{name}.gz", unpacked(digest, largest=LARGEST), largest=LARGEST),
            places=places,
            folder=downloads,
        )
        for name, digest in FILES.items()
    }
    train_images = images_of(contents["train-images-idx3-ubyte"])
    test_images = images_of(contents["t10k-images-idx3-ubyte"])
    train_labels = labels_of(contents["train-labels-idx1-ubyte"])
    test_labels = labels_of(contents["t10k-labels-idx1-ubyte"])
    order = np.random.default_rng(SEED).permutation(len(test_labels))
    test_images, test_labels = test_images[order], test_labels[order]
    public, _ = train_test_split(
        np.arange(len(test_labels)),
        train_size=PUBLIC_SHARE,
        stratify=test_labels,
        random_state=SEED,
    )
    ids = np.arange(1, len(train_labels) + len(test_labels) + 1)
    return (
        Rows(ids[: len(train_labels)], train_images, train_labels),
        Rows(ids[len(train_labels) :], test_images, test_labels),
        public,
    )


def write_tables(folder: Path, train: Rows, test: Rows, public: Integers) -> None:
    """What participants download, and the solution, which they don't."""
    np.savez_compressed(folder / "train.npz", id=train.ids, image=train.images, label=train.labels)
    np.savez_compressed(folder / "test.npz", id=test.ids, image=test.images)
    # Not compressed, so that a trial on eight images reads eight.
    scaled = test.images[:, None].astype(np.float32) / np.float32(255)
    np.savez(folder / "test_inputs.npz", id=test.ids, image=scaled)
    test.truth.with_columns(label=pl.lit(0)).write_csv(folder / "sample_submission.csv")
    practice = train.truth.tail(PRACTICE_ROWS)
    practice.with_columns(Usage=pl.lit("Public")).write_csv(folder / "practice_solution.csv")
    usage = np.full(len(test.ids), "Private", dtype=object)
    usage[public] = "Public"
    test.truth.with_columns(pl.Series("Usage", usage.tolist())).write_csv(folder / "solution.csv")


def write_examples(folder: Path, sample: Path, train: Rows, test: Rows) -> None:
    """Submissions whose verdicts stand in examples/expected.yaml."""
    folder.mkdir()
    perfect = test.truth
    perfect.write_csv(folder / "perfect.csv")
    perfect.sample(fraction=1, shuffle=True, seed=SEED).write_csv(folder / "shuffled.csv")
    perfect.with_columns(label=pl.lit(1)).write_csv(folder / "constant.csv")
    guesses = neighbours(train, test)
    perfect.with_columns(pl.Series("label", guesses)).write_csv(folder / "neighbours.csv")
    spoil(sample, folder)


def neighbours(train: Rows, test: Rows) -> Integers:
    """A real model's answers: the three nearest of 10,000 training images, in 40 dimensions."""
    some = train.images[:10_000].reshape(10_000, -1) / 255.0
    projection = PCA(40, random_state=SEED).fit(some)
    model = KNeighborsClassifier(3).fit(projection.transform(some), train.labels[:10_000])
    return np.asarray(
        model.predict(projection.transform(test.images.reshape(len(test.images), -1) / 255.0)),
        dtype=np.int64,
    )


def check(folder: Path) -> None:
    """What must hold whatever was changed above."""
    with np.load(folder / "train.npz") as train, np.load(folder / "test.npz") as test:
        assert train["image"].shape == (60_000, 28, 28), "there are 60,000 training images"
        assert test["image"].shape == (10_000, 28, 28), "there are 10,000 test images"
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
    train, test, public = read(places, output / "downloads")
    with appearing(output) as folder:
        say("Drawing and writing")
        write_tables(folder, train, test, public)
        draw_cover(train.images, train.labels, folder / "cover.png")
        names = [str(digit) for digit in range(10)]
        draw_samples(train.images, train.labels, names, folder / "samples.png", count=18)
        draw_classes(train.labels, names, folder / "classes.png", what="training images")
        say("Making examples")
        write_examples(folder / "examples", folder / "sample_submission.csv", train, test)
        check(folder)
    say(
        f"{len(train.ids):,} training images, {PRACTICE_ROWS:,} of them for practice; "
        f"{len(test.ids):,} test images, {len(public):,} of them public"
    )


if __name__ == "__main__":
    sys.exit(run_with_data("MNIST", HERE, prepare, data_set="mnist", homes=HOMES))
