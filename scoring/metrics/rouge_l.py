"""ROUGE-L: the longest sequence of words that an answer and a reference share."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz.distance import LCSseq

from scoring.metrics.answertexts import best_over_references, check_rows, mean_of_rows
from scoring.metrics.shapes import Floats, RowMetric

_WORD = re.compile(r"[a-z0-9]+")


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _f_measure(reference: list[str], answer: list[str]) -> float:
    if not reference or not answer:
        return 0.0
    shared = LCSseq.similarity(reference, answer)
    if shared == 0:
        return 0.0
    precision, recall = shared / len(answer), shared / len(reference)
    return 2 * precision * recall / (precision + recall)


def _rows(truth: tuple[Sequence[str], ...], prediction: Sequence[str]) -> Floats:
    check_rows(truth, prediction)
    references = [[_words(text) for text in texts] for texts in truth]
    return best_over_references(references, [_words(text) for text in prediction], _f_measure)


METRIC = RowMetric(_rows, mean_of_rows)


def rouge_l(
    target: Sequence[Sequence[str]], prediction: Sequence[str], *, weights: Floats | None = None
) -> float:
    r"""The mean over rows of ROUGE-L's F-measure, against the best reference; 0 to 1.

    .. math:: \frac{1}{\sum_i w_i} \sum_i w_i \max_j \frac{2 P_{ij} R_{ij}}{P_{ij} + R_{ij}}, \quad
        P_{ij} = \frac{\mathrm{LCS}(\hat{y}_i, y_{ij})}{|\hat{y}_i|}, \;
        R_{ij} = \frac{\mathrm{LCS}(\hat{y}_i, y_{ij})}{|y_{ij}|}

    LCS is the length of the longest common subsequence of words: runs of the letters a to z and of
    digits, in lower letters, not stemmed; so texts in other scripts have no words, and score 0.
    Equal to Google's ``rouge-score`` (``rougeL``, ``score_multi``), averaged over rows.

    Args:
        target: One or more columns of references, n texts each.
        prediction: The n answers.
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, or not as many answers as references.

    >>> rouge_l([["the cat sat on the mat"]], ["the cat on a mat"])
    0.7272727272727272
    """
    return METRIC.value(tuple(target), prediction, weights=weights)
