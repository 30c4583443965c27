"""competition.yaml: what it may hold, and the check of a competition's folder.

`load_definition(folder)` gives a frozen `CompetitionDefinition` whose paths are absolute and
inside the folder, or raises `BrokenCompetition` whose problems name file, line and fix.
`competition_schema()` is the JSON Schema for editors.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import ErrorDetails

from scoring.consistency import Finding, metric_findings, solution_findings
from scoring.contract import ColumnType, Layout, Limits, MetricSpec
from scoring.errors import BrokenCompetition, Problem
from scoring.metrics.descriptions import METRICS
from scoring.yamlsource import YamlSource, read_yaml

FILE_NAME = "competition.yaml"
SLUG_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
SIZE_PATTERN = r"^\s*(\d+(?:\.\d+)?)\s*([kKMG]?i?)B?\s*$"
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}


def _inside_folder(value: Path, info: ValidationInfo) -> Path:
    """The absolute path of a file named in the definition; never one outside the folder."""
    folder: Path | None = (info.context or {}).get("folder")
    name = PurePosixPath(value.as_posix())
    if name.is_absolute() or ".." in name.parts or "\\" in str(value) or "\0" in str(value):
        raise ValueError("must be a path inside the competition's folder, without `..`")
    if folder is None:
        return value
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError("must be a path inside the competition's folder, and no link out of it")
    return path


def _bytes(value: object) -> object:
    """A number of bytes from ``20MB``, ``1.5 GB`` or a plain number (1 kB is 1024 bytes)."""
    if not isinstance(value, str):
        return value
    match = re.fullmatch(SIZE_PATTERN, value)
    if match is None:
        raise ValueError(f"`{value}` is not a size; write it such as 20MB")
    return int(float(match[1]) * _UNITS[match[2].lower().rstrip("i")])


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else value


FolderPath = Annotated[Path, AfterValidator(_inside_folder)]
Size = Annotated[
    int,
    BeforeValidator(_bytes),
    Field(gt=0),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string", "pattern": SIZE_PATTERN}]}),
]
ColumnName = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f,;\"]+$")]


class _Definition(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PagesDefinition(_Definition):
    """The Markdown files of the competition's pages."""

    overview: FolderPath
    data: FolderPath
    evaluation: FolderPath
    rules: FolderPath


class DataFileDefinition(_Definition):
    """A file that participants may download."""

    file: FolderPath
    description: Annotated[str, Field(max_length=400)] = ""


class PracticeDefinition(_Definition):
    """Public rows with their truth, for participants' own machines; never the hidden rows."""

    solution: FolderPath


class SubmissionDefinition(_Definition):
    """What a submission looks like."""

    kinds: Annotated[tuple[Literal["predictions"], ...], Field(min_length=1)] = ("predictions",)
    sample: FolderPath
    id_column: ColumnName = "id"
    id_type: Literal[ColumnType.INTEGER, ColumnType.TEXT] = ColumnType.INTEGER
    columns: Annotated[dict[ColumnName, ColumnType], Field(min_length=1, max_length=10_000)]


class SolutionDefinition(_Definition):
    """The hidden reference rows."""

    file: FolderPath
    usage_column: ColumnName = "Usage"


class MetricDefinition(_Definition):
    """One metric; `target` and `prediction` default to the submission's columns."""

    name: Annotated[str, Field(json_schema_extra={"enum": sorted(METRICS)})]
    target: ColumnName | None = None
    prediction: Annotated[
        Annotated[tuple[ColumnName, ...], Field(min_length=1)] | None,
        BeforeValidator(_one_or_more),
        WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "minItems": 1}]}),
    ] = None
    parameters: dict[str, str | int | float | bool | list[str] | list[int]] = {}


class LimitsDefinition(_Definition):
    """How much and how often; `per_day` and `total` may be null, which means no limit."""

    per_day: Annotated[int, Field(gt=0)] | None = 20
    total: Annotated[int, Field(gt=0)] | None = None
    pending: Annotated[int, Field(gt=0)] = 3
    file_size: Size = 20 * 1024**2
    seconds: Annotated[int, Field(gt=0, le=3600)] = 60


class PhaseDefinition(_Definition):
    """What is scored: the submission's columns, the solution, the metrics and the limits."""

    name: Annotated[str, Field(min_length=1, max_length=60)] = "main"
    submission: SubmissionDefinition
    solution: SolutionDefinition
    metrics: Annotated[tuple[MetricDefinition, ...], Field(min_length=1)]
    limits: LimitsDefinition = LimitsDefinition()

    def layout(self) -> Layout:
        """How the phase's files look, for the check at the door and for the worker."""
        return Layout(
            id_column=self.submission.id_column,
            id_type=self.submission.id_type,
            columns=self.submission.columns,
            usage_column=self.solution.usage_column,
        )

    def metric_specs(self) -> tuple[MetricSpec, ...]:
        """The metrics with their columns filled in; the first one ranks."""
        columns = tuple(self.submission.columns)
        return tuple(
            MetricSpec(
                name=metric.name,
                target=metric.target or columns[0],
                prediction=metric.prediction or columns,
                parameters=metric.parameters,
            )
            for metric in self.metrics
        )

    def scoring_limits(self) -> Limits:
        """What one attempt may use."""
        return Limits(seconds=self.limits.seconds, file_bytes=self.limits.file_size)


class CompetitionDefinition(_Definition):
    """A whole competition as its host wrote it down."""

    folder: Annotated[Path, Field(exclude=True)]
    version: Literal[1] = 1
    slug: Annotated[str, Field(pattern=SLUG_PATTERN, max_length=60)]
    title: Annotated[str, Field(min_length=1, max_length=120)]
    subtitle: Annotated[str, Field(max_length=240)] = ""
    tags: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=40)], ...], Field(max_length=20)
    ] = ()
    visibility: Literal["public", "unlisted", "private"] = "private"
    cover: FolderPath | None = None
    cover_alt: Annotated[str, Field(max_length=240)] = ""
    pages: PagesDefinition
    prepare: FolderPath | None = None
    data: tuple[DataFileDefinition, ...] = ()
    starts: AwareDatetime | None = None
    ends: AwareDatetime | None = None
    decimals: Annotated[int, Field(ge=0, le=12)] = 5
    practice: PracticeDefinition | None = None
    phases: Annotated[tuple[PhaseDefinition, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _phase_names_are_unique(self) -> Self:
        names = [phase.name for phase in self.phases]
        if len(set(names)) < len(names):
            raise ValueError("two phases have the same name")
        return self

    def missing_files(self) -> tuple[Path, ...]:
        """The files that the definition names and that are not there (yet)."""
        return tuple(path for _, path in _named_files(self) if not path.is_file())


def load_definition(folder: Path, *, files_must_exist: bool = True) -> CompetitionDefinition:
    """Read and check a competition's folder.

    Args:
        folder: The folder that holds competition.yaml.
        files_must_exist: False to load a folder whose `prepare` has not run yet.

    Raises:
        BrokenCompetition: its problems name the file, the line and the fix.
    """
    source = read_yaml(folder / FILE_NAME)
    if "folder" in source.data:
        raise BrokenCompetition(
            _problem(source, Finding(("folder",), "is not known here", "Remove it."))
        )
    try:
        definition = CompetitionDefinition.model_validate(
            {**source.data, "folder": folder.absolute()}, context={"folder": folder.absolute()}
        )
    except ValidationError as error:
        findings = [_explain(details) for details in error.errors(include_url=False)]
        raise BrokenCompetition(*(_problem(source, finding) for finding in findings[:20])) from None
    findings = list(_cross_findings(definition, files_must_exist=files_must_exist))
    if findings:
        raise BrokenCompetition(*(_problem(source, finding) for finding in findings[:20]))
    return definition


def competition_schema() -> dict[str, Any]:
    """The JSON Schema of competition.yaml, for editors that check while one types."""
    schema = CompetitionDefinition.model_json_schema()
    del schema["properties"]["folder"]
    schema["required"].remove("folder")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _cross_findings(
    definition: CompetitionDefinition, *, files_must_exist: bool
) -> Iterator[Finding]:
    """What no single value shows: files, dates, and metrics against columns."""
    if definition.starts and definition.ends and definition.ends <= definition.starts:
        yield Finding(("ends",), f"is not after starts ({_spoken(definition.starts)})", "Move it.")
    for number, phase in enumerate(definition.phases):
        for finding in metric_findings(phase.metric_specs(), phase.layout()):
            yield finding.inside("phases", number, "metrics")
        if phase.solution.file.is_file():
            for finding in solution_findings(
                phase.solution.file, phase.layout(), phase.metric_specs()
            ):
                yield finding.inside("phases", number, "solution")
    if files_must_exist:
        yield from _file_findings(definition)


def _file_findings(definition: CompetitionDefinition) -> Iterator[Finding]:
    for location, path in _named_files(definition):
        if path.is_file():
            continue
        name = path.relative_to(definition.folder).as_posix()
        if definition.prepare and name.startswith("prepared/"):
            fix = f"Make it: python {definition.folder / definition.prepare.name}"
        else:
            fix = "Create it or correct the path."
        yield Finding(location, f"{name} does not exist", fix)


def _named_files(
    definition: CompetitionDefinition,
) -> Iterator[tuple[tuple[int | str, ...], Path]]:
    pages = definition.pages
    for name in type(pages).model_fields:
        yield ("pages", name), getattr(pages, name)
    if definition.cover:
        yield ("cover",), definition.cover
    if definition.prepare:
        yield ("prepare",), definition.prepare
    for number, data_file in enumerate(definition.data):
        yield ("data", number, "file"), data_file.file
    if definition.practice:
        yield ("practice", "solution"), definition.practice.solution
    for number, phase in enumerate(definition.phases):
        yield ("phases", number, "submission", "sample"), phase.submission.sample
        yield ("phases", number, "solution", "file"), phase.solution.file


def _explain(details: ErrorDetails) -> Finding:
    """A finding in plain words from one of pydantic's errors."""
    location = details["loc"]
    message = details["msg"].removeprefix("Value error, ")
    match details["type"]:
        case "missing":
            return Finding(location, "is missing", "Add it.")
        case "extra_forbidden":
            return Finding(location, "is not known here", _suggest(location))
        case "timezone_aware":
            return Finding(location, "has no time zone", "Write it such as 2026-01-31T12:00:00Z.")
        case "string_pattern_mismatch" if location == ("slug",):
            reason = "must be small letters, digits and single hyphens"
            return Finding(location, reason, "Write it such as digits-2026.")
    return Finding(location, message[:1].lower() + message[1:], "Correct it.")


def _suggest(location: tuple[int | str, ...]) -> str:
    """Which of the known names an unknown one may have been meant to be."""
    known = {name for model in _Definition.__subclasses__() for name in model.model_fields}
    close = difflib.get_close_matches(str(location[-1]), sorted(known - {"folder"}), n=1)
    return f"Did you mean `{close[0]}`?" if close else "Remove it."


def _problem(source: YamlSource, finding: Finding) -> Problem:
    return Problem(
        "invalid_definition",
        {
            "file": source.path.name,
            "line": source.line_of(finding.location),
            "field": ".".join(str(step) for step in finding.location) or "competition",
            "reason": finding.reason,
            "fix": finding.fix,
        },
    )


def _spoken(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="minutes")
