"""Dice: how far predicted masks and true masks agree, image by image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scoring.metrics.masks import mask_faults, overlaps, prepare_masks
from scoring.metrics.shapes import Floats, Prepared, RowMetric, ratio


def _rows(
    prepared: Prepared, prediction: Sequence[str], *, height: int, width: int, average: str
) -> Floats:
    shared, truth, answer = overlaps(prepared, prediction, height=height, width=width)
    if average == "pixels":
        return np.column_stack([2.0 * shared, truth + answer])
    dice = ratio(2.0 * shared, truth + answer, otherwise=1.0)
    return np.column_stack([dice, np.ones_like(dice)])


def _finish(sums: Floats, _total: Floats, **_: Any) -> Floats:
    return ratio(sums[..., 0], sums[..., 1], otherwise=np.nan)


METRIC = RowMetric(_rows, _finish, prepare=prepare_masks, check=mask_faults)


def dice(
    target: Sequence[str],
    prediction: Sequence[str],
    *,
    height: int,
    width: int,
    average: str = "masks",
    weights: Floats | None = None,
) -> float:
    r"""The Dice coefficient of masks; 0 to 1.

    .. math:: \frac{1}{\sum_i w_i} \sum_i w_i \frac{2 \, |\hat{M}_i \cap M_i|}{|\hat{M}_i| + |M_i|}

    A row is one mask, run-length encoded as `scoring.metrics.masks` says: ``start length …``,
    counted from 1 down the columns; an empty text is an empty mask. By default the mean over masks,
    two empty ones counting 1, as on Kaggle. With ``average="pixels"`` numerators and denominators
    are summed over all masks first, which is the F1 of pixels; NaN where no mask has a pixel.

    Args:
        target: Each row's true mask.
        prediction: Each row's predicted mask.
        height: The images' height in pixels.
        width: The images' width in pixels.
        average: ``masks`` or ``pixels``.
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        UnfitTexts: a text is no mask of such an image.
        ValueError: no rows, or not as many on both sides.

    >>> dice(["1 4", ""], ["3 4", ""], height=4, width=4)
    0.75
    """
    return METRIC.value(
        (target,), prediction, weights=weights, height=height, width=width, average=average
    )
