"""Loads the compiled code before the first file comes: a forked child inherits it.

The first time on a machine it is compiled, which takes some ten seconds; from then on it comes
from numba's cache (`NUMBA_CACHE_DIR`, or beside the modules).
"""

from __future__ import annotations

import numpy as np

from scoring.alignment import align, order_of
from scoring.compiled import read_plain
from scoring.contract import Layout, MetricSpec, Split
from scoring.evaluation import Evaluator
from scoring.largest import numbers_of_largest
from scoring.metrics.functions import load
from scoring.metrics.shapes import RowMetric, WeightedMetric
from scoring.order_statistics import auc_replicates
from scoring.probabilities import probability_problems
from scoring.tables import Table

ROWS = 4


def warm() -> None:
    """Run everything compiled that most competitions need, on next to nothing.

    It must not use polars, whose threads would not survive a fork.
    """
    ids = np.arange(ROWS, dtype=np.int64)
    labels = ids % 2
    layout = Layout(id_column="id", columns={"label": "integer", "p": "number", "q": "number"})
    text = "id,label,p,q\n" + "".join(f"{row},{row % 2},0.5,0.5\n" for row in ids.tolist())
    columns = ("id", "label", "p", "q")
    table = read_plain(text.encode(), columns=columns, layout=layout, rows=ROWS)
    if table is None:
        raise AssertionError("an ordinary file is read")
    align(ids[::-1].copy(), ids, order_of(ids))
    spec = MetricSpec(name="log_loss", target="label", prediction=("p", "q"))
    probability_problems(Table(ids, table.columns), (spec,))
    evaluator = Evaluator(np.zeros(ROWS, np.int8), {Split.PUBLIC: ids}, seed=0)
    evaluator.evaluate(load("accuracy"), labels, labels, parameters={}, known=2)
    probabilities = np.stack([table.columns["p"], table.columns["q"]]).T
    evaluator.evaluate(load("log_loss"), labels, probabilities, parameters={})
    numbers_of_largest(list(probabilities.T))
    auc_replicates(labels, np.linspace(0.0, 1.0, ROWS), ids, 0, 8)
    _warm_texts()


def _warm_texts() -> None:
    """Metrics of text, masks and boxes; the others of their families share what they compile."""
    public = {Split.PUBLIC: np.arange(1)}
    for name, truth, answer, parameters in (
        ("chrf", "a b", "a b", {"char_order": 2, "word_order": 2, "beta": 2}),
        ("dice", "1 2", "1 2", {"height": 2, "width": 2, "average": "masks"}),
        ("coco_map", "a 1 1 1 1", "a 1 1 1 1 1", {"iou": "0.50"}),
    ):
        metric = load(name)
        if not isinstance(metric, RowMetric | WeightedMetric) or metric.prepare is None:
            raise TypeError(f"{name} prepares its truth")
        prepared = metric.prepare(([truth],), **parameters)
        evaluator = Evaluator(np.zeros(1, np.int8), public, seed=0, count=8)
        evaluator.evaluate(metric, prepared, [answer], parameters=parameters)


if __name__ == "__main__":
    warm()
