"""BLEU: how many words and runs of words of a translation are in the reference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from sacrebleu.metrics.bleu import BLEU

from scoring.metrics.characters import words
from scoring.metrics.items import ItemRows
from scoring.metrics.ngrams import (
    ngram_matches,
    ngram_totals,
    packed_references,
    unpacked_references,
)
from scoring.metrics.shapes import Floats, Prepared, RowMetric
from scoring.metrics.tokenisers import tokenised_lines

ORDERS = 4


def _tokens(texts: Sequence[str], tokenize: str, lowercase: bool) -> ItemRows:
    return words(tokenised_lines(texts, tokenize=tokenize, lowercase=lowercase), len(texts))


def _prepare(truth: tuple[Sequence[str], ...], *, tokenize: str, lowercase: bool) -> Prepared:
    return packed_references([_tokens(texts, tokenize, lowercase) for texts in truth], "token")


def _rows(
    prepared: Prepared, prediction: Sequence[str], *, tokenize: str, lowercase: bool
) -> Floats:
    """sacreBLEU's statistics: both lengths, n-grams that match and all n-grams of the answer."""
    references = unpacked_references(prepared, "token")
    answers = _tokens(prediction, tokenize, lowercase)
    sizes = answers.sizes
    lengths = np.stack([each.sizes for each in references])
    if sizes.size == 0 or lengths.shape[1] != sizes.size:
        raise ValueError(f"expected {lengths.shape[1]} texts, one or more, not {sizes.size}")
    # The nearest length, and of two that are as near, the shorter one.
    nearness = np.abs(lengths - sizes) * (lengths.max() + 1) + lengths
    nearest = np.take_along_axis(lengths, nearness.argmin(axis=0)[None], axis=0)[0]
    matches = ngram_matches(answers, references, orders=ORDERS)
    totals = ngram_totals(sizes, orders=ORDERS)
    return np.column_stack([sizes, nearest, matches, totals]).astype(np.float64)


def _score(answer: float, reference: float, *counts: float) -> float:
    """sacreBLEU's formula, its steps in its order; sums under weights need not be whole."""
    correct, total = counts[:ORDERS], counts[ORDERS:]
    if not any(correct):
        return 0.0
    penalty = 1.0 if answer >= reference else math.exp(1 - reference / answer)
    logarithms = []
    smoothing = 1.0
    for matches, grams in zip(correct, total, strict=True):
        if grams == 0:
            return 0.0
        if matches == 0:
            smoothing *= 2
            logarithms.append(math.log(100.0 / (smoothing * grams)))
        else:
            logarithms.append(math.log(100.0 * matches / grams))
    return penalty * math.exp(sum(logarithms) / ORDERS)


def _finish(sums: Floats, total: Floats, **_: Any) -> Floats:
    # With the standard library's logarithm, whose last digit is not numpy's.
    scores = [_score(*own) for own in sums.reshape(-1, 2 + 2 * ORDERS).tolist()]
    return np.where(np.asarray(total) > 0, np.reshape(scores, sums.shape[:-1]), np.nan)


METRIC = RowMetric(_rows, _finish, prepare=_prepare)


def bleu(
    target: Sequence[Sequence[str]],
    prediction: Sequence[str],
    *,
    tokenize: str = "13a",
    lowercase: bool = False,
    weights: Floats | None = None,
) -> float:
    r"""The geometric mean of n-gram precisions, times a penalty for being short; 0 to 100.

    .. math:: 100 \cdot \min\left(1, e^{1 - r / c}\right)
        \left(\prod_{n=1}^{4} \frac{m_n}{t_n}\right)^{1/4}

    m counts the n-grams of all answers that a reference has, clipped; t all n-grams of the answers,
    c their words, and r the words of the references nearest in length. Of the orders without a
    match the precision is smoothed (``exp``). The same to the last digit as sacreBLEU's
    ``corpus_bleu``, and so are the statistics of each row.

    Args:
        target: One or more columns of references, n texts each.
        prediction: The n answers.
        tokenize: How texts are cut into words: ``13a``, ``intl``, ``char``, ``zh`` or ``none``.
        lowercase: Whether capitals do not matter.
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, or not as many answers as references.

    >>> bleu([["the cat sat on the mat"]], ["the cat sat on a mat"])
    53.7284965911771
    """
    return METRIC.value(
        tuple(target), prediction, weights=weights, tokenize=tokenize, lowercase=lowercase
    )


def signature(*, references: int, tokenize: str, lowercase: bool) -> str:
    """sacreBLEU's signature."""
    metric = BLEU(tokenize=tokenize, lowercase=lowercase)
    metric.num_refs = references
    return str(metric.get_signature())
