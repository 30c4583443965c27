"""Expected calibration error: how far confidence is from accuracy."""

from __future__ import annotations

import numpy as np

from scoring.metrics.probability_rows import row_sums
from scoring.metrics.shapes import Floats, Integers, RowMetric, ratio

_ROUNDING = 1e-12


def _rows(target: Integers, prediction: Floats, *, bins: int) -> Floats:
    sums = row_sums(target, prediction)
    highest = prediction[:, 0].copy()
    chosen = np.zeros(target.size, dtype=np.int64)
    for number, column in enumerate(prediction.T):
        is_higher = column > highest
        chosen[is_higher] = number
        highest[is_higher] = column[is_higher]
    # What rounding took from a sum of 1 must not move a confidence across a bin's bound.
    confidence = np.where(np.abs(sums - 1.0) < _ROUNDING, highest, highest / sums)
    inner_bounds = np.linspace(0.0, 1.0, bins + 1)[1:-1]
    rows = np.zeros((target.size, bins))
    places = np.searchsorted(inner_bounds, confidence, side="left")
    rows[np.arange(target.size), places] = (chosen == target) - confidence
    return rows


def _finish(sums: Floats, total: Floats, *, bins: int) -> Floats:  # noqa: ARG001
    return ratio(np.abs(sums).sum(axis=-1), total, otherwise=np.nan)


METRIC = RowMetric(_rows, _finish)


def expected_calibration_error(
    target: Integers, prediction: Floats, *, bins: int = 15, weights: Floats | None = None
) -> float:
    r"""The mean distance between confidence and accuracy, over bins of rows of like confidence.

    .. math:: \sum_b \frac{W_b}{\sum_i w_i} \left| \mathrm{acc}_b - \mathrm{conf}_b \right|

    A row's confidence is its highest probability, divided by the row's sum unless that is 1; the
    first of equally likely classes is the predicted one. Bin b holds confidences above (b - 1) / bins, up to and
    with b / bins; W is the sum of its weights. 0 to 1. Source: Guo, Pleiss, Sun and Weinberger, "On
    calibration of modern neural networks", 2017, whose code it equals.

    Args:
        target: The number of the true class's column, shape (n,).
        prediction: Probabilities in [0, 1], shape (n, classes).
        bins: How many bins of equal width there are.
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, shapes that do not fit, a class that has no column, a probability
            that is NaN or outside [0, 1], or a row of zeros only.

    >>> expected_calibration_error(np.array([0, 1]), np.array([[0.5, 0.5], [0.25, 0.75]]))
    0.375
    """
    return METRIC.value(target, prediction, weights=weights, bins=bins)
