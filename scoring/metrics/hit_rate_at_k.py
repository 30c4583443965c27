"""Hit rate@k: how often the first k places hold a relevant item."""

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
    is_hit = np.minimum(hits.summed(), 1.0)
    return rows_that_count(is_hit, hits.relevant > 0)


METRIC = RowMetric(_rows, mean_of_counted, prepare=prepare_relevant)


def hit_rate_at_k(
    target: Sequence[str],
    prediction: Sequence[str],
    *,
    k: int = 10,
    weights: Floats | None = None,
) -> float:
    r"""The share of rows with at least one relevant item in the first k places.

    .. math:: \frac{1}{\sum_i w_i} \sum_i w_i \, \mathbf{1}[R_i \cap \mathrm{top}_k(i) \ne \emptyset]

    R is the set of relevant items. With one label a row it is the top-k accuracy.

    An item that is repeated counts once, at its first place. A row without relevant items is left
    out; NaN where that is every row.

    Args:
        target: Each row's relevant items, with spaces between them, in any order.
        prediction: Each row's ranking, best first.
        k: How many places count.
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, or not as many rankings as truths.

    >>> hit_rate_at_k(["a b", "c"], ["x a b", "x y c"], k=2)
    0.5
    """
    return METRIC.value((target,), prediction, weights=weights, k=k)
