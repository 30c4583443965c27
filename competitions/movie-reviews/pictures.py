"""The pictures of the movie-reviews competition's data page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from charts import AMBER, BLUE, Chart
from words import balances

NAMES = ("negative", "positive")
COLOURS = (BLUE, AMBER)
WIDEST = 4  # words in one bar of the histogram
SHOWN = 13
OFTEN = 20


def draw_pictures(train: pl.DataFrame, folder: Path) -> None:
    """Draw all of them, from training rows alone."""
    _draw_classes(train, folder / "classes.png")
    _draw_lengths(train, folder / "lengths.png")
    _draw_words(train, folder / "words.png")


def _draw_classes(train: pl.DataFrame, path: Path) -> None:
    counts = [train.filter(pl.col("label") == label).height for label in (0, 1)]
    chart = Chart(x=(-0.6, 1.6), y=(0, 5000), height=420)
    chart.y_axis({count: f"{count:,}" for count in range(0, 5001, 1000)}, "Training sentences")
    chart.x_axis(dict(enumerate(NAMES)))
    for label, count in enumerate(counts):
        chart.bars([label], [count], COLOURS[label], width=0.5)
        chart.label(label, count, f"{count:,}")
    chart.save(path)


def _draw_lengths(train: pl.DataFrame, path: Path) -> None:
    lengths = train["text"].str.split(" ").list.len().to_numpy()
    edges = np.arange(0, 64, WIDEST)
    chart = Chart(x=(-0.5, 60.5), y=(0, 700))
    chart.y_axis({count: str(count) for count in range(0, 701, 100)}, "Training sentences")
    chart.x_axis({words: str(words) for words in range(0, 61, 10)}, "words")
    for label, shift in ((0, -0.8), (1, 0.8)):
        counts, _ = np.histogram(lengths[train["label"].to_numpy() == label], edges)
        middles = edges[:-1] + WIDEST / 2 - 0.5 + shift
        chart.bars(middles.tolist(), counts.tolist(), COLOURS[label], width=1.5)
        chart.key(NAMES[label], COLOURS[label])
    chart.save(path)


def _draw_words(train: pl.DataFrame, path: Path) -> None:
    """The frequent words that lean most to one class, as bars to either side."""
    leaning = balances(train, least=OFTEN)
    ordered = sorted(leaning, key=lambda word: (leaning[word], word))
    chart = Chart(x=(-6.4, 6.4), y=(-SHOWN, 1), height=640)
    factors = {2: "4 times", 4: "16 times"}
    ticks = {-place: text for place, text in factors.items()} | {0: "even"} | factors
    chart.x_axis(ticks, "how much likelier in one class than in the other")
    for label, words in ((0, ordered[:SHOWN]), (1, ordered[: -SHOWN - 1 : -1])):
        chart.key(f"in {NAMES[label]} sentences", COLOURS[label])
        for place, word in enumerate(words):
            doublings = leaning[word] / np.log(2)
            chart.line([0, doublings], [-place, -place], COLOURS[label], 20)
            chart.label_beside(doublings, -place, word, right=label == 1)
    chart.save(path)
