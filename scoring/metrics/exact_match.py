"""Exact match: the share of answers that equal a reference, as SQuAD compares them."""

from __future__ import annotations

from collections.abc import Sequence

from scoring.metrics.answertexts import (
    best_over_references,
    check_rows,
    mean_of_rows,
    squad_words,
)
from scoring.metrics.shapes import Floats, RowMetric


def _rows(truth: tuple[Sequence[str], ...], prediction: Sequence[str]) -> Floats:
    check_rows(truth, prediction)
    references = [[squad_words(text) for text in texts] for texts in truth]
    answers = [squad_words(text) for text in prediction]
    return best_over_references(references, answers, lambda one, other: float(one == other))


METRIC = RowMetric(_rows, mean_of_rows)


def exact_match(
    target: Sequence[Sequence[str]], prediction: Sequence[str], *, weights: Floats | None = None
) -> float:
    r"""The share of answers that equal one of their references; 0 to 1.

    .. math:: \frac{\sum_i w_i \max_j \mathbf{1}[N(\hat{y}_i) = N(y_{ij})]}{\sum_i w_i}

    N lowers letters and takes away ASCII punctuation, the articles *a*, *an* and *the*, and spare
    white space. Equal to SQuAD's evaluation (Rajpurkar et al. 2016), which prints it times 100.

    Args:
        target: One or more columns of references, n texts each.
        prediction: The n answers.
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, or not as many answers as references.

    >>> exact_match([["The cat", "a dog"]], ["cat.", "dogs"])
    0.5
    """
    return METRIC.value(tuple(target), prediction, weights=weights)
