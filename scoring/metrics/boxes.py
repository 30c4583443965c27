"""Boxes in images: texts of them, and which detections hit which true boxes.

A box is ``x y width height``, from the image's upper left corner, in any unit; a row's text holds
all boxes of one image, each after its label, and a detection's score between the two.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scoring.errors import gettext_noop
from scoring.metrics.shapes import Floats, Integers, Prepared, RowFault

MOST_DETECTIONS = 100
"""The detections of one label in one image that count: those with the highest scores."""

# Possessive throughout, so that no text takes long to refuse.
_NUMBER = r"\s++[+-]?+(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)(?:[eE][+-]?+[0-9]++)?+(?!\S)"
_TRUE_BOXES = re.compile(rf"(?:\s*+\S++(?:{_NUMBER}){{4}})*+\s*+")
_DETECTIONS = re.compile(rf"(?:\s*+\S++(?:{_NUMBER}){{5}})*+\s*+")


@dataclass(frozen=True, slots=True)
class Boxes:
    """The boxes of all images, one after the other.

    Attributes:
        rows: Each one's image, ascending, shape (boxes,).
        labels: Each one's label, same length.
        numbers: x, y, width and height, after the score if there is one; shape (boxes, 4 or 5).
    """

    rows: Integers
    labels: list[str]
    numbers: Floats


def parse_boxes(texts: Sequence[str], *, has_scores: bool) -> Boxes:
    """Read rows of boxes or of detections.

    Raises:
        ValueError: a text has no such form.

    >>> parse_boxes(["cat 0.9 10 20 5 6", ""], has_scores=True).numbers.tolist()
    [[0.9, 10.0, 20.0, 5.0, 6.0]]
    """
    pattern = _DETECTIONS if has_scores else _TRUE_BOXES
    if not all(pattern.fullmatch(text) for text in texts):
        raise ValueError("a text is no row of boxes")
    return _read(texts, 5 if has_scores else 4)


def true_box_faults(texts: Sequence[str], **_: Any) -> list[RowFault]:
    """What is wrong with a column of true boxes; of each row the first thing."""
    return _faults(texts, has_scores=False)


def detection_faults(texts: Sequence[str], **_: Any) -> list[RowFault]:
    """What is wrong with a column of detections; of each row the first thing."""
    return _faults(texts, has_scores=True)


def _read(texts: Sequence[str], width: int) -> Boxes:
    """Read texts that have the right form, with so many numbers after each label."""
    items = [text.split() for text in texts]
    sizes = np.array([len(own) // (width + 1) for own in items], dtype=np.int64)
    flat = list(chain.from_iterable(items))
    columns = [
        np.array(flat[place :: width + 1], dtype=np.float64) for place in range(1, width + 1)
    ]
    rows = np.repeat(np.arange(sizes.size), sizes)
    return Boxes(rows, flat[:: width + 1], np.stack(columns, axis=1))


def _faults(texts: Sequence[str], *, has_scores: bool) -> list[RowFault]:
    form = (
        gettext_noop("is not a row of detections, each “label score x y width height”")
        if has_scores
        else gettext_noop("is not a row of boxes, each “label x y width height”")
    )
    pattern = _DETECTIONS if has_scores else _TRUE_BOXES
    formless = {row for row, text in enumerate(texts) if not pattern.fullmatch(text)}
    well_formed = ["" if row in formless else text for row, text in enumerate(texts)]
    boxes = _read(well_formed, 5 if has_scores else 4)
    infinite = ~np.isfinite(boxes.numbers).all(axis=1)
    negative = (boxes.numbers[:, -2:] < 0).any(axis=1) & ~infinite
    reasons = dict.fromkeys(boxes.rows[negative].tolist(), _NEGATIVE)
    reasons |= dict.fromkeys(boxes.rows[infinite].tolist(), _INFINITE)
    reasons |= dict.fromkeys(formless, form)
    return [RowFault(row, reasons[row]) for row in sorted(reasons)]


_INFINITE = gettext_noop("has a number that is too large")
_NEGATIVE = gettext_noop("has a box of negative width or height")


@dataclass(frozen=True, slots=True)
class Hits:
    """Detections that hit a true box, class by class.

    Attributes:
        rows: Each detection's image, by class and then from the highest score down, shape (d,).
        starts: Where each class begins in `rows`, and the end, shape (classes + 1,).
        hits: Indices into `rows` of those that hit, by class and threshold, ascending.
        hit_starts: Where each class and threshold begins in `hits`, shape (classes * t + 1,).
        truth_rows: Each true box's image, by class.
        truth_starts: Where each class begins in `truth_rows`, shape (classes + 1,).
    """

    rows: Integers
    starts: Integers
    hits: Integers
    hit_starts: Integers
    truth_rows: Integers
    truth_starts: Integers


def find_hits(prepared: Prepared, detections: Boxes, thresholds: Floats) -> Hits:
    """Match detections with true boxes of the same image and label, as COCO's evaluation does.

    From the highest score down each detection takes the free box that it overlaps most, if their
    intersection over union reaches the threshold; of two that it overlaps as much, the later one.
    Detections of a label that the truth lacks are left out.

    Args:
        prepared: The true boxes: ``names``, ascending, and ``classes``, ``rows`` and ``boxes``,
            ordered by class and then by image.
        detections: What was found.
        thresholds: The least intersection over union of a hit, shape (t,).
    """
    names = prepared["names"].tolist()
    numbers = {name: number for number, name in enumerate(names)}
    classes = np.array([numbers.get(label, -1) for label in detections.labels], dtype=np.int64)
    scores = detections.numbers[:, 0]
    # By class and image, from the highest score down; what ties stays as it was sent.
    order = np.lexsort((-scores, detections.rows, classes))
    order = order[classes[order] >= 0]
    order = order[_places(classes[order], detections.rows[order]) < MOST_DETECTIONS]
    classes, rows, scores = classes[order], detections.rows[order], scores[order]
    is_hit = np.zeros((order.size, thresholds.size), dtype=np.bool_)
    _match(
        prepared["classes"],
        prepared["rows"],
        prepared["boxes"],
        classes,
        rows,
        np.ascontiguousarray(detections.numbers[order, 1:]),
        np.minimum(thresholds, 1 - 1e-10),
        is_hit,
    )
    by_score = np.lexsort((-scores, classes))
    bounds = np.arange(len(names) + 1)
    classes, is_hit = classes[by_score], is_hit[by_score]
    starts = np.searchsorted(classes, bounds)
    hits, hit_starts = _by_threshold(is_hit, starts)
    return Hits(
        rows=rows[by_score],
        starts=starts,
        hits=hits,
        hit_starts=hit_starts,
        truth_rows=prepared["rows"],
        truth_starts=np.searchsorted(prepared["classes"], bounds),
    )


def _places(*keys: Integers) -> Integers:
    """The place of each element in its run of equal keys, from 0."""
    size = keys[0].size
    is_first = np.ones(size, dtype=np.bool_)
    is_first[1:] = np.any([key[1:] != key[:-1] for key in keys], axis=0)
    indices = np.arange(size)
    places: Integers = indices - np.maximum.accumulate(np.where(is_first, indices, 0))
    return places


def _by_threshold(is_hit: NDArray[np.bool_], starts: Integers) -> tuple[Integers, Integers]:
    parts = [
        start + np.flatnonzero(is_hit[start:end, threshold])
        for start, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)
        for threshold in range(is_hit.shape[1])
    ]
    sizes = [part.size for part in parts]
    return np.concatenate([np.zeros(0, np.int64), *parts]), np.cumsum([0, *sizes])


@njit(cache=True)
def _overlap(box: Floats, other: Floats) -> float:
    """Intersection over union, its steps as in COCO's own code."""
    width = min(box[0] + box[2], other[0] + other[2]) - max(box[0], other[0])
    if width <= 0:
        return 0.0
    height = min(box[1] + box[3], other[1] + other[3]) - max(box[1], other[1])
    if height <= 0:
        return 0.0
    shared = width * height
    return float(shared / (box[2] * box[3] + other[2] * other[3] - shared))


@njit(cache=True)
def _match(
    true_classes: Integers,
    true_rows: Integers,
    true_boxes: Floats,
    classes: Integers,
    rows: Integers,
    boxes: Floats,
    thresholds: Floats,
    is_hit: NDArray[np.bool_],
) -> None:
    """Both sides are ordered by class and then by image."""
    is_taken = np.zeros((thresholds.size, true_classes.size), np.bool_)
    first = 0
    for detection in range(classes.size):
        while first < true_classes.size and (
            true_classes[first] < classes[detection]
            or (true_classes[first] == classes[detection] and true_rows[first] < rows[detection])
        ):
            first += 1
        last = first
        while (
            last < true_classes.size
            and true_classes[last] == classes[detection]
            and true_rows[last] == rows[detection]
        ):
            last += 1
        for threshold in range(thresholds.size):
            best = -1
            reached = thresholds[threshold]
            for box in range(first, last):
                if is_taken[threshold, box]:
                    continue
                overlap = _overlap(boxes[detection], true_boxes[box])
                if overlap >= reached:
                    reached = overlap
                    best = box
            if best >= 0:
                is_taken[threshold, best] = True
                is_hit[detection, threshold] = True


@njit(cache=True)
def _interpolated(
    weight: Floats,
    rows: Integers,
    hits: Integers,
    found: Floats,
    positives: float,
    recalls: Floats,
    precisions: Floats,
    reached: Floats,
) -> float:
    """The sum of one label's interpolated precisions at one threshold.

    `found` holds the weight of all detections so far at each; `precisions` and `reached` are room
    to work in.
    """
    count = 0
    right = 0.0
    for hit in hits:
        own = weight[rows[hit]]
        if own > 0.0:
            right += own
            precisions[count] = right / found[hit]
            reached[count] = right / positives
            count += 1
    for place in range(count - 1, 0, -1):
        precisions[place - 1] = max(precisions[place - 1], precisions[place])
    total = 0.0
    place = 0
    for recall in recalls:
        while place < count and reached[place] < recall:
            place += 1
        if place == count:
            break
        total += precisions[place]
    return total


@njit(cache=True)
def mean_precisions(
    weights: Floats,
    rows: Integers,
    starts: Integers,
    hits: Integers,
    hit_starts: Integers,
    truth_rows: Integers,
    truth_starts: Integers,
    recalls: Floats,
) -> Floats:
    """The interpolated average precision under each vector of weights of the images.

    Precision counts where recall reaches each of `recalls`, and there the highest precision at that
    recall or beyond it. The mean is over these, the thresholds, and the classes that have true
    boxes; NaN where none has.

    Args:
        weights: Shape (b, images).
        rows: As in `Hits`, and the five after it.
        recalls: Ascending, shape (r,).

    Returns:
        Shape (b,).
    """
    classes = starts.size - 1
    thresholds = (hit_starts.size - 1) // max(classes, 1)
    found = np.empty(rows.size)
    precisions = np.empty(hits.size)
    reached = np.empty(hits.size)
    result = np.empty(weights.shape[0])
    for replicate in range(weights.shape[0]):
        weight = weights[replicate]
        total = 0.0
        counted = 0
        for label in range(classes):
            positives = 0.0
            for box in range(truth_starts[label], truth_starts[label + 1]):
                positives += weight[truth_rows[box]]
            if positives == 0.0:
                continue
            counted += 1
            before = 0.0
            for detection in range(starts[label], starts[label + 1]):
                before += weight[rows[detection]]
                found[detection] = before
            for threshold in range(thresholds):
                part = label * thresholds + threshold
                own = hits[hit_starts[part] : hit_starts[part + 1]]
                total += _interpolated(
                    weight, rows, own, found, positives, recalls, precisions, reached
                )
        result[replicate] = total / (counted * thresholds * recalls.size) if counted else np.nan
    return result
