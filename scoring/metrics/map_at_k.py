"""MAP@k: mean average precision of the first k places."""

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


def _rows(prepared: Prepared, prediction: Sequence[str], *, k: int) -> Floats:
    hits = hits_of(prepared, prediction, k=k)
    precisions = hits.summed(hits.numbers / hits.places)
    reachable = np.minimum(hits.relevant, k)
    return rows_that_count(precisions / np.maximum(reachable, 1), hits.relevant > 0)


METRIC = RowMetric(_rows, mean_of_counted, prepare=prepare_relevant)


def map_at_k(
    target: Sequence[str],
    prediction: Sequence[str],
    *,
    k: int = 10,
    weights: Floats | None = None,
) -> float:
    r"""The mean over rows of the average precision of the first k places.

    .. math:: \frac{1}{\sum_i w_i} \sum_i \frac{w_i}{\min(m_i, k)}
        \sum_{j=1}^{k} \mathrm{rel}_{i,j} \, P_i(j)

    rel is 1 where the item at place j is relevant, P(j) the share of relevant items among the first
    j, and m the number of relevant items. Equal to ``mapk`` of Ben Hamner's ml_metrics, which Kaggle
    uses, where every row has relevant items.

    An item that is repeated counts once, at its first place. A row without relevant items is left
    out; NaN where that is every row.

    Args:
        target: Each row's relevant items, with spaces between them, in any order.
        prediction: Each row's ranking, best first.
        k: How many places count.
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, or not as many rankings as truths.

    >>> map_at_k(["a b", "c"], ["a x b", "x c"], k=3)
    0.6666666666666666
    """
    return METRIC.value((target,), prediction, weights=weights, k=k)
