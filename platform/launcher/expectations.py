"""What the notebooks of `baselines/` must reach: `expected.yaml` of each folder, and the table of the README.

baselines/<competition>/<name>.ipynb
baselines/<competition>/expected.yaml      one entry a notebook
"""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from launcher.environment import ROOT

BASELINES = ROOT / "baselines"
README = BASELINES / "README.md"
TABLE_BEGINS, TABLE_ENDS = "<!-- measured: begin -->", "<!-- measured: end -->"

Profile = Literal["quick", "full"]
Text = Annotated[str, Field(min_length=1)]


class BadExpectations(Exception):
    """Sentences that say what is wrong in which file."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Quick(Strict):
    """The least that a score may be, or with an error as the metric the most, and the time allowed."""

    floor: float | None = None
    ceiling: float | None = None
    seconds: Annotated[int, Field(gt=0)]

    @model_validator(mode="after")
    def _has_one_bound(self) -> Self:
        if (self.floor is None) == (self.ceiling is None):
            raise ValueError(
                "give either floor, the least score, or ceiling, the most where less is better"
            )
        return self

    @property
    def goal(self) -> float:
        bound = self.ceiling if self.floor is None else self.floor
        assert bound is not None  # noqa: S101  # _has_one_bound
        return bound

    @property
    def comparison(self) -> Literal["at least", "at most"]:
        return "at most" if self.floor is None else "at least"

    def is_met_by(self, score: float) -> bool:
        return score <= self.goal if self.floor is None else score >= self.goal

    def prefers(self, score: float, other: float) -> bool:
        return score < other if self.floor is None else score > other


class Full(Quick):
    """The same for a whole training, and what a real run of it measured."""

    measured: float | None = None
    took: Annotated[float, Field(gt=0)] | None = None
    device: Text | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _is_measured_whole(self) -> Self:
        if len({self.measured is None, self.took is None, self.device is None}) > 1:
            raise ValueError("measured, took and device belong together: give all three or none")
        if self.measured is not None and not self.is_met_by(self.measured) and self.note is None:
            raise ValueError(
                f"measured {self.measured:g} misses its goal, {self.comparison} {self.goal:g}: say why in note"
            )
        return self


class Literature(Strict):
    """A published score of such a model on this data."""

    score: float
    source: Text


class Expectation(Strict):
    """One notebook."""

    title: Annotated[str, Field(min_length=1, max_length=60)]
    model: Text
    metric: Text
    quick: Quick
    full: Full
    literature: Literature | None = None

    @model_validator(mode="after")
    def _has_one_direction(self) -> Self:
        if self.quick.comparison != self.full.comparison:
            raise ValueError("quick and full must both have a floor or both a ceiling")
        return self

    def under(self, profile: Profile) -> Quick:
        return self.quick if profile == "quick" else self.full


@dataclass(frozen=True, slots=True)
class Baseline:
    """One notebook with what it must reach."""

    slug: str
    name: str
    path: Path
    expectation: Expectation

    @property
    def key(self) -> str:
        return f"{self.slug}/{self.name}"


_ENTRIES = TypeAdapter(dict[str, Expectation])


def read_expectations(file: Path) -> dict[str, Expectation]:
    """The entries of one expected.yaml by the notebooks' names."""
    try:
        entries = _ENTRIES.validate_python(yaml.safe_load(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadExpectations(f"{file}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise BadExpectations(f"{file} is not YAML: {error}") from error
    except ValidationError as error:
        faults = [
            f"{file}: {'.'.join(map(str, fault['loc'])) or 'the file'}: {fault['msg']}"
            for fault in error.errors()
        ]
        raise BadExpectations("\n".join(faults)) from error
    return entries


def find_baselines(folder: Path = BASELINES) -> list[Baseline]:
    """Every notebook, by its competition and then as its expected.yaml lists it."""
    found, faults = [], []
    for place in sorted(path for path in folder.iterdir() if any(path.glob("*.ipynb"))):
        file = place / "expected.yaml"
        entries = read_expectations(file)
        notebooks = {path.stem for path in place.glob("*.ipynb")}
        faults += [
            f"{file}: {name} has no notebook {name}.ipynb" for name in entries.keys() - notebooks
        ]
        faults += [
            f"{file}: {name}.ipynb has no entry {name}" for name in notebooks - entries.keys()
        ]
        found += [
            Baseline(place.name, name, place / f"{name}.ipynb", expectation)
            for name, expectation in entries.items()
        ]
    if faults:
        raise BadExpectations("\n".join(sorted(faults)))
    return found


def choose(baselines: Sequence[Baseline], only: Sequence[str]) -> list[Baseline]:
    """Those that `only` names: `mnist/cnn`, `mnist` for all of a competition, `*/cnn`; all by default."""
    for pattern in only:
        if not any(_is_named(baseline, pattern) for baseline in baselines):
            known = ", ".join(baseline.key for baseline in baselines)
            raise BadExpectations(f"There is no notebook {pattern}; there are {known}.")
    return [
        baseline
        for baseline in baselines
        if not only or any(_is_named(baseline, pattern) for pattern in only)
    ]


def _is_named(baseline: Baseline, pattern: str) -> bool:
    return baseline.slug == pattern or fnmatch.fnmatchcase(baseline.key, pattern)


def table(baselines: Sequence[Baseline]) -> str:
    """The measured scores in Markdown, with what the literature reaches beside each."""
    lines = [
        "| notebook | model | metric | goal | measured | time | device | in the literature |",
        "|---|---|---|---|---|---|---|---|",
    ]
    notes = []
    for baseline in baselines:
        expected, full = baseline.expectation, baseline.expectation.full
        mark = ""
        if full.note is not None:
            notes.append(full.note)
            mark = f" ({len(notes)})"
        measured = (
            "not yet" if full.measured is None else f"{_number(full.measured, expected.metric)}"
        )
        cells = [
            f"[{baseline.key}]({baseline.key}.ipynb)",
            expected.model,
            expected.metric,
            f"{full.comparison} {full.goal:g}",
            measured + mark,
            "" if full.took is None else _duration(full.took),
            full.device or "",
            ""
            if expected.literature is None
            else f"{expected.literature.score:g} ({expected.literature.source})",
        ]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    remarks = [f"{number}. {note}" for number, note in enumerate(notes, 1)]
    return "\n".join([*lines, *([""] if remarks else []), *remarks])


def _number(value: float, metric: str) -> str:
    return f"{value:.2f}" if metric in {"bleu", "chrf", "ter"} else f"{value:.4f}"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def readme_with(text: str, new_table: str) -> str:
    """The README with this table in place of the one that stands there."""
    before, begins, rest = text.partition(TABLE_BEGINS)
    _old, ends, after = rest.partition(TABLE_ENDS)
    if not begins or not ends:
        raise BadExpectations(f"{README} has no place for the table: {TABLE_BEGINS} … {TABLE_ENDS}")
    return f"{before}{begins}\n\n{new_table}\n\n{ends}{after}"
