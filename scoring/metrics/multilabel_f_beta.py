"""F-beta of sets of labels: the harmonic mean of precision and recall."""

from __future__ import annotations

from collections.abc import Sequence

from scoring.metrics.label_averages import label_metric
from scoring.metrics.shapes import Floats


def _quotient(
    hits: Floats, truths: Floats, predictions: Floats, *, beta: float
) -> tuple[Floats, Floats]:
    found = (1.0 + beta * beta) * hits
    # Summed so that nothing missed and nothing wrong is 1 to the last digit.
    return found, found + beta * beta * (truths - hits) + (predictions - hits)


METRIC = label_metric(_quotient)


def multilabel_f_beta(
    target: Sequence[str],
    prediction: Sequence[str],
    *,
    beta: float = 1.0,
    average: str = "macro",
    weights: Floats | None = None,
) -> float:
    r"""The weighted harmonic mean of precision and recall of sets of labels; 0 to 1.

    .. math:: \frac{(1 + \beta^2) |Y \cap \hat{Y}|}{\beta^2 |Y| + |\hat{Y}|}

    Where nothing is true and nothing is predicted it is 1. Equal to scikit-learn's ``fbeta_score``
    of indicator matrices with ``zero_division=1``, over the labels that occur on either side.

    Args:
        target: Each row's true labels, with spaces between them, in any order.
        prediction: Each row's predicted labels, likewise.
        beta: How many times as much recall counts as precision, above 0.
        average: ``micro``: of all labels of all rows together; ``macro``: the mean over the labels
            that are true or predicted anywhere; ``samples``: the mean over the rows.
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, not as many answers as truths, or there is no such average.

    >>> round(multilabel_f_beta(["cat dog", "bird"], ["dog", "bird cat"], average="samples"), 6)
    0.666667
    """
    return METRIC.value((target,), prediction, weights=weights, beta=beta, average=average)
