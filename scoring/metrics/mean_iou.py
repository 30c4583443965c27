"""Mean IoU: how far predicted masks and true masks cover each other, class by class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scoring.errors import gettext_noop
from scoring.metrics.masks import mask_faults, overlaps, prepare_masks
from scoring.metrics.shapes import Floats, Prepared, RowFault, RowMetric, UnfitTexts, ratio

MAX_CLASSES = 1_000


def _prepare(truth: tuple[Sequence[str], ...], *, height: int, width: int) -> Prepared:
    prepared = prepare_masks(truth, height=height, width=width)
    classes = np.zeros(len(truth[0]), dtype=np.int64)
    if len(truth) > 1:
        names = sorted(set(truth[1]))
        if len(names) > MAX_CLASSES:
            reason = gettext_noop("makes more than 1,000 classes")
            raise UnfitTexts([RowFault(0, reason)], column=1)
        numbers = {name: number for number, name in enumerate(names)}
        classes = np.array([numbers[name] for name in truth[1]], dtype=np.int64)
    return prepared | {"classes": classes}


def _rows(prepared: Prepared, prediction: Sequence[str], *, height: int, width: int) -> Floats:
    """Of each class the pixels that both masks have, and those that either has."""
    shared, truth, answer = overlaps(prepared, prediction, height=height, width=width)
    classes = prepared["classes"]
    pixels = np.zeros((classes.size, int(classes.max()) + 1, 2))
    pixels[np.arange(classes.size), classes, 0] = shared
    pixels[np.arange(classes.size), classes, 1] = truth + answer - shared
    return pixels.reshape(classes.size, -1)


def _finish(sums: Floats, _total: Floats, *, height: int, width: int) -> Floats:  # noqa: ARG001 - the rows needed them
    pixels = sums.reshape(*sums.shape[:-1], -1, 2)
    is_there = pixels[..., 1] > 0
    scores = ratio(pixels[..., 0], pixels[..., 1])
    return ratio(scores.sum(axis=-1), is_there.sum(axis=-1), otherwise=np.nan)


METRIC = RowMetric(_rows, _finish, prepare=_prepare, check=mask_faults)


def mean_iou(
    target: Sequence[str],
    prediction: Sequence[str],
    *,
    height: int,
    width: int,
    classes: Sequence[str] | None = None,
    weights: Floats | None = None,
) -> float:
    r"""The mean over classes of intersection over union, counted over the pixels of all images.

    .. math:: \frac{1}{C} \sum_{c=1}^{C}
        \frac{\sum_{i \in c} |\hat{M}_i \cap M_i|}{\sum_{i \in c} |\hat{M}_i \cup M_i|}

    A row is one mask: of one image where there is one class, of one image and one class where the
    truth names the class of each row. Masks are run-length encoded, see `scoring.metrics.masks`:
    ``start length …``, counted from 1 down the columns; an empty text is an empty mask. A class
    that has no pixel on either side is left out; NaN where that is every class. A background is a
    class like any other: it counts where it has rows. Equal to torchmetrics' and scikit-learn's
    (``jaccard_score``) per class, over all pixels.

    Args:
        target: Each row's true mask.
        prediction: Each row's predicted mask.
        height: The images' height in pixels.
        width: The images' width in pixels.
        classes: Each row's class; one class by default.
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        UnfitTexts: a text is no mask of such an image.
        ValueError: no rows, or not as many on both sides.

    >>> mean_iou(["1 4", ""], ["3 4", ""], height=4, width=4)
    0.3333333333333333
    """
    truth = (target,) if classes is None else (target, classes)
    return METRIC.value(truth, prediction, weights=weights, height=height, width=width)
