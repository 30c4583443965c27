"""chrF: how many runs of characters of a translation and its reference are the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sacrebleu.metrics.chrf import CHRF

from scoring.metrics.characters import characters, joined_lines, words
from scoring.metrics.items import ItemRows
from scoring.metrics.ngrams import (
    ngram_matches,
    ngram_totals,
    packed_references,
    unpacked_references,
)
from scoring.metrics.shapes import Floats, Prepared, RowMetric, ratio


def _prepare(truth: tuple[Sequence[str], ...], *, word_order: int, **_: Any) -> Prepared:
    letters = [characters(texts) for texts in truth]
    # n-grams would take fifty times the memory, and no less time to load than to make.
    prepared = packed_references(letters, "letter", np.uint32)
    if word_order:
        prepared |= packed_references([_words(texts) for texts in truth], "word")
    return prepared


def _words(texts: Sequence[str]) -> ItemRows:
    return words(joined_lines(texts), len(texts), splits_punctuation=True)


def _rows(
    prepared: Prepared, prediction: Sequence[str], *, char_order: int, word_order: int, beta: int
) -> Floats:
    """sacreBLEU's statistics: of each order the n-grams of answer, reference, and both."""
    answers = characters(prediction)
    references = unpacked_references(prepared, "letter")
    rows = references[0].starts.size - 1
    if rows == 0 or len(prediction) != rows:
        raise ValueError(f"expected {rows} texts, one or more, not {len(prediction)}")
    statistics = [_statistics(answers, each, char_order) for each in references]
    if word_order:
        answers = _words(prediction)
        of_words = [
            _statistics(answers, each, word_order) for each in unpacked_references(prepared, "word")
        ]
        statistics = [
            np.concatenate(pair, axis=1) for pair in zip(statistics, of_words, strict=True)
        ]
    # Of several references the one that fits best counts, with all of its statistics.
    every = np.stack(statistics)
    best = _score(every, beta).argmax(axis=0)
    chosen: Floats = np.take_along_axis(every, best[None, :, None, None], axis=0)
    return chosen.reshape(rows, -1)


def _statistics(answers: ItemRows, reference: ItemRows, orders: int) -> Floats:
    """Shape (n, orders, 3)."""
    totals = ngram_totals(reference.sizes, orders=orders)
    # Where the reference has no n-gram of an order, the answer's don't count either.
    own = np.where(totals > 0, ngram_totals(answers.sizes, orders=orders), 0)
    matches = ngram_matches(answers, [reference], orders=orders)
    return np.stack([own, totals, matches], axis=-1).astype(np.float64)


def _score(statistics: Floats, beta: int) -> Floats:
    """sacreBLEU's formula, its steps in its order, for statistics of shape (..., orders, 3)."""
    own, totals, matches = (statistics[..., place] for place in range(3))
    counts = (own > 0) & (totals > 0)
    orders = counts.sum(axis=-1)
    precision, recall = np.zeros(orders.shape), np.zeros(orders.shape)
    for order in range(statistics.shape[-2]):
        both = counts[..., order]
        precision += np.where(both, ratio(matches[..., order], own[..., order]), 0.0)
        recall += np.where(both, ratio(matches[..., order], totals[..., order]), 0.0)
    precision, recall = ratio(precision, orders), ratio(recall, orders)
    factor = beta**2
    score = ratio((1 + factor) * precision * recall, (factor * precision) + recall)
    return 100 * score


def _finish(sums: Floats, total: Floats, *, char_order: int, word_order: int, beta: int) -> Floats:
    statistics = sums.reshape(*sums.shape[:-1], char_order + word_order, 3)
    return np.where(np.asarray(total) > 0, _score(statistics, beta), np.nan)


METRIC = RowMetric(_rows, _finish, prepare=_prepare)


def chrf(
    target: Sequence[Sequence[str]],
    prediction: Sequence[str],
    *,
    char_order: int = 6,
    word_order: int = 0,
    beta: int = 2,
    weights: Floats | None = None,
) -> float:
    r"""The F-score of character n-grams, mean precision against mean recall; 0 to 100.

    .. math:: 100 \, \frac{(1 + \beta^2) P R}{\beta^2 P + R}, \quad
        P = \frac{1}{N} \sum_{n=1}^{N} \frac{m_n}{t_n}, \;
        R = \frac{1}{N} \sum_{n=1}^{N} \frac{m_n}{r_n}

    m counts the n-grams that answers and references share, t those of the answers and r those of
    the references, each over all rows; white space does not count. With ``word_order=2`` runs of
    one and two words count as well (chrF++). The same to the last digit as sacreBLEU's
    ``corpus_chrf``, and so are the statistics of each row.

    Args:
        target: One or more columns of references, n texts each; the best of a row counts.
        prediction: The n answers.
        char_order: The longest n-gram of characters.
        word_order: The longest n-gram of words; 0 for none.
        beta: How many times as much recall weighs as precision.
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, or not as many answers as references.

    >>> chrf([["the cat sat on the mat"]], ["the cat sat on a mat"])
    65.97965990995549
    """
    return METRIC.value(
        tuple(target),
        prediction,
        weights=weights,
        char_order=char_order,
        word_order=word_order,
        beta=beta,
    )


def signature(*, references: int, char_order: int, word_order: int, beta: int) -> str:
    """sacreBLEU's signature."""
    metric = CHRF(char_order=char_order, word_order=word_order, beta=beta)
    metric.num_refs = references
    return str(metric.get_signature())
