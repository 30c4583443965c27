"""Hamming loss of sets of labels: the share of labels that are missing or too many."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scoring.metrics.label_sets import compared, prepare_labels
from scoring.metrics.numeric import mean
from scoring.metrics.shapes import Floats, Prepared, RowMetric


def _rows(prepared: Prepared, prediction: Sequence[str], *, label_count: int | None) -> Floats:
    hits, truths, predictions = compared(prepared, prediction).counts.T
    labels = max(int(prepared["different"][0]), label_count or 1)
    rows: Floats = np.minimum(truths + predictions - 2.0 * hits, labels) / labels
    return rows


def _finish(sums: Floats, total: Floats, *, label_count: int | None) -> Floats:  # noqa: ARG001
    return mean(sums, total)


METRIC = RowMetric(_rows, _finish, prepare=prepare_labels)


def multilabel_hamming_loss(
    target: Sequence[str],
    prediction: Sequence[str],
    *,
    label_count: int | None = None,
    weights: Floats | None = None,
) -> float:
    r"""The share of all labels of all rows that are missing or should not be there; 0 to 1.

    .. math:: \frac{1}{\sum_i w_i} \sum_i w_i
        \frac{\min(L, |Y_i \setminus \hat{Y}_i| + |\hat{Y}_i \setminus Y_i|)}{L}

    L is the number of labels. A predicted label that the truth has nowhere is wrong like any other,
    but a row can't cost more than 1. Equal to scikit-learn's ``hamming_loss`` of indicator matrices
    where only the truth's labels are predicted.

    Args:
        target: Each row's true labels, with spaces between them, in any order.
        prediction: Each row's predicted labels, likewise.
        label_count: How many labels there are; as many as the truth has by default, and never fewer.
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, or not as many answers as truths.

    >>> multilabel_hamming_loss(["cat dog", "bird fish"], ["dog", "bird cat fish"])
    0.25
    """
    return METRIC.value((target,), prediction, weights=weights, label_count=label_count)
