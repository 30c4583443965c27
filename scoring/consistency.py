"""Whether a phase's metrics, columns and solution fit together.

Standard library only: the site asks this when a host's folder is loaded, and again nowhere else.
"""

from __future__ import annotations

import ast
import csv
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scoring.contract import ColumnType, Layout, MetricSpec
from scoring.metrics.descriptions import METRICS, Answer, MetricDescription, ParameterType

_LEVELS = {ParameterType.LEVELS, ParameterType.CENTRAL_LEVELS}
_TEXTS = {ColumnType.TEXT, ColumnType.SEQUENCE}
METRIC_ARGUMENTS = ("solution", "submission", "row_id_column_name")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in a definition: where, what, and what to do."""

    location: tuple[int | str, ...]
    reason: str
    fix: str

    def inside(self, *outer: int | str) -> Finding:
        """The same finding, seen from further out."""
        return replace(self, location=(*outer, *self.location))


def metric_findings(
    metrics: Sequence[MetricSpec], layout: Layout, *, own: Collection[str] = ()
) -> Iterator[Finding]:
    """What is wrong with each metric of a phase; locations start at its number.

    Args:
        metrics: The phase's metrics.
        layout: The phase's columns.
        own: The names of those that are the host's own.
    """
    names: set[str] = set()
    for number, spec in enumerate(metrics):
        for finding in _findings_of(spec, layout, is_own=spec.name in own):
            yield finding.inside(number)
        if spec.name in names:
            yield Finding((number,), f"“{spec.name}” is there twice", "Remove one.")
        names.add(spec.name)


def metric_file_findings(path: Path) -> Iterator[Finding]:
    """What is wrong with a host's own metric, as far as reading it shows; it is not run here."""
    location = ("file",)
    expected = f"score({', '.join(METRIC_ARGUMENTS)})"
    try:
        tree = ast.parse(path.read_bytes(), path.name)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OSError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        yield Finding(location, f"{path.name}{line} is not Python: {reason}", "Correct it.")
        return
    functions = [
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "score"
    ]
    if not functions:
        yield Finding(location, f"{path.name} has no function `score`", f"Define {expected}.")
        return
    given = functions[-1].args
    names = {argument.arg for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
    missing = [name for name in METRIC_ARGUMENTS if name not in names]
    if missing and not given.kwarg:
        reason = f"`score` in {path.name} does not take `{missing[0]}`"
        yield Finding(location, reason, f"Define {expected}.")


def solution_findings(
    path: Path, layout: Layout, metrics: Sequence[MetricSpec]
) -> Iterator[Finding]:
    """Columns that a solution in CSV lacks; the values are checked when it is first used."""
    if path.suffix != ".csv":
        return
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            header = set(next(csv.reader([stream.readline(1024**2)]), []))
    except (OSError, UnicodeDecodeError, csv.Error):
        yield Finding(("file",), f"{path.name} is not readable CSV", "Write it again.")
        return
    needed = [layout.id_column, layout.usage_column]
    for spec in metrics:
        needed += [*spec.target, *([spec.weights] if spec.weights else [])]
    for column in dict.fromkeys(needed):
        if column not in header:
            yield Finding(
                ("file",), f"{path.name} has no column “{column}”", "Add it or name the right one."
            )
    if header.issuperset(needed):
        yield from _class_findings(path, metrics)


def _class_findings(path: Path, metrics: Sequence[MetricSpec]) -> Iterator[Finding]:
    """Labels of the solution that no prediction column stands for."""
    classes = {
        (spec.target[0], *map(str, labels_of(spec))): spec
        for spec in metrics
        if has_one_column_a_class(spec)
    }
    found: dict[str, set[str]] = {column: set() for column, *_ in classes}
    if not found:
        return
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream):
                for column, values in found.items():
                    values.add((row[column] or "").strip())
    except (OSError, UnicodeDecodeError, csv.Error):
        return  # what is wrong with the file as such is told when it is first used
    for (column, *labels), spec in classes.items():
        known = set(labels)
        labels_found = found[column] - {""}  # empty values are told when it is first used
        unknown = {value for value in labels_found if not known & {value, _as_whole(value)}}
        if unknown:
            reason = (
                f"{path.name} has {len(unknown)} label(s) in “{column}” that are no class of "
                f"{spec.name}, which has {len(known)} of them"
            )
            fix = "Name one prediction column for each class, and their labels in `parameters`."
            yield Finding(("file",), reason, fix)


def _as_whole(text: str) -> str:
    """A whole number however it is written, such as 7.0 or 07, in its plain form."""
    try:
        number = float(text)
        return str(int(number)) if number.is_integer() else text
    except ValueError:
        return text


def labels_of(spec: MetricSpec) -> list[int] | list[str]:
    """The classes of a metric of one column a class, in the order of its prediction columns."""
    labels = spec.parameters.get("labels")
    if isinstance(labels, list):
        return labels  # type: ignore[return-value]  # never floats: `_parameter_findings`
    return list(range(max(2, len(spec.prediction))))


def takes_largest(spec: MetricSpec) -> bool:
    """Whether a metric of labels takes the class of the largest of several columns."""
    description = METRICS.get(spec.name)
    is_about_labels = description is not None and description.answer is Answer.LABEL
    return is_about_labels and len(spec.prediction) > 1


def has_one_column_a_class(spec: MetricSpec) -> bool:
    """Whether the prediction columns stand for classes, so that the truth must be one of them."""
    description = METRICS.get(spec.name)
    if description is None or "labels" not in description.parameters:
        return False
    return description.answer is Answer.PROBABILITIES or takes_largest(spec)


def _findings_of(spec: MetricSpec, layout: Layout, *, is_own: bool) -> Iterator[Finding]:
    description = METRICS.get(spec.name)
    if description is None and not is_own:
        known = ", ".join(sorted(METRICS))
        fix = f"Name your own metric's `file`, or use one of: {known}."
        yield Finding(("name",), f"there is no metric “{spec.name}”", fix)
        return
    for column in spec.prediction:
        if column not in layout.columns:
            fix = "Name one of: " + ", ".join(layout.columns) + "."
            yield Finding(("prediction",), f"“{column}” is not a submission column", fix)
    for place, columns in (("prediction", spec.prediction), ("target", spec.target)):
        if len(set(columns)) < len(columns):
            yield Finding((place,), "names a column twice", "Name each once.")
    if description is not None:
        yield from _column_findings(spec, layout, description)
        yield from _parameter_findings(spec, description)


def _column_findings(
    spec: MetricSpec, layout: Layout, description: MetricDescription
) -> Iterator[Finding]:
    """Whether the metric gets as many columns, and of such types, as it takes."""
    for place, columns, (least, most) in (
        ("prediction", spec.prediction, description.columns),
        ("target", spec.target, description.targets),
    ):
        if len(columns) < least or (most is not None and len(columns) > most):
            reason = f"{spec.name} needs {_spoken_count(least, most)}, not {len(columns)}"
            yield Finding((place,), reason, f"Name the right ones under `{place}`.")
    for column in spec.prediction:
        kind = layout.columns.get(column)
        if kind is None:
            continue
        if description.answer in {Answer.TEXT, Answer.SEQUENCE}:
            if kind not in _TEXTS:
                wanted = "sequence" if description.answer is Answer.SEQUENCE else "text"
                reason = f"“{column}” holds numbers, and {spec.name} needs text"
                yield Finding(("prediction",), reason, f"Make the column's type `{wanted}`.")
        elif kind is ColumnType.SEQUENCE:
            reason = f"“{column}” holds sequences, and {spec.name} needs one value a row"
            yield Finding(("prediction",), reason, "Give the column another type.")
        elif kind is ColumnType.TEXT and (
            description.answer is not Answer.LABEL or takes_largest(spec)
        ):
            reason = f"“{column}” holds text, and {spec.name} needs numbers"
            yield Finding(("prediction",), reason, "Make the column's type `number`.")
    if spec.weights and not description.takes_weights:
        yield Finding(("weights",), f"{spec.name} takes no row weights", "Remove it.")


def _spoken_count(least: int, most: int | None) -> str:
    if least == most:
        return "one column" if least == 1 else f"{least} columns"
    return f"at least {least} column(s)" if most is None else f"{least} to {most} columns"


def _parameter_findings(spec: MetricSpec, description: MetricDescription) -> Iterator[Finding]:
    for name, value in spec.parameters.items():
        declared = description.parameters.get(name)
        if declared is None:
            known = ", ".join(description.parameters) or "none"
            yield Finding(("parameters", name), "is not known", f"Known here: {known}.")
        elif fault := declared.fault(value):
            yield Finding(("parameters", name), fault, "Correct it.")
    for name, declared in description.parameters.items():
        if declared.required and name not in spec.parameters:
            fix = f"Add it: {declared.description}"
            yield Finding(("parameters",), f"lacks `{name}`, which {spec.name} needs", fix)
    yield from _level_findings(spec, description)
    yield from _label_findings(spec, description)


def _level_findings(spec: MetricSpec, description: MetricDescription) -> Iterator[Finding]:
    """Quantile levels against the prediction columns."""
    for name, declared in description.parameters.items():
        levels = spec.parameters.get(name)
        if declared.type not in _LEVELS or not isinstance(levels, list):
            continue
        if len(levels) != len(spec.prediction):
            reason = f"has {len(levels)} level(s) for {len(spec.prediction)} prediction column(s)"
            fix = "Give one level for each prediction column, in order."
            yield Finding(("parameters", name), reason, fix)


def _label_findings(spec: MetricSpec, description: MetricDescription) -> Iterator[Finding]:
    """Labels against the prediction columns, and against the parameters that name one of them."""
    labels = labels_of(spec) if takes_largest(spec) else spec.parameters.get("labels")
    if isinstance(labels, list):
        for name, declared in description.parameters.items():
            value = spec.parameters.get(name)
            if declared.type is ParameterType.LABEL and value is not None and value not in labels:
                fix = "Name one of: " + ", ".join(map(str, labels)) + "."
                yield Finding(("parameters", name), "is not among the labels", fix)
    if has_one_column_a_class(spec):
        count, expected = len(labels_of(spec)), max(2, len(spec.prediction))
        if count != expected:
            reason = f"has {count} classes, but the prediction columns give {expected}"
            fix = "Give one label for each prediction column, in order."
            yield Finding(("parameters", "labels"), reason, fix)
        if len(spec.prediction) > 2 and _lacks_positive(spec, description):
            reason = f"lacks `positive`: which of the {len(spec.prediction)} classes it is about"
            yield Finding(("parameters",), reason, "Add it, or another `average`.")
    elif description.answer is Answer.LABEL and labels is not None:
        fix = "Remove it, or name one prediction column a class."
        yield Finding(("parameters", "labels"), "is not used with one prediction column", fix)


def _lacks_positive(spec: MetricSpec, description: MetricDescription) -> bool:
    """Whether a metric is about one of its classes, and does not say which."""
    declared = description.parameters.get("average")
    average = spec.parameters.get("average", declared.default if declared else None)
    return average == "binary" and "positive" not in spec.parameters
