"""Recall@k: the share of relevant items among the first k places."""

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
    return rows_that_count(hits.summed() / np.maximum(hits.relevant, 1), hits.relevant > 0)


METRIC = RowMetric(_rows, mean_of_counted, prepare=prepare_relevant)


def recall_at_k(
    target: Sequence[str],
    prediction: Sequence[str],
    *,
    k: int = 10,
    weights: Floats | None = None,
) -> float:
    r"""The mean over rows of the share of relevant items that stand in the first k places.

    .. math:: \frac{1}{\sum_i w_i} \sum_i w_i \frac{|R_i \cap \mathrm{top}_k(i)|}{|R_i|}

    R is the set of relevant items. A row with more than k of them can't reach 1.

    An item that is repeated counts once, at its first place. A row without relevant items is left
    out; NaN where that is every row.

    Args:
        target: Each row's relevant items, with spaces between them, in any order.
        prediction: Each row's ranking, best first.
        k: How many places count.
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, or not as many rankings as truths.

    >>> recall_at_k(["a b", "c"], ["a x y", "x c y"], k=2)
    0.75
    """
    return METRIC.value((target,), prediction, weights=weights, k=k)
