"""What the metrics of numbers share: checks of their input, and sums that keep their digits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scoring.metrics.shapes import Floats, ratio

LEAST_SPREAD = 1e-9
"""A variance below this share of the mean square about the centre is rounding, not variance."""


def check_numbers(target: Floats, prediction: Floats) -> None:
    """Refuse what no metric of numbers is defined for.

    Raises:
        ValueError: no rows, the shapes differ, or a value is not finite.
    """
    if target.ndim != 1 or target.shape != prediction.shape or target.size == 0:
        raise ValueError(f"expected rows of one shape, not {target.shape} and {prediction.shape}")
    check_finite(target, prediction)


def check_finite(*arrays: Floats) -> None:
    """Refuse NaN and infinity.

    Raises:
        ValueError: a value is not finite.
    """
    if not all(np.isfinite(array).all() for array in arrays):
        raise ValueError("every value must be finite")


def check_quantiles(target: Floats, prediction: Floats, quantiles: Sequence[float]) -> Floats:
    """Forecasts as one column a quantile, shape (n, quantiles).

    Raises:
        ValueError: no rows, shapes that do not fit, a value that is not finite, or a quantile that
            is not between 0 and 1.
    """
    columns = prediction.reshape(-1, 1) if prediction.ndim == 1 else prediction
    if target.size == 0 or columns.shape != (target.size, len(quantiles)):
        shapes = f"{target.shape} and {prediction.shape}"
        raise ValueError(f"shapes {shapes} do not fit {len(quantiles)} quantile(s)")
    if not all(0.0 < quantile < 1.0 for quantile in quantiles):
        raise ValueError("every quantile must be between 0 and 1")
    check_finite(target, prediction)
    return columns


def pinball_rows(target: Floats, columns: Floats, quantiles: Sequence[float]) -> Floats:
    """The mean pinball loss of each row over its quantiles, shape (n,)."""
    total = np.zeros(target.size)
    with np.errstate(over="ignore"):
        for quantile, column in zip(quantiles, columns.T, strict=True):
            above = target - column
            # Positive where the truth is above the forecast, and negative where it is below.
            total += np.maximum(quantile * above, (quantile - 1.0) * above)
        return total / len(quantiles)


def mean(sums: Floats, total: Floats) -> Floats:
    """The weighted mean of the first thing that is summed; NaN where all weights are 0."""
    return ratio(sums[..., 0], total, otherwise=np.nan)


def means(sums: Floats, total: Floats) -> list[Floats]:
    """The weighted mean of each thing that is summed; NaN where all weights are 0."""
    of_each = ratio(sums, np.asarray(total)[..., None], otherwise=np.nan)
    return list(np.moveaxis(of_each, -1, 0))


def exponent_of(values: Floats) -> int:
    """The power of 2 that is just above the largest magnitude; scaling by it is exact."""
    return int(np.frexp(np.abs(values).max())[1])


def centred(values: Floats) -> Floats:
    """Values about their median and on a scale of 1.

    A correlation stays the same, and its sums lose no digits to a large offset. The median stands
    still when one value is wild, and is exactly the value of a column that is constant.
    """
    scaled: Floats = np.ldexp(values, -exponent_of(values))
    scaled -= np.median(scaled)
    result: Floats = np.ldexp(scaled, -exponent_of(scaled))
    return result


def variance(square: Floats, centre: Floats) -> Floats:
    """The mean square about the mean, from the mean square and the mean; NaN where there is none.

    Both are taken about a value near the mean, such as the median.
    """
    about_mean = square - centre * centre
    return np.where(about_mean > LEAST_SPREAD * square, about_mean, np.nan)
