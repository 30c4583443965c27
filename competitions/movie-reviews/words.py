"""Which words lean to which class, for the pictures and the cover."""

from __future__ import annotations

from collections import Counter
from math import log

import polars as pl

SMOOTHING = 1.0


def balances(train: pl.DataFrame, *, least: int) -> dict[str, float]:
    """For each word of so many sentences, the logarithm of how much likelier it is in positive ones."""
    sentences = [
        Counter(
            word
            for text in train.filter(pl.col("label") == label)["text"]
            for word in set(text.split())
        )
        for label in (0, 1)
    ]
    negative, positive = sentences
    return {
        word: log((positive[word] + SMOOTHING) / (negative[word] + SMOOTHING))
        for word in sorted(set(negative) | set(positive))
        if negative[word] + positive[word] >= least and any(map(str.isalpha, word))
    }
