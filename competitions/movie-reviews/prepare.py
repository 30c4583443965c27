"""Make the files of the movie-reviews competition; downloads half a megabyte the first time.

    python competitions/movie-reviews/prepare.py [--mirror ADDRESS-OR-FOLDER] [--output DIR]

The same sentences give the same files, and the solution is checked against a fixed hash: ranks
compare only if everybody is scored on the same rows.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))  # for the modules that every competition uses

from cover import draw_cover  # noqa: E402
from downloading import Place  # noqa: E402
from pictures import draw_pictures  # noqa: E402
from preparing import appearing, run_with_data, spoil  # noqa: E402
from progress import say  # noqa: E402
from sentences import (  # noqa: E402
    HOMES,
    PRACTICE_ROWS,
    SEED,
    Split,
    read_archive,
    split_rows,
    tokens_of,
    vocabulary_of,
)

SOLUTION_SHA256 = "580105d26fc6019d106c2df6c721da4c65ef5e31bae4bd1bb9c26317228d9885"
DECIMALS = 4


def write_tables(folder: Path, split: Split) -> None:
    """What participants download, and the solution, which they don't."""
    train, test = split.train, split.test
    train.write_csv(folder / "train.csv")
    test.select("id", "text").write_csv(folder / "test.csv")
    vocabulary = vocabulary_of(train["text"])
    (folder / "vocabulary.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    np.savez(
        folder / "test_inputs.npz",
        id=test["id"].to_numpy(),
        tokens=tokens_of(test["text"], vocabulary),
        text=np.array(test["text"].to_list()),
    )
    half = probabilities(test["id"], np.full(test.height, 0.5))
    half.write_csv(folder / "sample_submission.csv")
    practice = train.tail(PRACTICE_ROWS).select("id", "label")
    practice.with_columns(Usage=pl.lit("Public")).write_csv(folder / "practice_solution.csv")
    usage = np.full(test.height, "Private", dtype=object)
    usage[split.public] = "Public"
    solution = test.select("id", "label").with_columns(pl.Series("Usage", usage.tolist()))
    solution.write_csv(folder / "solution.csv")


def probabilities(ids: pl.Series, positive: np.ndarray) -> pl.DataFrame:
    """A submission from the probability that each sentence is positive."""
    rounded = np.round(positive, DECIMALS)
    return pl.DataFrame(
        {"id": ids, "negative": np.round(1 - rounded, DECIMALS), "positive": rounded}
    )


def write_examples(folder: Path, sample: Path, split: Split) -> None:
    """Submissions whose verdicts stand in examples/expected.yaml."""
    folder.mkdir()
    ids, labels = split.test["id"], split.test["label"].to_numpy()
    perfect = probabilities(ids, labels.astype(float))
    perfect.write_csv(folder / "perfect.csv")
    perfect.sample(fraction=1, shuffle=True, seed=SEED).write_csv(folder / "shuffled.csv")
    perfect.with_columns(negative="positive", positive="negative").write_csv(
        folder / "opposite.csv"
    )
    perfect.with_columns(pl.col("negative", "positive") * 7).write_csv(folder / "unscaled.csv")
    model = make_pipeline(
        CountVectorizer(ngram_range=(1, 2), tokenizer=str.split, token_pattern=None),
        MultinomialNB(),
    )
    model.fit(split.train["text"].to_list(), split.train["label"].to_numpy())
    guesses = model.predict_proba(split.test["text"].to_list())[:, 1]
    probabilities(ids, guesses).write_csv(folder / "naive_bayes.csv")
    spoil(sample, folder)


def check(folder: Path) -> None:
    """What must hold whatever was changed above."""
    train, test, sample, solution, practice = (
        pl.read_csv(folder / f"{name}.csv")
        for name in ("train", "test", "sample_submission", "solution", "practice_solution")
    )
    assert (train.height, test.height) == (8530, 2132), "there are 8,530 and 2,132 sentences"
    assert test.columns == ["id", "text"], "the test sentences have no labels"
    assert sample["id"].equals(test["id"]), "the sample has the test's ids"
    assert solution["id"].equals(test["id"]), "the solution has the test's ids"
    assert set(practice["id"]) <= set(train["id"]), "practice rows are training rows"
    assert not set(train["id"]) & set(test["id"]), "no id is used twice"
    for table in (solution, train, practice):
        assert table["label"].mean() == 0.5, "half of the sentences are positive"
    with np.load(folder / "test_inputs.npz") as inputs:
        assert np.array_equal(inputs["id"], test["id"]), "the inputs have the test's ids"
        assert set(inputs.files) == {"id", "tokens", "text"}, "the inputs have no labels"
    digest = hashlib.sha256((folder / "solution.csv").read_bytes()).hexdigest()
    assert digest == SOLUTION_SHA256, f"the solution is the known one, not {digest}"


def prepare(output: Path, places: list[Place]) -> None:
    """Make everything that the competition needs below a folder."""
    split = split_rows(read_archive(output / "downloads", places))
    with appearing(output) as folder:
        write_tables(folder, split)
        draw_cover(split.train, folder / "cover.png")
        draw_pictures(split.train, folder)
        write_examples(folder / "examples", folder / "sample_submission.csv", split)
        check(folder)
    say("8,530 sentences to learn from, 1,066 of them for practice; 2,132 to judge, 639 public")


if __name__ == "__main__":
    sys.exit(run_with_data("Movie reviews", HERE, prepare, data_set="movie-reviews", homes=HOMES))
