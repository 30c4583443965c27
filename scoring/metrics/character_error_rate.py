"""CER: character error rate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rapidfuzz.distance import Levenshtein

from scoring.metrics.answertexts import check_rows, edits_by_length
from scoring.metrics.shapes import Floats, RowMetric


def _rows(truth: tuple[Sequence[str], ...], prediction: Sequence[str]) -> Floats:
    """Edits, and the reference's characters."""
    check_rows(truth, prediction)
    pairs = [
        (reference.strip(), answer.strip())
        for reference, answer in zip(truth[0], prediction, strict=True)
    ]
    rows = [(Levenshtein.distance(*pair), len(pair[0])) for pair in pairs]
    return np.array(rows, dtype=np.float64)


METRIC = RowMetric(_rows, edits_by_length)


def character_error_rate(
    target: Sequence[str], prediction: Sequence[str], *, weights: Floats | None = None
) -> float:
    r"""Characters put in, left out or replaced, over the references' characters.

    .. math:: \frac{\sum_i w_i (S_i + D_i + I_i)}{\sum_i w_i N_i}

    Over the whole corpus, not the mean of rows; more than 1 is possible. A character is a Unicode
    code point; spaces between words count, those around a text do not. Equal to ``jiwer.cer``. NaN
    where the references have no character at all. An answer may be empty where the submission's
    column is a ``sequence``.

    Args:
        target: The n references.
        prediction: The n answers.
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, or not as many answers as references.

    >>> character_error_rate(["cat", "sat"], ["cut", "sat"])
    0.16666666666666666
    """
    return METRIC.value((target,), prediction, weights=weights)
