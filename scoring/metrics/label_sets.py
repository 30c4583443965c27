"""What the metrics of sets of labels share: which labels of each row are right.

A row's labels are one text with spaces between them, possibly none; their order does not matter,
and one that is repeated counts once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scoring.metrics.items import ItemRows, find_items, parse_items, without_repeats
from scoring.metrics.shapes import Floats, Integers, Prepared


@dataclass(frozen=True, slots=True)
class LabelSets:
    """True and predicted labels of each row, one row after the other.

    Attributes:
        truths: The true ones, each once.
        predictions: The predicted ones, each once.
        hits: Which of the predicted ones are true, shape (hits,).
    """

    truths: ItemRows
    predictions: ItemRows
    hits: Integers

    @property
    def counts(self) -> Floats:
        """How many labels of each row are hit, true and predicted, shape (n, 3)."""
        hits = np.bincount(self.predictions.rows[self.hits], minlength=self.truths.sizes.size)
        columns = [hits, self.truths.sizes, self.predictions.sizes]
        return np.stack(columns, axis=1).astype(np.float64)

    @property
    def numbered(self) -> LabelPlaces:
        """Each label as a number, with its row."""
        keys = np.concatenate([self.truths.keys, self.predictions.keys])
        labels, numbers = np.unique(keys, return_inverse=True)
        true, predicted = np.split(numbers, [self.truths.keys.size])
        rows = self.predictions.rows
        return LabelPlaces(
            labels=labels.size,
            numbers=(predicted[self.hits], true, predicted),
            rows=(rows[self.hits], self.truths.rows, rows),
        )


@dataclass(frozen=True, slots=True)
class LabelPlaces:
    """Where each label is hit, true and predicted.

    Attributes:
        labels: How many labels there are.
        numbers: The labels' numbers: of those hit, those true, and those predicted.
        rows: The row of each, likewise.
    """

    labels: int
    numbers: tuple[Integers, Integers, Integers]
    rows: tuple[Integers, Integers, Integers]


def prepare_labels(truth: tuple[Sequence[str], ...], **_: Any) -> Prepared:
    """The true labels of each row, and how many different ones there are."""
    items = without_repeats(parse_items(truth[0]))
    different = np.array([np.unique(items.keys).size])
    return {"keys": items.keys, "starts": items.starts, "different": different}


def compared(prepared: Prepared, prediction: Sequence[str]) -> LabelSets:
    """Compare the labels of each row.

    Raises:
        ValueError: no rows, or not as many answers as rows.
    """
    truths = ItemRows(prepared["keys"], prepared["starts"])
    rows = truths.starts.size - 1
    if rows == 0 or len(prediction) != rows:
        raise ValueError(f"expected {rows} sets of labels, one or more, not {len(prediction)}")
    predictions = without_repeats(parse_items(prediction))
    hits = np.flatnonzero(find_items(predictions, truths) >= 0)
    return LabelSets(truths, predictions, hits)
