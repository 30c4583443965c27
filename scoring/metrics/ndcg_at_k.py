"""NDCG@k: normalised discounted cumulative gain of the first k places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Literal

import numpy as np

from scoring.metrics.items import ItemRows, parse_items
from scoring.metrics.rankings import hits_of, mean_of_counted, packed_items, rows_that_count
from scoring.metrics.shapes import Floats, Integers, Prepared, RowFault, RowMetric

Gain = Literal["exponential", "linear"]
MAX_GRADE = 1000.0
"""2 to the power of it is still a number, with room for a sum."""


def _prepare(truth: tuple[Sequence[str], ...], *, k: int, gain: Gain) -> Prepared:
    rows = [list(_graded(text)) for text in truth[0]]
    items = parse_items([" ".join(item for item, _ in row) for row in rows])
    grades = np.array([grade for _, grade in chain.from_iterable(rows)], dtype=np.float64)
    gains = np.exp2(grades) - 1.0 if gain == "exponential" else grades
    return {**packed_items(items), "gains": gains, "ideal": _ideal(items, gains, k)}


def _rows(prepared: Prepared, prediction: Sequence[str], *, k: int, gain: Gain) -> Floats:  # noqa: ARG001
    hits = hits_of(prepared, prediction, k=k)
    ideal = prepared["ideal"]
    gained = hits.summed(prepared["gains"][hits.found] * _discount(hits.places))
    return rows_that_count(gained / np.where(ideal > 0.0, ideal, 1.0), ideal > 0.0)


def _ideal(items: ItemRows, gains: Floats, k: int) -> Floats:
    """The gain of the best ranking of each row."""
    order = np.lexsort((-gains, items.rows))
    is_counted = items.places < k
    gained = gains[order] * _discount(items.places + 1) * is_counted
    ideal = np.bincount(items.rows, weights=gained, minlength=items.starts.size - 1)
    return ideal.astype(np.float64, copy=False)


def _discount(places: Integers) -> Floats:
    discount: Floats = 1.0 / np.log2(places + 1.0)
    return discount


def _graded(text: str) -> Iterator[tuple[str, float]]:
    """The items of a truth and their grades.

    Raises:
        ValueError: a grade is no number.
    """
    # Cut where parse_items cuts, at ASCII's spaces only.
    for token in text.encode(errors="surrogatepass").split():
        item, colon, grade = token.decode(errors="surrogatepass").rpartition(":")
        yield (item, float(grade)) if colon else (grade, 1.0)


def _check_truth(texts: Sequence[str], **_: Any) -> list[RowFault]:
    return [
        RowFault(row, reason) for row, text in enumerate(texts) if (reason := _fault_of_truth(text))
    ]


def _fault_of_truth(text: str) -> str:
    try:
        graded = list(_graded(text))
    except ValueError:
        return "has an item whose grade, what stands behind the last colon, is no number"
    if not all(0.0 <= grade <= MAX_GRADE for _, grade in graded):
        return f"has an item whose grade is not between 0 and {MAX_GRADE:g}"
    if not all(item for item, _ in graded):
        return "has a grade without an item"
    if len({item for item, _ in graded}) < len(graded):
        return "names an item twice"
    return ""


METRIC = RowMetric(_rows, mean_of_counted, prepare=_prepare, check_truth=_check_truth)


def ndcg_at_k(
    target: Sequence[str],
    prediction: Sequence[str],
    *,
    k: int = 10,
    gain: Gain = "exponential",
    weights: Floats | None = None,
) -> float:
    r"""The mean over rows of the discounted gain of the first k places, divided by the best one.

    .. math:: \frac{1}{\sum_i w_i} \sum_i w_i \frac{\mathrm{DCG}_i}{\mathrm{IDCG}_i}, \quad
        \mathrm{DCG}_i = \sum_{j=1}^{k} \frac{2^{g_{i,j}} - 1}{\log_2(j + 1)}

    g is the grade of the item at place j, and 0 for one that the truth does not name; IDCG is the
    DCG of the best ranking. With linear gain, g itself stands for 2^g - 1; for grades of 0 and 1
    that is the same. Linear gain equals scikit-learn's ``ndcg_score`` of scores without ties, and
    exponential gain equals it with 2^g - 1 as the true relevance. Sources: Järvelin and Kekäläinen,
    "Cumulated gain-based evaluation of IR techniques", 2002 (linear); Burges and others, "Learning
    to rank using gradient descent", 2005 (exponential).

    An item that is repeated counts once, at its first place. A row without an item of a grade above
    0 is left out; NaN where that is every row.

    Args:
        target: Each row's relevant items, with spaces between them, in any order: ``item`` of grade
            1, or ``item:grade`` with a grade from 0 to 1000. What stands behind an item's last
            colon is its grade.
        prediction: Each row's ranking of items, best first, without grades.
        k: How many places count.
        gain: ``exponential`` or ``linear``.
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, not as many rankings as truths, or a truth that can't be read.

    >>> round(ndcg_at_k(["a:3 b:1"], ["b a"], k=2), 6)
    0.70981
    """
    for fault in _check_truth(target):
        raise ValueError(f"row {fault.row} {fault.reason}")
    return METRIC.value((target,), prediction, weights=weights, k=k, gain=gain)
