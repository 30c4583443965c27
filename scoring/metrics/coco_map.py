"""COCO mAP: mean average precision of detected boxes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scoring.bootstrap import weights_of
from scoring.metrics.boxes import (
    Boxes,
    Hits,
    detection_faults,
    find_hits,
    mean_precisions,
    parse_boxes,
    true_box_faults,
)
from scoring.metrics.shapes import Floats, Integers, Prepared, WeightedMetric

RECALLS = np.linspace(0.0, 1.0, 101)
MAX_WORK = 600_000_000
"""The most detections times replicates with an interval: some seconds."""
MAX_WEIGHTS = 200_000_000
"""The most images times replicates with an interval: a byte each."""
_CHUNK = 64


def thresholds_of(iou: str) -> Floats:
    """The thresholds that a parameter names: one, or a range in steps of 0.05.

    >>> thresholds_of("0.50:0.60").tolist()
    [0.5, 0.55, 0.6]
    """
    first, _, last = iou.partition(":")
    steps = round((float(last or first) - float(first)) / 0.05) + 1
    return np.linspace(float(first), float(last or first), steps)


def _prepare(truth: tuple[Sequence[str], ...], *, iou: str) -> Prepared:  # noqa: ARG001 - the same for all
    boxes = parse_boxes(truth[0], has_scores=False)
    names, classes = np.unique(np.array(boxes.labels, dtype=np.str_), return_inverse=True)
    order = np.lexsort((boxes.rows, classes))
    return {
        "names": names,
        "classes": classes[order].astype(np.int64),
        "rows": boxes.rows[order],
        "boxes": boxes.numbers[order],
        "images": np.array(len(truth[0])),
    }


def _hits(prepared: Prepared, prediction: Sequence[str], counts: Floats, iou: str) -> Hits:
    """Matches of the images that count; the others' detections are not even read."""
    images = int(prepared["images"])
    if images == 0 or len(prediction) != images:
        raise ValueError(
            f"expected {images} rows of detections, one or more, not {len(prediction)}"
        )
    texts = [
        text if weight > 0 else "" for text, weight in zip(prediction, counts.tolist(), strict=True)
    ]
    detections: Boxes = parse_boxes(texts, has_scores=True)
    return find_hits(prepared, detections, thresholds_of(iou))


def _means(weights: Floats, hits: Hits) -> Floats:
    return mean_precisions(
        weights,
        hits.rows,
        hits.starts,
        hits.hits,
        hits.hit_starts,
        hits.truth_rows,
        hits.truth_starts,
        RECALLS,
    )


def _map(
    prepared: Prepared, prediction: Sequence[str], *, iou: str, weights: Floats | None = None
) -> float:
    own = np.ones(int(prepared["images"])) if weights is None else weights
    return float(_means(own[None], _hits(prepared, prediction, own, iou))[0])


def _replicates(
    prepared: Prepared,
    prediction: Sequence[str],
    rows: Integers,
    seed: int,
    count: int,
    *,
    iou: str,
    **_: Any,
) -> Floats | None:
    counts = np.zeros(int(prepared["images"]))
    counts[rows] = 1.0
    hits = _hits(prepared, prediction, counts, iou)
    if hits.rows.size * count > MAX_WORK or rows.size * count > MAX_WEIGHTS:
        return None
    drawn = weights_of(rows, seed=seed, count=count)
    replicates = []
    for start in range(0, count, _CHUNK):
        part = drawn[start : start + _CHUNK]
        weights = np.zeros((part.shape[0], counts.size))
        weights[:, rows] = part
        replicates.append(_means(weights, hits))
    return np.concatenate(replicates)


METRIC = WeightedMetric(
    _map,
    replicates=_replicates,
    prepare=_prepare,
    check=detection_faults,
    check_truth=true_box_faults,
    interval_rows=100,
)


def coco_map(
    target: Sequence[str],
    prediction: Sequence[str],
    *,
    iou: str = "0.50:0.95",
    weights: Floats | None = None,
) -> float:
    r"""The mean over labels and thresholds of interpolated average precision; 0 to 1.

    .. math:: \frac{1}{|C| \, |T|} \sum_{c \in C} \sum_{t \in T} \frac{1}{101}
        \sum_{r \in \{0, 0.01, \dots, 1\}} \max_{\tilde{r} \ge r} P_{c,t}(\tilde{r})

    P is the precision of a label's detections over all images, from the highest score down, once
    recall has reached r; a detection is right where its intersection over union with a true box of
    its image and label, which no higher score has taken, is at least t. Of each label and image
    the 100 highest scores count. Equal to ``AP`` of pycocotools and faster-coco-eval for all areas
    and without crowds. Labels that the truth lacks are left out; NaN where it has no box.

    Detections of two images with the same score keep the solution's order of images, so it is
    wise to send scores that hardly tie.

    Args:
        target: Each image's true boxes, ``label x y width height label x …``; empty for none.
        prediction: Each image's detections, ``label score x y width height label score …``.
        iou: The threshold, such as ``0.50``, or ``0.50:0.95`` for the mean over ten of them.
        weights: Each image's weight, shape (n,); all 1 by default.

    Raises:
        ValueError: no images, not as many on both sides, or a text of another form.

    >>> coco_map(["cat 0 0 10 10"], ["cat 0.9 0 0 10 8"], iou="0.75")
    1.0
    """
    return METRIC.value((target,), prediction, weights=weights, iou=iou)
