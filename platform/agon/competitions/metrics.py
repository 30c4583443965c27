"""The built-in metrics as the catalogue's pages show them, in the reader's language."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass

import yaml
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scoring.metrics.descriptions import (
    FAMILY_TITLES,
    METRICS,
    Answer,
    Family,
    MetricDescription,
    ParameterDescription,
    ParameterType,
    Value,
)

MOST_WORDS = 8

ANSWERS = {
    Answer.LABEL: _(
        "A label in each row: the class that you think is right. Or a number for each class, one "
        "column a class: the class of the largest counts, the first of equal ones."
    ),
    Answer.NUMBER: _("A number in each row."),
    Answer.NUMBERS: _("A number in each row and column, such as one column a quantile."),
    Answer.SCORE: _("A number in each row, higher where the positive class is likelier."),
    Answer.PROBABILITIES: _("The probability of each class in each row, one column a class."),
    Answer.TEXT: _("A text in each row."),
    Answer.SEQUENCE: _("Values with spaces between them in each row; a row may have none."),
}
TYPES = {
    ParameterType.LABELS: _("list of labels"),
    ParameterType.LABEL: _("label"),
    ParameterType.INTEGER: _("whole number"),
    ParameterType.NUMBER: _("number"),
    ParameterType.NUMBERS: _("list of numbers"),
    ParameterType.LEVELS: _("list of quantile levels, one a column"),
    ParameterType.CENTRAL_LEVELS: _("list of quantile levels, symmetric about 0.5"),
    ParameterType.BOOLEAN: _("true or false"),
    ParameterType.CHOICE: _("choice"),
    ParameterType.TEXT: _("text"),
}


@dataclass(frozen=True, slots=True)
class NamedMetric:
    name: str
    about: MetricDescription


@dataclass(frozen=True, slots=True)
class FamilyOfMetrics:
    family: Family
    metrics: list[NamedMetric]

    @property
    def title(self) -> str:
        return gettext(FAMILY_TITLES[self.family])


@dataclass(frozen=True, slots=True)
class ShownParameter:
    """One option of a metric in words."""

    name: str
    type: str
    limits: str
    default: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A small CSV text as a table."""

    header: list[str]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class MetricPage:
    """All that the page of one metric says."""

    metric: NamedMetric
    family: str
    range: str
    best: str
    answer: str
    columns: str
    targets: str
    parameters: list[ShownParameter]
    solution: ShownTable
    submission: ShownTable
    value: str
    declaration: str


def families(text: str = "") -> list[FamilyOfMetrics]:
    """The metrics that match, by family; every word must occur somewhere."""
    words = text.casefold().split()[:MOST_WORDS]
    found = [
        NamedMetric(name, about)
        for name, about in METRICS.items()
        if all(word in _searched(name, about) for word in words)
    ]
    grouped = [
        FamilyOfMetrics(family, [metric for metric in found if metric.about.family is family])
        for family in Family
    ]
    return [family for family in grouped if family.metrics]


def _searched(name: str, about: MetricDescription) -> str:
    texts = (about.title, about.description, FAMILY_TITLES[about.family])
    translated = [gettext(text) for text in texts]
    return " ".join([name, *texts, *translated]).casefold()


def page_of(name: str) -> MetricPage | None:
    """The page of a metric; None where there is none of this name."""
    about = METRICS.get(name)
    if about is None:
        return None
    return MetricPage(
        metric=NamedMetric(name, about),
        family=gettext(FAMILY_TITLES[about.family]),
        range=_span(about.lower, about.upper) or gettext("any number"),
        best=f"{about.best:g}",
        answer=str(ANSWERS[about.answer]),
        columns=_span(*about.columns),
        targets=_span(*about.targets),
        parameters=[_parameter(*item) for item in about.parameters.items()],
        solution=_table(about.example.solution),
        submission=_table(about.example.submission),
        value=f"{about.example.value:.6g}",
        declaration=_declaration(name, about),
    )


def _parameter(name: str, about: ParameterDescription) -> ShownParameter:
    return ShownParameter(
        name=name,
        type=str(TYPES[about.type]),
        limits=", ".join(about.choices) or _span(about.minimum, about.maximum),
        default="" if about.default is None else _as_written(about.default),
        required=about.required,
        description=gettext(about.description),
    )


def _span(lowest: float | None, highest: float | None) -> str:
    """From where to where; nothing where there is no limit."""
    low = "" if lowest is None else f"{lowest:g}"
    high = "" if highest is None else f"{highest:g}"
    if low and low == high:
        return low
    if low and high:
        return gettext("%(low)s to %(high)s") % {"low": low, "high": high}
    if low:
        return gettext("%(low)s or more") % {"low": low}
    return gettext("%(high)s or less") % {"high": high} if high else ""


def _as_written(value: Value) -> str:
    """As it stands in competition.yaml."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _table(text: str) -> ShownTable:
    header, *rows = list(csv.reader(text.splitlines()))
    return ShownTable(header, rows)


def _declaration(name: str, about: MetricDescription) -> str:
    """The example as it stands in competition.yaml."""
    example = about.example
    metric: dict[str, object] = {
        "name": name,
        "target": _one_or_all(example.target),
        "prediction": _one_or_all(example.prediction),
    }
    if example.parameters:
        metric["parameters"] = dict(example.parameters)
    lines = [f"{key}: {_on_one_line(value)}" for key, value in metric.items()]
    return "metrics:\n  - " + "\n    ".join(lines) + "\n"


def _on_one_line(value: object) -> str:
    text = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=1_000_000
    )
    return text.removesuffix("\n").removesuffix("\n...")


def _one_or_all(columns: Sequence[str]) -> str | list[str]:
    return columns[0] if len(columns) == 1 else list(columns)
