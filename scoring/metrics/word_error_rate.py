"""WER: word error rate."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from rapidfuzz.distance import Levenshtein

from scoring.metrics.answertexts import check_rows, edits_by_length
from scoring.metrics.shapes import Floats, RowMetric

_SPACES = re.compile(r"\s\s+")


def _words(text: str) -> list[str]:
    # As jiwer cuts: at single spaces, which runs of any white space become.
    return _SPACES.sub(" ", text).strip().split(" ")


def _rows(truth: tuple[Sequence[str], ...], prediction: Sequence[str]) -> Floats:
    """Edits, and the reference's words."""
    check_rows(truth, prediction)
    rows = []
    for reference, answer in zip(truth[0], prediction, strict=True):
        words = list(filter(None, _words(reference)))
        edits = Levenshtein.distance(words, list(filter(None, _words(answer))))
        rows.append((edits, len(words)))
    return np.array(rows, dtype=np.float64)


METRIC = RowMetric(_rows, edits_by_length)


def word_error_rate(
    target: Sequence[str], prediction: Sequence[str], *, weights: Floats | None = None
) -> float:
    r"""Words put in, left out or replaced, over the references' words; more than 1 is possible.

    .. math:: \frac{\sum_i w_i (S_i + D_i + I_i)}{\sum_i w_i N_i}

    Over the whole corpus, not the mean of rows. Capitals and punctuation count; a host who wants
    otherwise normalises the references and says so. Equal to ``jiwer.wer``. NaN where the
    references have no word at all. An answer may be empty where the submission's column is a
    ``sequence``.

    Args:
        target: The n references.
        prediction: The n answers.
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, or not as many answers as references.

    >>> word_error_rate(["the cat sat", "yes"], ["the cat sat down", "no"])
    0.5
    """
    return METRIC.value((target,), prediction, weights=weights)
