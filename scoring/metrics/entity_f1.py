"""Entity F1: how many named entities are found whole, with their ends and type."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from scoring.errors import gettext_noop
from scoring.metrics.shapes import (
    Floats,
    Integers,
    Prepared,
    RowFault,
    RowMetric,
    UnfitTexts,
    ratio,
)

MAX_TYPES = 1_000
"""The most types of entities in a column where each type is counted on its own."""

_TAGS = re.compile(r"\s*(?:(?:O|[BIES]-[^\s,]+)(?:\s+|$))*")


class _Entity(NamedTuple):
    type: str
    start: int
    end: int


def entities_of(tags: Sequence[str]) -> set[_Entity]:
    """The entities of one sentence, as CoNLL's evaluation and seqeval's default mode find them.

    Nothing is refused: an ``I-`` tag after ``O`` or after another type begins an entity too.

    >>> sorted(entities_of(["B-PER", "I-PER", "O", "I-LOC"]))
    [_Entity(type='LOC', start=3, end=4), _Entity(type='PER', start=0, end=2)]
    """
    found = set()
    start, before, kind = 0, "O", ""
    for place, tag in enumerate(chain(tags, ("O",))):
        letter, own = tag[0], tag[2:]
        # Within an entity only I and E go on, and only as the same type.
        goes_on = before in "BI" and letter in "IE" and own == kind
        if before != "O" and not goes_on:
            found.add(_Entity(kind, start, place))
        if letter != "O" and not goes_on:
            start = place
        before, kind = letter, own
    return found


def _check(values: Sequence[str], *, average: str = "micro") -> list[RowFault]:
    reason = gettext_noop("is not a row of tags such as B-PER I-PER O")
    faults = [RowFault(row, reason) for row, text in enumerate(values) if not _TAGS.fullmatch(text)]
    return faults if faults or average == "micro" else _rows_beyond_the_types(values)


def _rows_beyond_the_types(values: Sequence[str]) -> list[RowFault]:
    """Rows whose types no longer fit: each type takes memory in every row."""
    reason = gettext_noop("makes more than 1,000 classes")
    types: set[str] = set()
    faults = []
    for row, text in enumerate(values):
        new = {tag[2:] for tag in text.split() if tag != "O"} - types
        if len(types) + len(new) > MAX_TYPES:
            faults.append(RowFault(row, reason))
        else:
            types |= new
    return faults


def _prepare(truth: tuple[Sequence[str], ...], **_: Any) -> Prepared:
    """The entities of all sentences, one after the other, and each sentence's number of tags."""
    sentences = [text.split() for text in truth[0]]
    found = [sorted(entities_of(tags)) for tags in sentences]
    flat = list(chain.from_iterable(found))
    return {
        "types": np.array([entity.type for entity in flat], dtype=np.str_),
        "starts": np.array([entity.start for entity in flat], dtype=np.int64),
        "ends": np.array([entity.end for entity in flat], dtype=np.int64),
        "rows": np.repeat(np.arange(len(found)), [len(own) for own in found]),
        "tags": np.array([len(tags) for tags in sentences], dtype=np.int64),
    }


def _entities_by_row(prepared: Prepared) -> list[set[_Entity]]:
    entities: list[set[_Entity]] = [set() for _ in range(prepared["tags"].size)]
    columns = (prepared[name].tolist() for name in ("rows", "types", "starts", "ends"))
    for row, *entity in zip(*columns, strict=True):
        entities[row].add(_Entity(*entity))
    return entities


def _rows(prepared: Prepared, prediction: Sequence[str], *, average: str) -> Floats:
    """Of each type the entities found right, all found, and all there are."""
    truth = _entities_by_row(prepared)
    if not truth or len(truth) != len(prediction):
        raise ValueError(f"expected {len(truth)} sentences, one or more, not {len(prediction)}")
    sentences = [text.split() for text in prediction]
    _refuse_other_lengths(prepared["tags"], sentences)
    answers = [entities_of(tags) for tags in sentences]
    found = chain.from_iterable(answers)
    types = sorted({*prepared["types"].tolist(), *(entity.type for entity in found)})
    numbers = {name: 0 if average == "micro" else number for number, name in enumerate(types)}
    counts = np.zeros((len(truth), max([0, *numbers.values()]) + 1, 3))
    for row, (reference, answer) in enumerate(zip(truth, answers, strict=True)):
        for place, entities in enumerate((reference & answer, answer, reference)):
            for entity in entities:
                counts[row, numbers[entity.type], place] += 1
    return counts.reshape(len(truth), -1)


def _refuse_other_lengths(tags: Integers, sentences: Sequence[Sequence[str]]) -> None:
    sizes = np.array([len(own) for own in sentences], dtype=np.int64)
    wrong = np.flatnonzero(sizes != tags)
    if wrong.size:
        reason = gettext_noop("has not as many tags as its sentence has words")
        raise UnfitTexts([RowFault(row, reason) for row in wrong.tolist()])


def _finish(sums: Floats, _total: Floats, *, average: str) -> Floats:
    counts = sums.reshape(*sums.shape[:-1], -1, 3)
    right, found, there = counts[..., 0], counts[..., 1], counts[..., 2]
    scores = ratio(2.0 * right, found + there)
    # A type that occurs on neither side is no type.
    shares = there if average == "weighted" else (found + there > 0).astype(np.float64)
    total = shares.sum(axis=-1)
    # Entities that are found where there are none are all wrong.
    none_there = np.where(found.sum(axis=-1) > 0, 0.0, np.nan)
    return np.where(total > 0, ratio((scores * shares).sum(axis=-1), total), none_there)


METRIC = RowMetric(_rows, _finish, prepare=_prepare, check=_check, check_truth=_check)


def entity_f1(
    target: Sequence[str],
    prediction: Sequence[str],
    *,
    average: str = "micro",
    weights: Floats | None = None,
) -> float:
    r"""The F1 of whole entities; 0 to 1.

    .. math:: F_1 = \frac{2 \, |\hat{E} \cap E|}{|\hat{E}| + |E|}

    E are the entities (sentence, type, first and last word) of all sentences. Tags are ``O``, or
    ``B-``, ``I-``, ``E-`` or ``S-`` and a type, with spaces between them. Equal to seqeval's
    ``f1_score`` in its default mode, which is that of CoNLL-2000's conlleval. NaN where neither
    side has an entity.

    Args:
        target: Each sentence's tags.
        prediction: Each sentence's tags, as many.
        average: ``micro``: over all entities; ``macro``: the mean over types; ``weighted``: that
            mean, each type weighted by its true entities. A competition takes columns of at most
            1,000 types with the latter two.
        weights: Each sentence's weight, shape (n,); all 1 by default.

    Raises:
        UnfitTexts: a sentence has not as many tags as the truth.
        ValueError: no sentences, or not as many on both sides.

    >>> entity_f1(["B-PER I-PER O", "B-LOC"], ["B-PER I-PER O", "B-ORG"])
    0.5
    """
    return METRIC.value((target,), prediction, weights=weights, average=average)
