"""What competition.yaml may hold, as typed sections; `scoring.definition` reads and checks a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    model_validator,
)

from scoring.contract import (
    Capability,
    ColumnType,
    Layout,
    Limits,
    MetricSpec,
    ModelInterface,
    Parameter,
    SubmissionKind,
)
from scoring.fieldtypes import (
    NAME_PATTERN,
    SLUG_PATTERN,
    ColumnName,
    ColumnNames,
    FolderPath,
    Size,
    each_once,
    is_picture,
    is_zip,
)
from scoring.metrics.descriptions import METRICS

_METRIC_SCHEMA: dict[str, Any] = {
    "if": {"anyOf": [{"required": ["file"]}, {"required": ["key"]}]},
    "then": {"required": ["higher_is_better"]},
    "else": {"properties": {"name": {"enum": sorted(METRICS)}}},
}
_HOST_FIELDS = ("higher_is_better", "lower", "upper", "title", "description")


class Definition(BaseModel):
    """A section of competition.yaml: frozen, and strict about names that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PagesDefinition(Definition):
    """The Markdown files of the competition's pages; `prizes` and `faq` may be left out."""

    overview: FolderPath
    data: FolderPath
    evaluation: FolderPath
    rules: FolderPath
    prizes: FolderPath | None = None
    faq: FolderPath | None = None


class PictureDefinition(Definition):
    """A picture at the end of a page, with what it says in words for those who don't see it."""

    file: Annotated[FolderPath, AfterValidator(is_picture)]
    alt: Annotated[str, Field(min_length=1, max_length=400)]
    caption: Annotated[str, Field(max_length=400)] = ""
    page: Literal["data", "overview"] = "data"


class LicenceDefinition(Definition):
    """What others may do with the data: a name such as `CC BY 4.0`, and where it is written."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    url: Annotated[str, Field(max_length=300, pattern=r"^https?://\S+$")] | None = None


class DataFileDefinition(Definition):
    """A file that participants may download."""

    file: FolderPath
    description: Annotated[str, Field(max_length=400)] = ""


class PracticeDefinition(Definition):
    """Public rows with their truth, for participants' own machines; never the hidden rows."""

    solution: FolderPath


class SubmissionDefinition(Definition):
    """What a submission is, and what the predictions look like that it is or that it makes."""

    kinds: Annotated[tuple[SubmissionKind, ...], AfterValidator(each_once), Field(min_length=1)] = (
        SubmissionKind.PREDICTIONS,
    )
    sample: FolderPath
    id_column: ColumnName = "id"
    id_type: Literal[ColumnType.INTEGER, ColumnType.TEXT] = ColumnType.INTEGER
    columns: Annotated[dict[ColumnName, ColumnType], Field(max_length=10_000)] = {}

    @property
    def is_files(self) -> bool:
        """Whether a submission is a zip file for the phase's scoring program."""
        return self.kinds == (SubmissionKind.FILES,)


class ScoringProgramDefinition(Definition):
    """A program of the host's that scores files, as on CodaLab and Codabench.

    In `command`, `$program`, `$input` and `$output` stand for its folders; the reference data are in
    `$input/ref` and the submission in `$input/res`. It writes `scores.json` or `scores.txt`.
    """

    file: Annotated[FolderPath, AfterValidator(is_zip)]
    command: Annotated[str, Field(min_length=1, max_length=1000)]


class SolutionDefinition(Definition):
    """The hidden reference rows; for a scoring program, the zip file with its reference data."""

    file: FolderPath
    usage_column: ColumnName = "Usage"


class MetricDefinition(Definition):
    """One metric: a built-in one by its name, the host's own with `file`, or a score of the phase's
    scoring program with its `key`.

    `target` and `prediction` default to the submission's columns. The fields from
    `higher_is_better` on describe a metric of the host's own; built-in ones describe themselves.
    """

    model_config = ConfigDict(json_schema_extra=_METRIC_SCHEMA)

    name: Annotated[str, Field(max_length=40, pattern=NAME_PATTERN)]
    file: FolderPath | None = None
    key: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    target: ColumnNames = None
    prediction: ColumnNames = None
    parameters: dict[str, Parameter] = {}
    weights: ColumnName | None = None
    higher_is_better: bool | None = None
    lower: float | None = None
    upper: float | None = None
    title: Annotated[str, Field(max_length=60)] = ""
    description: Annotated[str, Field(max_length=400)] = ""

    @property
    def is_own(self) -> bool:
        """Whether it is the host's own rather than built in."""
        return self.file is not None or self.key is not None

    @model_validator(mode="after")
    def _is_built_in_or_described(self) -> Self:
        if self.file is not None and self.key is not None:
            raise ValueError("has a `file` and a `key`; a score of the scoring program has a `key`")
        if self.is_own:
            if self.name in METRICS:
                raise ValueError(f"`{self.name}` is a built-in metric; give yours another name")
            if self.higher_is_better is None:
                raise ValueError("a metric of your own needs `higher_is_better: true` or `false`")
            if self.parameters:
                raise ValueError("a metric of your own has no parameters; write them into its file")
        elif given := [name for name in _HOST_FIELDS if name in self.model_fields_set]:
            raise ValueError(
                f"`{given[0]}` is for a metric of your own, which has a `file` or a `key`"
            )
        return self


class LimitsDefinition(Definition):
    """How much and how often; `per_day` and `total` may be null, which means no limit."""

    per_day: Annotated[int, Field(gt=0)] | None = 20
    total: Annotated[int, Field(gt=0)] | None = None
    pending: Annotated[int, Field(gt=0)] = 3
    file_size: Size = 20 * 1024**2
    seconds: Annotated[int, Field(gt=0, le=3600)] = 60
    model_file_size: Size = 200 * 1024**2
    model_seconds: Annotated[int, Field(gt=0, le=3600)] = 600
    model_memory: Size = 4 * 1024**3


class TeamsDefinition(Definition):
    """How many people are in a team at most, and until when teams may change and merge."""

    size: Annotated[int, Field(ge=1, le=100)] = 5
    merge_until: AwareDatetime | None = None


class ResultsDefinition(Definition):
    """What those who took part get at the end: medals in their profile, a certificate."""

    medals: bool = False
    certificates: bool = True


class PhaseDefinition(Definition):
    """What is scored: the submission's columns, the solution, the metrics and the limits.

    Models and programs also need `inputs`, the test inputs that they are given: an .npz file for
    models, any one file for programs. `model` says what the models must be like. `device` says
    which workers run models and programs. `opens` and `closes` are the competition's by default;
    with `carries_best`, each team's best submission to the phase before is its first here. A `scoring_program` scores submissions of the kind
    `files` in place of the built-in metrics.

    The best of a team's `final_submissions` decides its place on the private board, which opens
    `at_once` when the phase closes, or when the host has `published` it. With `late`, what comes
    after the close is scored and not ranked.
    """

    name: Annotated[str, Field(min_length=1, max_length=60)] = "main"
    submission: SubmissionDefinition
    solution: SolutionDefinition
    metrics: Annotated[tuple[MetricDefinition, ...], Field(min_length=1)]
    limits: LimitsDefinition = LimitsDefinition()
    inputs: FolderPath | None = None
    model: ModelInterface | None = None
    scoring_program: ScoringProgramDefinition | None = None
    device: Capability = Capability.CPU
    opens: AwareDatetime | None = None
    closes: AwareDatetime | None = None
    carries_best: bool = False
    final_submissions: Annotated[int, Field(ge=1, le=20)] = 2
    late: bool = False
    results: Literal["at_once", "published"] = "at_once"

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
                target=(metric.key,)
                if metric.key
                else metric.target or (columns if metric.file else columns[:1]),
                prediction=metric.prediction or columns,
                parameters=metric.parameters,
                weights=metric.weights,
            )
            for metric in self.metrics
        )

    def metric_files(self) -> dict[str, Path]:
        """The files of the host's own metrics, by name."""
        return {metric.name: metric.file for metric in self.metrics if metric.file}

    def scoring_limits(self) -> Limits:
        """What scoring one file of predictions may use."""
        return Limits(seconds=self.limits.seconds, file_bytes=self.limits.file_size)

    def running_limits(self) -> Limits:
        """What running one model or program may use."""
        return Limits(
            seconds=self.limits.model_seconds,
            memory_bytes=self.limits.model_memory,
            file_bytes=self.limits.model_file_size,
        )


class CompetitionDefinition(Definition):
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
    pictures: Annotated[tuple[PictureDefinition, ...], Field(max_length=20)] = ()
    licence: LicenceDefinition | None = None
    citation: Annotated[str, Field(max_length=2000)] = ""
    starts: AwareDatetime | None = None
    ends: AwareDatetime | None = None
    entry_until: AwareDatetime | None = None
    teams: TeamsDefinition = TeamsDefinition()
    results: ResultsDefinition = ResultsDefinition()
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
        return tuple(path for _, path in self.named_files() if not path.is_file())

    def named_files(self) -> list[tuple[tuple[int | str, ...], Path]]:
        """Every file that the definition names, and where it does."""
        named: list[tuple[tuple[int | str, ...], Path | None]] = [
            *((("pages", name), path) for name, path in self.pages),
            (("cover",), self.cover),
            (("prepare",), self.prepare),
            *((("data", number, "file"), data.file) for number, data in enumerate(self.data)),
            *(
                (("pictures", number, "file"), picture.file)
                for number, picture in enumerate(self.pictures)
            ),
            (("practice", "solution"), self.practice.solution if self.practice else None),
        ]
        for number, phase in enumerate(self.phases):
            inside = ("phases", number)
            named += [
                ((*inside, "submission", "sample"), phase.submission.sample),
                ((*inside, "solution", "file"), phase.solution.file),
                ((*inside, "inputs"), phase.inputs),
                (
                    (*inside, "scoring_program", "file"),
                    phase.scoring_program.file if phase.scoring_program else None,
                ),
            ]
            named += [
                ((*inside, "metrics", metric_number, "file"), metric.file)
                for metric_number, metric in enumerate(phase.metrics)
            ]
        return [(location, path) for location, path in named if path is not None]


def all_names() -> set[str]:
    """Every name that some section of competition.yaml knows."""
    sections: list[Any] = [*Definition.__subclasses__(), ModelInterface]
    return {name for section in sections for name in section.model_fields} - {"folder"}
