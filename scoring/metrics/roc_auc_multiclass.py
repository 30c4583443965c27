"""ROC-AUC of more than two classes: the mean over classes, or over pairs of classes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations

import numpy as np

from scoring.bootstrap import cell_sums
from scoring.metrics.probability_rows import row_sums
from scoring.metrics.roc_auc import roc_auc
from scoring.metrics.shapes import Floats, Integers, WeightedMetric, ratio
from scoring.order_statistics import auc_replicates

MAX_REPLICATED = 20_000_000
"""The most rows, counted once for each comparison that they are in, with an interval."""

_Rows = Integers | slice
_EVERY_ROW = slice(None)


def roc_auc_multiclass(
    target: Integers,
    prediction: Floats,
    *,
    scheme: str = "one_vs_rest",
    average: str = "macro",
    weights: Floats | None = None,
) -> float:
    r"""The mean ROC-AUC of each class against the rest, or of each class against each other one.

    .. math:: \frac{1}{|C|} \sum_{c \in C} \mathrm{AUC}(c, \bar{c}) \quad \mathrm{or} \quad
        \frac{1}{|C| (|C| - 1)} \sum_{c \in C} \sum_{d \in C, d \ne c} \mathrm{AUC}(c, d)

    AUC(c, d) compares the rows of c and d by the column of c. Only the order within a column
    counts, and rows need not sum to 1. Classes that do not occur are left out; NaN where fewer than
    two do. Where all occur it equals scikit-learn's ``roc_auc_score`` with ``multi_class`` of
    ``ovr`` or ``ovo``. Source of the latter: Hand and Till, "A simple generalisation of the area
    under the ROC curve for multiple class classification problems", 2001.

    Args:
        target: The number of the true class's column, shape (n,).
        prediction: Probabilities in [0, 1], shape (n, classes).
        scheme: ``one_vs_rest`` or ``one_vs_one``.
        average: ``macro``: each comparison counts the same; ``weighted``: each class counts as
            often as it occurs, and each pair as often as its two classes together.
        weights: Each row's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no rows, shapes that do not fit, a class that has no column, a probability
            that is NaN or outside [0, 1], a row of zeros only, or no such scheme or average.

    >>> shares = np.array([[0.6, 0.2, 0.2], [0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]])
    >>> roc_auc_multiclass(np.array([0, 1, 1, 2]), shares)
    1.0
    """
    row_sums(target, prediction)

    def of_pair(truth: Integers, scores: Floats, rows: _Rows) -> Floats:
        own = None if weights is None else weights[rows]
        return np.asarray(roc_auc(truth, scores, weights=own))

    sizes = np.bincount(target, weights=weights, minlength=prediction.shape[1]).astype(np.float64)
    return float(_mean(target, prediction, sizes, of_pair, scheme=scheme, average=average))


def _replicates(
    truth: Integers,
    prediction: Floats,
    rows: Integers,
    seed: int,
    count: int,
    *,
    scheme: str,
    average: str,
    totals: Floats | None = None,
) -> Floats | None:
    """The score under each replicate; None where that would take long."""
    classes = prediction.shape[1]
    comparisons = classes if scheme == "one_vs_rest" else 2 * (classes - 1)
    if truth.size * comparisons > MAX_REPLICATED:
        return None

    def of_pair(is_class: Integers, scores: Floats, some: _Rows) -> Floats:
        known = totals if some is _EVERY_ROW else None
        return auc_replicates(is_class, scores, rows[some], seed, count, totals=known)

    sizes = np.zeros((classes, count))
    present, sums = cell_sums(truth, rows, seed=seed, count=count)
    sizes[present] = sums
    return _mean(truth, prediction, sizes, of_pair, scheme=scheme, average=average)


def _mean(
    target: Integers,
    prediction: Floats,
    sizes: Floats,
    of_pair: Callable[[Integers, Floats, _Rows], Floats],
    *,
    scheme: str,
    average: str,
) -> Floats:
    """The mean of all comparisons, shape (...), where `sizes` is (classes, ...)."""
    if scheme not in {"one_vs_rest", "one_vs_one"} or average not in {"macro", "weighted"}:
        raise ValueError(f"there is no scheme “{scheme}” with the average “{average}”")
    is_one_vs_rest = scheme == "one_vs_rest"
    comparisons = _one_vs_rest(target) if is_one_vs_rest else _one_vs_one(target)
    total, shares = np.zeros(sizes.shape[1:]), np.zeros(sizes.shape[1:])
    for one, other, rows in comparisons:
        value = of_pair((target[rows] == one).astype(np.int64), prediction[rows, one], rows)
        size = sizes[one] if other is None else sizes[one] + sizes[other]
        share = np.where(np.isnan(value), 0.0, size if average == "weighted" else 1.0)
        total += np.nan_to_num(value) * share
        shares += share
    return ratio(total, shares, otherwise=np.nan)


def _one_vs_rest(target: Integers) -> Iterator[tuple[int, None, _Rows]]:
    """Each class that occurs, and all rows."""
    for one in np.unique(target).tolist():
        yield one, None, _EVERY_ROW


def _one_vs_one(target: Integers) -> Iterator[tuple[int, int, _Rows]]:
    """Each ordered pair of classes that occur, and the rows of both."""
    order = np.argsort(target, kind="stable")
    present, starts = np.unique(target[order], return_index=True)
    rows = dict(zip(present.tolist(), np.split(order, starts[1:]), strict=True))
    for one, other in permutations(rows, 2):
        yield one, other, np.concatenate([rows[one], rows[other]])


METRIC = WeightedMetric(roc_auc_multiclass, replicates=_replicates)
