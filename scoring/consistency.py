"""Whether a phase's metrics, columns and solution fit together.

Standard library only: the site asks this when a host's folder is loaded, and again nowhere else.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scoring.contract import ColumnType, Layout, MetricSpec
from scoring.metrics.descriptions import METRICS, Answer


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in a definition: where, what, and what to do."""

    location: tuple[int | str, ...]
    reason: str
    fix: str

    def inside(self, *outer: int | str) -> Finding:
        """The same finding, seen from further out."""
        return replace(self, location=(*outer, *self.location))


def metric_findings(metrics: Sequence[MetricSpec], layout: Layout) -> Iterator[Finding]:
    """What is wrong with each metric of a phase; locations start at its number."""
    for number, spec in enumerate(metrics):
        for finding in _findings_of(spec, layout):
            yield finding.inside(number)
        if spec in metrics[:number]:
            yield Finding((number,), "is there twice", "Remove one.")


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
    needed = [layout.id_column, layout.usage_column, *(spec.target for spec in metrics)]
    for column in dict.fromkeys(needed):
        if column not in header:
            yield Finding(
                ("file",), f"{path.name} has no column “{column}”", "Add it or name the right one."
            )


def labels_of(spec: MetricSpec) -> list[int] | list[str]:
    """The classes of a metric on probabilities, in the order of its prediction columns."""
    labels = spec.parameters.get("labels")
    if isinstance(labels, list):
        return labels
    return list(range(max(2, len(spec.prediction))))


def _findings_of(spec: MetricSpec, layout: Layout) -> Iterator[Finding]:
    description = METRICS.get(spec.name)
    if description is None:
        known = ", ".join(sorted(METRICS))
        yield Finding(("name",), f"there is no metric “{spec.name}”", f"Use one of: {known}.")
        return
    for column in spec.prediction:
        if column not in layout.columns:
            fix = "Name one of: " + ", ".join(layout.columns) + "."
            yield Finding(("prediction",), f"“{column}” is not a submission column", fix)
    if len(set(spec.prediction)) < len(spec.prediction):
        yield Finding(("prediction",), "names a column twice", "Name each once.")
    if description.answer is not Answer.PROBABILITIES and len(spec.prediction) != 1:
        reason = f"{spec.name} needs one prediction column, not {len(spec.prediction)}"
        yield Finding(("prediction",), reason, "Name the one with the answer.")
    if description.answer is not Answer.LABEL:
        for column in spec.prediction:
            if layout.columns.get(column) is ColumnType.TEXT:
                reason = f"“{column}” holds text, and {spec.name} needs numbers"
                yield Finding(("prediction",), reason, "Make the column's type `number`.")
    for name in spec.parameters:
        if name not in description.parameters:
            known = ", ".join(description.parameters) or "none"
            yield Finding(("parameters", name), "is not known", f"Known here: {known}.")
    if "labels" in description.parameters:
        yield from _label_findings(spec)


def _label_findings(spec: MetricSpec) -> Iterator[Finding]:
    location = ("parameters", "labels")
    labels = spec.parameters.get("labels", labels_of(spec))
    if not isinstance(labels, list) or len({type(label) for label in labels}) != 1:
        yield Finding(location, "must be a list of whole numbers or of texts", "Correct it.")
        return
    if len(set(labels)) < len(labels):
        yield Finding(location, "names a class twice", "Name each once.")
    expected = max(2, len(spec.prediction))
    if len(labels) != expected:
        reason = f"has {len(labels)} classes, but the prediction columns give {expected}"
        yield Finding(location, reason, "Give one label for each prediction column, in order.")
