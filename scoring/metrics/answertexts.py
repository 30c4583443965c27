"""What the metrics that compare one text with another share: counts of rows, SQuAD's words."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from scoring.metrics.shapes import Floats, ratio

_ARTICLES = re.compile(r"\b(a|an|the)\b", re.UNICODE)
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def check_rows(truth: Sequence[Sequence[str]], prediction: Sequence[str]) -> None:
    """Refuse no rows, and columns that are not of one length.

    Raises:
        ValueError: as said.
    """
    if not truth or not prediction or any(len(each) != len(prediction) for each in truth):
        sizes = [len(each) for each in truth]
        raise ValueError(f"expected texts of one length, not {sizes} and {len(prediction)}")


def squad_words(text: str) -> list[str]:
    """The words that SQuAD's evaluation compares: without case, ASCII punctuation and articles.

    >>> squad_words("The cat's  hat!")
    ['cats', 'hat']
    """
    return _ARTICLES.sub(" ", text.lower().translate(_NO_PUNCTUATION)).split()


def best_over_references(
    truth: Sequence[Sequence[Any]],
    prediction: Sequence[Any],
    score: Callable[[Any, Any], float],
) -> Floats:
    """Each row's score against the reference that fits it best, shape (n,).

    Args:
        truth: One or more columns of references, as `score` takes them.
        prediction: The answers, as `score` takes them.
        score: ``score(reference, answer)``.
    """
    return np.array(
        [
            max(score(reference, answer) for reference in references)
            for answer, *references in zip(prediction, *truth, strict=True)
        ]
    )


def mean_of_rows(sums: Floats, total: Floats, **_: Any) -> Floats:
    """The weighted mean of what each row adds; NaN where all weights are 0."""
    return ratio(sums[..., 0], total, otherwise=np.nan)


def edits_by_length(sums: Floats, _total: Floats, **_: Any) -> Floats:
    """Edits over the references' length; NaN where the references are empty."""
    return ratio(sums[..., 0], sums[..., 1], otherwise=np.nan)
