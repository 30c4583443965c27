"""Token F1: how far the words of an answer and of a reference agree, as SQuAD counts them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from scoring.metrics.answertexts import (
    best_over_references,
    check_rows,
    mean_of_rows,
    squad_words,
)
from scoring.metrics.shapes import Floats, RowMetric


def _f1(reference: Counter[str], answer: Counter[str]) -> float:
    if not reference or not answer:
        return float(reference == answer)
    shared = sum(min(count, reference[word]) for word, count in answer.items())
    return 2.0 * shared / (reference.total() + answer.total())


def _rows(truth: tuple[Sequence[str], ...], prediction: Sequence[str]) -> Floats:
    check_rows(truth, prediction)
    references = [[Counter(squad_words(text)) for text in texts] for texts in truth]
    return best_over_references(
        references, [Counter(squad_words(text)) for text in prediction], _f1
    )


METRIC = RowMetric(_rows, mean_of_rows)


def token_f1(
    target: Sequence[Sequence[str]], prediction: Sequence[str], *, weights: Floats | None = None
) -> float:
    r"""The mean over rows of the F1 of shared words, against the best reference; 0 to 1.

    .. math:: \frac{1}{\sum_i w_i} \sum_i w_i \max_j
        \frac{2 \, |\hat{Y}_i \cap Y_{ij}|}{|\hat{Y}_i| + |Y_{ij}|}

    Y are bags of words in lower letters, without ASCII punctuation and the articles *a*, *an* and
    *the*. Where one of the two has no such word, a row counts 1 if neither has, else 0. Equal to
    SQuAD 2.0's evaluation (Rajpurkar et al. 2018), which prints it times 100.

    Args:
        target: One or more columns of references, n texts each.
        prediction: The n answers.
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, or not as many answers as references.

    >>> token_f1([["the black cat", "dog"]], ["a cat", "dog"])
    0.8333333333333333
    """
    return METRIC.value(tuple(target), prediction, weights=weights)
