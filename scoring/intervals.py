"""Confidence intervals and paired comparisons from vectors of bootstrap replicates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scoring.metrics.shapes import Floats

LEVEL = 0.95
MOST_MISSING = 0.05
"""The largest share of replicates in which a score may be undefined."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two submissions on the same rows.

    Attributes:
        difference: The first one's score less the second one's, as the replicates' mean.
        low: The lower end of the difference's 95 % interval.
        high: Its upper end.
        share_above: The share of replicates in which the first one's score is the larger one; a
            replicate in which they are equal counts half.
    """

    difference: float
    low: float
    high: float
    share_above: float

    @property
    def is_distinct(self) -> bool:
        """Whether chance alone hardly explains the difference."""
        return self.low > 0.0 or self.high < 0.0


def percentile_interval(replicates: Floats, *, level: float = LEVEL) -> tuple[float, float] | None:
    """The middle part of the replicates (Efron's percentile method).

    Args:
        replicates: Scores under bootstrap weights, NaN where undefined, shape (n,).
        level: The share of them that lies inside.

    Returns:
        The two ends; None where more than `MOST_MISSING` of the scores are undefined.
    """
    defined = replicates[np.isfinite(replicates)]
    if defined.size < (1.0 - MOST_MISSING) * replicates.size or defined.size == 0:
        return None
    tail = (1.0 - level) / 2.0
    # The (B + 1)-th parts of Efron and Tibshirani; numpy calls the rule by another name.
    low, high = np.quantile(defined, [tail, 1.0 - tail], method="weibull")
    return float(low), float(high)


def compare(first: Floats, second: Floats, *, level: float = LEVEL) -> Comparison | None:
    """Compare two submissions replicate by replicate; both met the same weights.

    Returns:
        None where too many replicates are undefined.
    """
    differences = first - second
    interval = percentile_interval(differences, level=level)
    if interval is None:
        return None
    defined = differences[np.isfinite(differences)]
    above = np.count_nonzero(defined > 0) + 0.5 * np.count_nonzero(defined == 0)
    return Comparison(float(defined.mean()), *interval, float(above / defined.size))


def packed(replicates: Floats) -> bytes:
    """A vector as it is stored: little-endian float64."""
    return replicates.astype("<f8").tobytes()


def unpacked(content: bytes) -> Floats:
    """The vector of `packed`."""
    return np.frombuffer(content, dtype="<f8").astype(np.float64)
