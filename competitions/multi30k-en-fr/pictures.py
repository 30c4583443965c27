"""The pictures of the translation competition's data page."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
from charts import AMBER, BLUE, CORAL, Chart
from pairs import words_of

LONGEST = 36
SHOWN = 14
# Words of grammar say nothing of the photographs.
GRAMMAR = """
    a an the in on of to with and is are at by for from as while his her their its it he she they that
    this there over up out down into near next through some has have who one two three be or other
    another each them him off along around behind front against under onto
"""


def draw_pictures(train: pl.DataFrame, folder: Path) -> None:
    """Draw all of them, from training rows alone."""
    _draw_lengths(train, folder / "lengths.png")
    _draw_words(train, folder / "words.png")


def _draw_lengths(train: pl.DataFrame, path: Path) -> None:
    chart = Chart(x=(1.5, LONGEST + 0.5), y=(0, 4000))
    chart.y_axis({count: f"{count:,}" for count in range(0, 4001, 1000)}, "Training sentences")
    chart.x_axis({words: str(words) for words in range(5, LONGEST, 5)}, "words and marks")
    for column, colour, shift in (("english", BLUE, -0.2), ("french", AMBER, 0.2)):
        lengths = [len(words_of(text)) for text in train[column]]
        counts = np.bincount(lengths, minlength=LONGEST + 1)[: LONGEST + 1]
        places = np.arange(LONGEST + 1)[2:] + shift
        chart.bars(places.tolist(), counts[2:].tolist(), colour, width=0.38)
        chart.key(column.title(), colour)
    chart.save(path)


def _draw_words(train: pl.DataFrame, path: Path) -> None:
    grammar = frozenset(GRAMMAR.split())
    counts = Counter(
        word
        for text in train["english"]
        for word in words_of(text)
        if word.isalpha() and word not in grammar
    )
    ordered = sorted(counts, key=lambda word: (-counts[word], word))[:SHOWN]
    most = counts[ordered[0]]
    chart = Chart(x=(-most * 0.12, most * 1.12), y=(-SHOWN, 1), height=640)
    chart.key("Most frequent in the English training sentences", CORAL)
    for place, word in enumerate(ordered):
        chart.line([0, counts[word]], [-place, -place], CORAL, 20)
        chart.label_beside(0, -place, word, right=False)
        chart.label_beside(counts[word], -place, f"{counts[word]:,}")
    chart.save(path)
