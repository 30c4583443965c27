"""Make the files of the English-French competition; downloads 1.3 MB the first time.

    python competitions/multi30k-en-fr/prepare.py [--mirror ADDRESS-OR-FOLDER] [--output DIR]

The same sentences give the same files, and the solution is checked against a fixed hash: ranks
compare only if everybody is scored on the same rows.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import numpy as np
import polars as pl

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))  # for the modules that every competition uses

from cover import draw_cover  # noqa: E402
from downloading import Place  # noqa: E402
from pairs import HOMES, PUBLIC_ROWS, SEED, Dictionary, Pairs, read_pairs  # noqa: E402
from pictures import draw_pictures  # noqa: E402
from preparing import appearing, run_with_data, spoil  # noqa: E402
from progress import say  # noqa: E402

GUESS = "Un homme."
SOLUTION_SHA256 = "f9cc9edd8fa7d36dcdc6210aa6a5bc3d7b017090b3564db40f607898b1882e88"


def write_tables(folder: Path, pairs: Pairs) -> None:
    """What participants download, and the solution, which they don't."""
    pairs.train.write_csv(folder / "train.csv")
    pairs.validation.write_csv(folder / "validation.csv")
    test = pairs.test
    test.select("id", "english").write_csv(folder / "test.csv")
    sample = test.select("id", french=pl.lit(GUESS))
    sample.write_csv(folder / "sample_submission.csv")
    practice = pairs.validation.select("id", "french")
    practice.with_columns(Usage=pl.lit("Public")).write_csv(folder / "practice_solution.csv")
    usage = np.full(test.height, "Private", dtype=object)
    usage[pairs.public] = "Public"
    solution = test.select("id", "french").with_columns(pl.Series("Usage", usage.tolist()))
    solution.write_csv(folder / "solution.csv")


def write_examples(folder: Path, sample: Path, pairs: Pairs) -> None:
    """Submissions whose verdicts stand in examples/expected.yaml."""
    folder.mkdir()
    test = pairs.test
    perfect = test.select("id", "french")
    perfect.write_csv(folder / "perfect.csv")
    perfect.sample(fraction=1, shuffle=True, seed=SEED).write_csv(folder / "shuffled.csv")
    perfect.with_columns(pl.col("french").str.to_uppercase()).write_csv(folder / "loud.csv")
    test.select("id", french="english").write_csv(folder / "english.csv")
    dictionary = Dictionary(pairs.train)
    translated = [dictionary.translate(text) for text in test["english"]]
    perfect.with_columns(pl.Series("french", translated)).write_csv(folder / "word_for_word.csv")
    spoil(sample, folder)


def check(folder: Path) -> None:
    """What must hold whatever was changed above."""
    train, validation, test, sample, solution, practice = (
        pl.read_csv(folder / f"{name}.csv")
        for name in (
            "train",
            "validation",
            "test",
            "sample_submission",
            "solution",
            "practice_solution",
        )
    )
    assert (train.height, validation.height, test.height) == (29_000, 1_014, 1_000), "all pairs"
    assert test.columns == ["id", "english"], "the test sentences have no translations"
    assert sample["id"].equals(test["id"]), "the sample has the test's ids"
    assert solution["id"].equals(test["id"]), "the solution has the test's ids"
    assert practice["id"].equals(validation["id"]), "practice rows are the validation rows"
    ids = pl.concat([train["id"], validation["id"], test["id"]])
    assert ids.n_unique() == ids.len(), "no id is used twice"
    for table in (train, validation, test, solution):
        assert table.select(pl.col(pl.String).str.len_chars().min() > 0).row(0), "no text is empty"
    assert solution.filter(pl.col("Usage") == "Public").height == PUBLIC_ROWS, "300 are public"
    digest = hashlib.sha256((folder / "solution.csv").read_bytes()).hexdigest()
    assert digest == SOLUTION_SHA256, f"the solution is the known one, not {digest}"


def prepare(output: Path, places: list[Place]) -> None:
    """Make everything that the competition needs below a folder."""
    pairs = read_pairs(output / "downloads", places)
    with appearing(output) as folder:
        write_tables(folder, pairs)
        draw_cover(pairs.train, folder / "cover.png")
        draw_pictures(pairs.train, folder)
        write_examples(folder / "examples", folder / "sample_submission.csv", pairs)
        check(folder)
    say(
        "29,000 pairs to learn from, 1,014 to practise on; 1,000 sentences to translate, 300 public"
    )


if __name__ == "__main__":
    sys.exit(run_with_data("English to French", HERE, prepare, data_set="multi30k", homes=HOMES))
