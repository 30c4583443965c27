"""Make the files of the CO2 competition from the weekly series that statsmodels ships.

    python competitions/co2/prepare.py [--mirror ADDRESS-OR-FOLDER] [--output DIR]

The series comes from the installed statsmodels (`make setup-baselines` installs it), else from a mirror
or statsmodels' repository (34 kB), else from its package (12 MB). The same series gives the same files,
and the solution is checked against a fixed hash: ranks compare only if everybody is scored on the
same rows.
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
from forecasts import (  # noqa: E402
    QUANTILES,
    forecast,
    last_value,
    past_changes,
    year_before,
    year_before_and_growth,
)
from pictures import draw_pictures  # noqa: E402
from preparing import appearing, run_with_data, spoil  # noqa: E402
from progress import say  # noqa: E402
from series import WEEKS, Windows, read_series  # noqa: E402
from source import HOMES, fetch_series  # noqa: E402

SEED = 1958  # the year of the first measurement
FIRST_PRACTICE_ID = 1001
PUBLIC_ORIGINS = 3
GUESS = (360.0, 365.0, 370.0, 375.0, 380.0)
SOLUTION_SHA256 = "571090e9535e1f69ba2b41fff577e0a3cf982f78b8737950e80bfb8d28f408e3"


def truth(table: pl.DataFrame, weeks: pl.DataFrame) -> pl.DataFrame:
    """What was measured in the weeks of a table of rows to forecast."""
    return table.join(weeks, on="date", how="left", maintain_order="left").select("id", "co2")


def public_ids(test: pl.DataFrame) -> set[int]:
    """Three whole windows, one in each third of the two years: rows of one window resemble each other."""
    origins = test["origin"].unique().sort().to_list()
    thirds = np.array_split(np.arange(len(origins)), PUBLIC_ORIGINS)
    random = np.random.default_rng(SEED)
    public = [origins[int(random.choice(third))] for third in thirds]
    return set(test.filter(pl.col("origin").is_in(public))["id"])


def write_tables(folder: Path, weeks: pl.DataFrame) -> None:
    """What participants download, and the solution, which they don't."""
    windows = Windows.ending_with(weeks.height)
    last_known = windows.origins[0]
    test = windows.table(weeks["date"], first_id=1)
    hidden = test["date"]
    train = weeks.head(last_known + 1)
    train.write_csv(folder / "train.csv")
    later = weeks.tail(WEEKS - last_known - 1).filter(~pl.col("date").is_in(hidden.implode()))
    later.select("date", "co2").write_csv(folder / "known_later.csv")
    test.write_csv(folder / "test.csv")
    guesses = [pl.lit(guess).alias(name) for name, guess in zip(QUANTILES, GUESS, strict=True)]
    test.select("id", *guesses).write_csv(folder / "sample_submission.csv")
    practice = Windows.ending_with(train.height).table(train["date"], FIRST_PRACTICE_ID)
    practice.write_csv(folder / "practice.csv")
    truth(practice, weeks).with_columns(Usage=pl.lit("Public")).write_csv(
        folder / "practice_solution.csv"
    )
    public = public_ids(test)
    usage = ["Public" if number in public else "Private" for number in test["id"]]
    solution = truth(test, weeks).with_columns(pl.Series("Usage", usage))
    solution.write_csv(folder / "solution.csv")


def write_examples(folder: Path, sample: Path, weeks: pl.DataFrame) -> None:
    """Submissions whose verdicts stand in examples/expected.yaml."""
    folder.mkdir()
    windows, values = Windows.ending_with(weeks.height), weeks["co2"].to_numpy()
    ids = pl.read_csv(sample)["id"]
    answers = truth(windows.table(weeks["date"], first_id=1), weeks)
    perfect = answers.select("id", *(pl.col("co2").alias(name) for name in QUANTILES))
    perfect.write_csv(folder / "perfect.csv")
    perfect.sample(fraction=1, shuffle=True, seed=SEED).write_csv(folder / "shuffled.csv")
    offsets = zip(QUANTILES, (-2, -1, 0, 1, 2), strict=True)
    perfect.with_columns(pl.col(name) + by for name, by in offsets).write_csv(folder / "wide.csv")
    for method in (last_value, year_before, year_before_and_growth, past_changes):
        table = forecast(method, values, windows, ids)
        table.write_csv(folder / f"{method.__name__}.csv")
    spoil(sample, folder)


def check(folder: Path) -> None:
    """What must hold whatever was changed above."""
    train, later, test, sample, solution, practice = (
        pl.read_csv(folder / f"{name}.csv", try_parse_dates=True)
        for name in (
            "train",
            "known_later",
            "test",
            "sample_submission",
            "solution",
            "practice_solution",
        )
    )
    assert (train.height, later.height, test.height) == (2180, 32, 72), "2,180, 32 and 72 weeks"
    hidden = set(test["date"])
    assert not hidden & (set(train["date"]) | set(later["date"])), "no hidden week is published"
    assert "co2" not in test.columns, "the test rows have no answers"
    assert sample["id"].equals(test["id"]), "the sample has the test's ids"
    assert solution["id"].equals(test["id"]), "the solution has the test's ids"
    assert solution["co2"].null_count() == 0, "every hidden week was measured or filled"
    assert not set(practice["id"]) & set(test["id"]), "no id is used twice"
    assert solution.filter(pl.col("Usage") == "Public").height == 24, "three windows are public"
    digest = hashlib.sha256((folder / "solution.csv").read_bytes()).hexdigest()
    assert digest == SOLUTION_SHA256, f"the solution is the known one, not {digest}"


def prepare(output: Path, places: list[Place]) -> None:
    """Make everything that the competition needs below a folder."""
    weeks = read_series(fetch_series(output / "downloads", places))
    with appearing(output) as folder:
        write_tables(folder, weeks)
        draw_cover(weeks, folder / "cover.png")
        draw_pictures(weeks, folder)
        write_examples(folder / "examples", folder / "sample_submission.csv", weeks)
        check(folder)
    say("2,180 weeks to learn from, 32 that become known later, 72 to forecast")


if __name__ == "__main__":
    sys.exit(run_with_data("CO2 at Mauna Loa", HERE, prepare, data_set="co2", homes=HOMES))
