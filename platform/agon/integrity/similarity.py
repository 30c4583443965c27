"""How alike two submissions are, by the mistakes that they make.

A submission's score was made on a thousand random weightings of the test rows, the same ones for
everybody. Where two submissions err on the same rows, their thousand scores rise and fall together:
the correlation of the two vectors estimates that of their losses row by row, to about
(1 - r²) / 32. Models that were trained apart on the same data mostly stay below 0.9; a copy with a few
rows changed is above 0.99. It says nothing of who copied, and where scores are nearly perfect, or a
test set has a few hard rows that everybody misses, high values are to be expected.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import isfinite, sqrt
from operator import mul

from agon.submissions.comparison import Replicated

NEARLY_EQUAL = 0.99


@dataclass(frozen=True, slots=True)
class Standardised:
    """Replicates with mean 0 and length 1, and what they were made under."""

    source: Replicated
    values: array[float]


def standardised(replicated: Replicated) -> Standardised | None:
    """None where the replicates are all equal, as of a perfect score: they tell of no mistakes."""
    values = replicated.values
    if not values or not all(map(isfinite, values)):
        return None
    mean = sum(values) / len(values)
    centred = array("d", (value - mean for value in values))
    length = sqrt(sum(map(mul, centred, centred)))
    if length <= 1e-12 * max(1.0, abs(mean)):
        return None
    return Standardised(replicated, array("d", (value / length for value in centred)))


def likeness(first: Standardised, second: Standardised) -> float | None:
    """From -1 to 1; None where the two can't be compared."""
    if not first.source.is_comparable_with(second.source):
        return None
    correlation: float = sum(map(mul, first.values, second.values))
    return max(-1.0, min(1.0, correlation))


def pairs_alike(
    replicated: Sequence[Replicated | None], *, at_least: float = NEARLY_EQUAL
) -> list[tuple[int, int, float]]:
    """The pairs that are at least so alike, as two places and their likeness; the most alike first."""
    prepared = [
        (place, found)
        for place, one in enumerate(replicated)
        if one is not None and (found := standardised(one)) is not None
    ]
    pairs = []
    for (first, one), (second, other) in combinations(prepared, 2):
        alike = likeness(one, other)
        if alike is not None and alike >= at_least:
            pairs.append((first, second, alike))
    return sorted(pairs, key=lambda pair: -pair[2])
