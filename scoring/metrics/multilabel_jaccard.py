"""Jaccard index of sets of labels: what is right among what is true or predicted."""

from __future__ import annotations

from collections.abc import Sequence

from scoring.metrics.label_averages import label_metric
from scoring.metrics.shapes import Floats


def _quotient(hits: Floats, truths: Floats, predictions: Floats) -> tuple[Floats, Floats]:
    return hits, truths + predictions - hits


METRIC = label_metric(_quotient)


def multilabel_jaccard(
    target: Sequence[str],
    prediction: Sequence[str],
    *,
    average: str = "macro",
    weights: Floats | None = None,
) -> float:
    r"""The labels that are right, among those that are true or predicted; 0 to 1.

    .. math:: \frac{|Y \cap \hat{Y}|}{|Y \cup \hat{Y}|}

    Where nothing is true and nothing is predicted it is 1. Equal to scikit-learn's
    ``jaccard_score`` of indicator matrices with ``zero_division=1``, over the labels that occur on
    either side.

    Args:
        target: Each row's true labels, with spaces between them, in any order.
        prediction: Each row's predicted labels, likewise.
        average: ``micro``: of all labels of all rows together; ``macro``: the mean over the labels
            that are true or predicted anywhere; ``samples``: the mean over the rows.
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, not as many answers as truths, or there is no such average.

    >>> multilabel_jaccard(["cat dog", "bird"], ["dog", "bird cat"], average="samples")
    0.5
    """
    return METRIC.value((target,), prediction, weights=weights, average=average)
