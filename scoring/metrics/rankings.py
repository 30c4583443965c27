"""What the ranking metrics share: the relevant items of each row, and where a ranking hits them.

Two rules hold for all of them. An item that is repeated in a ranking counts once, at its first
place; its later places stay, and hit nothing. A row without any relevant item is left out, since
no ranking could get anything right there: the mean is over the other rows, and a perfect file
reaches 1. (Kaggle's code counts such a row as 0, which multiplies every team's score by the same
share and changes no order.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.metrics.items import ItemRows, find_items, parse_items, without_repeats
from scoring.metrics.shapes import Floats, Integers, Prepared, ratio


@dataclass(frozen=True, slots=True)
class Hits:
    """The relevant items that rankings found, one after the other, the rows in order.

    Attributes:
        rows: The row of each, shape (hits,).
        places: Its place in the ranking, from 1, shape (hits,).
        found: Which relevant item of all rows it is, shape (hits,).
        relevant: How many relevant items each row has, shape (n,).
    """

    rows: Integers
    places: Integers
    found: Integers
    relevant: Integers

    def summed(self, values: Floats | None = None) -> Floats:
        """The sum of the hits' values in each row, or how many there are, shape (n,)."""
        sums = np.bincount(self.rows, weights=values, minlength=self.relevant.size)
        return sums.astype(np.float64, copy=False)

    @property
    def numbers(self) -> Integers:
        """The how-manieth hit of its row each is, from 1, shape (hits,)."""
        counts = np.bincount(self.rows, minlength=self.relevant.size)
        before = np.cumsum(counts) - counts
        return np.arange(1, self.rows.size + 1) - before[self.rows]

    @property
    def is_first(self) -> NDArray[np.bool_]:
        """Whether each is the first hit of its row, shape (hits,)."""
        first: NDArray[np.bool_] = self.numbers == 1
        return first


def prepare_relevant(truth: tuple[Sequence[str], ...], **_: Any) -> Prepared:
    """The relevant items of each row, each once."""
    return packed_items(without_repeats(parse_items(truth[0])))


def packed_items(items: ItemRows) -> dict[str, NDArray[Any]]:
    """Items as arrays that a prepared solution keeps."""
    return {"keys": items.keys, "starts": items.starts}


def hits_of(prepared: Prepared, prediction: Sequence[str], *, k: int | None) -> Hits:
    """Compare the first k places of each ranking with the row's relevant items.

    Raises:
        ValueError: no rows, or not as many rankings as rows.
    """
    relevant = ItemRows(prepared["keys"], prepared["starts"])
    rows = relevant.starts.size - 1
    if rows == 0 or len(prediction) != rows:
        raise ValueError(f"expected {rows} rankings, one or more, not {len(prediction)}")
    ranking = parse_items(prediction, most=k)
    found = find_items(ranking, relevant)
    hits = np.flatnonzero(found >= 0)
    return Hits(
        rows=ranking.rows[hits],
        places=ranking.places[hits] + 1,
        found=found[hits],
        relevant=relevant.sizes,
    )


def rows_that_count(values: Floats, counts: NDArray[np.bool_]) -> Floats:
    """What each row adds: its value, and whether it counts; shape (n, 2)."""
    return np.stack([np.where(counts, values, 0.0), counts.astype(np.float64)], axis=1)


def mean_of_counted(sums: Floats, _total: Floats, **_: Any) -> Floats:
    """The mean over the rows that count; NaN where there are none."""
    return ratio(sums[..., 0], sums[..., 1], otherwise=np.nan)
