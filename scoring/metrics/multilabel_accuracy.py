"""Exact match ratio: the share of rows with exactly the right labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scoring.metrics.label_sets import compared, prepare_labels
from scoring.metrics.numeric import mean
from scoring.metrics.shapes import Floats, Prepared, RowMetric


def _rows(prepared: Prepared, prediction: Sequence[str]) -> Floats:
    hits, truths, predictions = compared(prepared, prediction).counts.T
    rows: Floats = ((hits == truths) & (hits == predictions)).astype(np.float64)
    return rows


METRIC = RowMetric(_rows, mean, prepare=prepare_labels)


def multilabel_accuracy(
    target: Sequence[str], prediction: Sequence[str], *, weights: Floats | None = None
) -> float:
    r"""The share of rows whose set of labels is exactly the true one.

    .. math:: \frac{1}{\sum_i w_i} \sum_i w_i \, \mathbf{1}[\hat{Y}_i = Y_i]

    Equal to scikit-learn's ``accuracy_score`` of indicator matrices.

    Args:
        target: Each row's true labels, with spaces between them, in any order.
        prediction: Each row's predicted labels, likewise.
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, or not as many answers as truths.

    >>> multilabel_accuracy(["cat dog", "bird"], ["dog cat", "bird cat"])
    0.5
    """
    return METRIC.value((target,), prediction, weights=weights)
