"""How a metric is described: plain values that pages, checks and the command line read.

Importing it loads neither numpy nor any metric.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Any, TypeGuard

from scoring.errors import gettext_noop

Value = str | int | float | bool | list[str] | list[int] | list[float] | None
"""What a parameter may be."""


class Family(StrEnum):
    """What a metric is for; the catalogue is grouped by it."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"
    RANKING = "ranking"
    TEXT = "text"
    VISION = "vision"


FAMILY_TITLES = {
    Family.CLASSIFICATION: gettext_noop("Classification"),
    Family.REGRESSION: gettext_noop("Regression and forecasting"),
    Family.RANKING: gettext_noop("Ranking and retrieval"),
    Family.TEXT: gettext_noop("Text and speech"),
    Family.VISION: gettext_noop("Vision"),
}


class Answer(StrEnum):
    """What a metric expects in the submission's prediction column(s), and how it is given them."""

    LABEL = "label"
    """One column of labels, or one of numbers a class, of which the largest counts: class numbers,
    shape (n,), int64; see `scoring.answers`."""
    NUMBER = "number"
    """One column of numbers: shape (n,), float64."""
    NUMBERS = "numbers"
    """Several columns of numbers, such as one a quantile: shape (n, columns), float64."""
    SCORE = "score"
    """One column, higher where the positive class is likelier: shape (n,), float64; the truth
    is 1 for the positive class and 0 for the other."""
    PROBABILITIES = "probabilities"
    """One column a class: shape (n, classes), float64; the truth is the class's number."""
    TEXT = "text"
    """One column of text; the truth is one or more columns of references."""
    SEQUENCE = "sequence"
    """One column of values with spaces between them, possibly none; the metric reads the text."""


class ParameterType(StrEnum):
    """What a metric's parameter may hold."""

    LABELS = "labels"
    """A list of all integers or all texts, each once."""
    LABEL = "label"
    """One of the labels; the metric is given its class number."""
    INTEGER = "integer"
    NUMBER = "number"
    NUMBERS = "numbers"
    """A list of numbers."""
    LEVELS = "levels"
    """The quantile level of each prediction column, ascending, between 0 and 1."""
    CENTRAL_LEVELS = "central_levels"
    """`LEVELS` that are symmetric about 0.5 and contain it."""
    BOOLEAN = "boolean"
    CHOICE = "choice"
    """One of `choices`."""
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class ParameterDescription:
    """One option of a metric.

    Attributes:
        type: What it may hold.
        description: One sentence for hosts.
        default: What holds where it is not given; None where the metric finds its own.
        choices: The values of a choice.
        minimum: The smallest number, included.
        maximum: The largest number, included.
        required: Whether it must be given.
    """

    type: ParameterType
    description: str
    default: Value = None
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    required: bool = False

    def fault(self, value: Value) -> str:
        """Why a value can't be used, in words that follow the parameter's name; empty if it can."""
        match self.type:
            case ParameterType.LABELS:
                return "" if _is_list_of_one_type(value) else "must be a list of labels, each once"
            case ParameterType.LABEL:
                is_label = isinstance(value, str | int) and not isinstance(value, bool)
                return "" if is_label else "must be one label"
            case ParameterType.INTEGER:
                is_whole = isinstance(value, int) and not isinstance(value, bool)
                return self._outside(value) if is_whole else "must be a whole number"
            case ParameterType.NUMBER:
                is_number = isinstance(value, int | float) and not isinstance(value, bool)
                return self._outside(value) if is_number else "must be a number"
            case ParameterType.NUMBERS:
                if not _is_list_of_numbers(value):
                    return "must be a list of numbers"
                return next(filter(None, map(self._outside, value)), "")
            case ParameterType.LEVELS | ParameterType.CENTRAL_LEVELS:
                return _level_fault(value, is_central=self.type is ParameterType.CENTRAL_LEVELS)
            case ParameterType.BOOLEAN:
                return "" if isinstance(value, bool) else "must be true or false"
            case ParameterType.CHOICE:
                known = ", ".join(self.choices)
                return "" if value in self.choices else f"must be one of: {known}"
            case ParameterType.TEXT:
                return "" if isinstance(value, str) else "must be text"

    def _outside(self, value: Any) -> str:
        # Written so that NaN fails it too.
        if self.minimum is not None and not value >= self.minimum:
            return f"must be at least {self.minimum:g}"
        if self.maximum is not None and not value <= self.maximum:
            return f"must be at most {self.maximum:g}"
        return ""


@dataclass(frozen=True, slots=True)
class Example:
    """A small case that a page can show and a test can run.

    Attributes:
        solution: CSV text with an ``id`` column and the truth.
        submission: CSV text with an ``id`` column and the answers.
        value: The score.
        target: The truth's columns.
        prediction: The answer's columns.
        parameters: The metric's options.
    """

    solution: str
    submission: str
    value: float
    target: tuple[str, ...] = ("label",)
    prediction: tuple[str, ...] = ("label",)
    parameters: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MetricDescription:
    """One metric as people and pages see it.

    Attributes:
        title: The name in running text.
        family: What it is for.
        higher_is_better: The direction of improvement.
        lower: The smallest value possible; None where there is none.
        upper: The largest value possible; None where there is none.
        best: The value of a perfect file.
        answer: What the prediction column(s) must hold.
        formula: LaTeX, without delimiters.
        description: One sentence for participants.
        example: A small case.
        parameters: Name to description of each option.
        takes_weights: Whether the solution may have a column of row weights.
        columns: How many prediction columns it takes, at least and at most; None: no limit.
        targets: How many truth columns it takes, at least and at most; None: no limit.
    """

    title: str
    family: Family
    higher_is_better: bool
    lower: float | None
    upper: float | None
    best: float
    answer: Answer
    formula: str
    description: str
    example: Example
    parameters: Mapping[str, ParameterDescription] = field(default_factory=dict)
    takes_weights: bool = False
    columns: tuple[int, int | None] = (1, 1)
    targets: tuple[int, int | None] = (1, 1)


def are_levels(values: Sequence[float]) -> bool:
    """Whether numbers lie between 0 and 1, both excluded, and ascend."""
    return all(below < above for below, above in pairwise([0.0, *values, 1.0]))


def are_central_levels(values: Sequence[float]) -> bool:
    """Whether levels are symmetric about 0.5 and contain it, such as 0.1, 0.5 and 0.9."""
    pairs = zip(values, reversed(values), strict=True)
    is_symmetric = all(math.isclose(low, 1.0 - high) for low, high in pairs)
    return are_levels(values) and len(values) % 2 == 1 and is_symmetric


def _level_fault(value: Value, *, is_central: bool) -> str:
    if not _is_list_of_numbers(value):
        return "must be a list of numbers"
    if not are_levels(value):
        return "must be ascending numbers between 0 and 1"
    if is_central and not are_central_levels(value):
        return "must be symmetric about 0.5, and contain it"
    return ""


def _is_list_of_numbers(value: Value) -> TypeGuard[list[float]]:
    if not isinstance(value, list) or not value:
        return False
    return all(isinstance(item, int | float) and not isinstance(item, bool) for item in value)


def _is_list_of_one_type(value: Value) -> bool:
    if not isinstance(value, list) or not value or len({type(item) for item in value}) != 1:
        return False
    return isinstance(value[0], str | int) and len(set(value)) == len(value)
