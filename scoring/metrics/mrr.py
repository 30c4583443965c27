"""MRR: mean reciprocal rank."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scoring.metrics.rankings import (
    hits_of,
    mean_of_counted,
    prepare_relevant,
    rows_that_count,
)
from scoring.metrics.shapes import Floats, Prepared, RowMetric


def _rows(prepared: Prepared, prediction: Sequence[str], *, k: int | None) -> Floats:
    hits = hits_of(prepared, prediction, k=k)
    reciprocal = hits.summed(np.where(hits.is_first, 1.0 / hits.places, 0.0))
    return rows_that_count(reciprocal, hits.relevant > 0)


METRIC = RowMetric(_rows, mean_of_counted, prepare=prepare_relevant)


def mrr(
    target: Sequence[str],
    prediction: Sequence[str],
    *,
    k: int | None = None,
    weights: Floats | None = None,
) -> float:
    r"""The mean over rows of 1 / place of the first relevant item; 0 where there is none.

    .. math:: \frac{1}{\sum_i w_i} \sum_i \frac{w_i}{\mathrm{place}_i}

    Equal to scikit-learn's ``label_ranking_average_precision_score`` where each row has one relevant
    item and the ranking holds all items. Source: Voorhees, "The TREC-8 question answering track
    report", 1999.

    An item that is repeated counts once, at its first place. A row without relevant items is left
    out; NaN where that is every row.

    Args:
        target: Each row's relevant items, with spaces between them, in any order.
        prediction: Each row's ranking, best first.
        k: How many places count; all by default.
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, or not as many rankings as truths.

    >>> mrr(["a b", "c"], ["a b", "x c"])
    0.75
    """
    return METRIC.value((target,), prediction, weights=weights, k=k)
