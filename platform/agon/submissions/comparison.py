"""Comparing two scores by their bootstrap replicates.

Every submission of a phase met the same random weights, so replicate b of one belongs to replicate
b of the other, and all that a paired comparison needs is to subtract the two vectors. A thousand
numbers are nothing for plain Python, so the web tier does without numpy. The answers are those of
`scoring.intervals`, which a test holds them to.
"""

from __future__ import annotations

import re
import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from operator import sub

SIZE_OF_REPLICATE = 8
"""Bytes of one float64."""

TAIL = 0.025
"""What an interval of 95 % leaves out at either end."""

FEWEST = 0.95
"""Replicates in which a score has no value are left out; with fewer than this share, all are."""

_OWN = re.compile(r"\|(?:submission|agon):[^|]*")


def vector(values: bytes | memoryview) -> array[float]:
    """Stored replicates, little-endian float64, as numbers."""
    numbers = array("d")
    numbers.frombytes(values)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def conditions(signature: str) -> str:
    """A signature without what may differ between two scores that are compared.

    What stays is the metric, its parameters, the split, the rows, the solution, the way of making
    intervals and its seed.
    """
    return _OWN.sub("", signature)


@dataclass(frozen=True, slots=True)
class Replicated:
    """A score's replicates, and what they were made under."""

    signature: str
    values: array[float]

    def is_comparable_with(self, other: Replicated) -> bool:
        return len(self.values) == len(other.values) and conditions(self.signature) == conditions(
            other.signature
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """How the first of two scores differs from the second over the replicates.

    Attributes:
        low: The lower end of the 95 % interval of first minus second.
        high: Its upper end.
        above: The share of replicates in which the first is greater.
        below: The share in which it is smaller.
    """

    low: float
    high: float
    above: float
    below: float

    @property
    def may_be_chance(self) -> bool:
        return self.low <= 0 <= self.high


def difference(first: Sequence[float], second: Sequence[float]) -> Difference | None:
    """The paired comparison; None where too few replicates have a value in both."""
    differences = sorted(filter(isfinite, map(sub, first, second)))
    count = len(differences)
    if count == 0 or count < FEWEST * len(first):
        return None
    return Difference(
        low=quantile(differences, TAIL),
        high=quantile(differences, 1 - TAIL),
        above=(count - bisect_right(differences, 0)) / count,
        below=bisect_left(differences, 0) / count,
    )


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which this share of the ordered numbers lies, by the (n + 1)-th parts.

    It is the rule that the workers make each score's own interval by.
    """
    last = len(ordered) - 1
    position = min(max(share * (len(ordered) + 1) - 1, 0), last)
    below = int(position)
    above = min(below + 1, last)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def groups_of_ties(replicated: Sequence[Replicated | None]) -> list[range]:
    """Stretches of a ranking whose members can't be told apart from their first one.

    Args:
        replicated: The ranked scores, best first; None where one has no replicates.

    Returns:
        Places from 0, each stretch of two or more.
    """
    found = []
    start = 0
    while start < len(replicated):
        end = start + 1
        while end < len(replicated) and _are_tied(replicated[start], replicated[end]):
            end += 1
        if end - start > 1:
            found.append(range(start, end))
        start = end
    return found


def _are_tied(one: Replicated | None, other: Replicated | None) -> bool:
    if one is None or other is None or not one.is_comparable_with(other):
        return False
    found = difference(one.values, other.values)
    return found is not None and found.may_be_chance
