"""TER: how many edits turn a translation into its reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sacrebleu.metrics.lib_ter import translation_edit_rate
from sacrebleu.metrics.ter import TER
from sacrebleu.tokenizers.tokenizer_ter import TercomTokenizer

from scoring.metrics.answertexts import check_rows
from scoring.metrics.shapes import Floats, RowMetric, ratio


def _rows(truth: tuple[Sequence[str], ...], prediction: Sequence[str], **options: bool) -> Floats:
    """Edits times references, and the references' words: whole numbers, both."""
    check_rows(truth, prediction)
    tokeniser = TercomTokenizer(**options)
    rows = []
    for answer, *references in zip(prediction, *truth, strict=True):
        words = tokeniser(answer.rstrip()).split()
        tried = [
            translation_edit_rate(words, tokeniser(text.rstrip()).split()) for text in references
        ]
        edits, lengths = zip(*tried, strict=True)
        rows.append((min(edits) * len(references), sum(lengths)))
    return np.array(rows, dtype=np.float64)


def _finish(sums: Floats, total: Floats, **_: Any) -> Floats:
    edits, words = sums[..., 0], sums[..., 1]
    # sacreBLEU's rule: edits of nothing are all wrong.
    rate = np.where(words > 0, ratio(edits, words), (edits > 0).astype(np.float64))
    return np.where(np.asarray(total) > 0, 100 * rate, np.nan)


METRIC = RowMetric(_rows, _finish)


def ter(
    target: Sequence[Sequence[str]],
    prediction: Sequence[str],
    *,
    normalized: bool = False,
    no_punct: bool = False,
    asian_support: bool = False,
    case_sensitive: bool = False,
    weights: Floats | None = None,
) -> float:
    r"""Edits for each 100 words of the references; 0 is perfect, and more than 100 is possible.

    .. math:: 100 \, \frac{\sum_i w_i \min_j e_{ij}}{\sum_i w_i \, \mathrm{mean}_j \, |y_{ij}|}

    e counts the words that are put in, left out or replaced, and the moves of a run of words (each
    one edit), as Tercom searches for them (Snover et al. 2006). Equal to sacreBLEU's
    ``corpus_ter``, whose search is used; with three references or more to the last digit but one.

    Args:
        target: One or more columns of references, n texts each.
        prediction: The n answers.
        normalized: Whether punctuation is cut off words first.
        no_punct: Whether punctuation is removed.
        asian_support: Whether the two former also know Chinese and Japanese.
        case_sensitive: Whether capitals matter.
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, or not as many answers as references.

    >>> ter([["the cat sat on the mat"]], ["on the mat the cat sat"])
    16.666666666666664
    """
    return METRIC.value(
        tuple(target),
        prediction,
        weights=weights,
        normalized=normalized,
        no_punct=no_punct,
        asian_support=asian_support,
        case_sensitive=case_sensitive,
    )


def signature(
    *,
    references: int,
    normalized: bool,
    no_punct: bool,
    asian_support: bool,
    case_sensitive: bool,
) -> str:
    """sacreBLEU's signature."""
    metric = TER(
        normalized=normalized,
        no_punct=no_punct,
        asian_support=asian_support,
        case_sensitive=case_sensitive,
    )
    metric.num_refs = references
    return str(metric.get_signature())
