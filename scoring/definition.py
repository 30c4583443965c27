"""competition.yaml: reading it, and the check of a competition's folder.

`load_definition(folder)` gives a frozen `CompetitionDefinition` whose paths are absolute and
inside the folder, or raises `BrokenCompetition` whose problems name file, line and fix.
`competition_schema()` is the JSON Schema for editors.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from scoring.consistency import Finding, metric_file_findings, metric_findings, solution_findings
from scoring.declarations import (
    CompetitionDefinition,
    DataFileDefinition,
    LicenceDefinition,
    LimitsDefinition,
    MetricDefinition,
    PagesDefinition,
    PhaseDefinition,
    PictureDefinition,
    PracticeDefinition,
    ResultsDefinition,
    ScoringProgramDefinition,
    SolutionDefinition,
    SubmissionDefinition,
    TeamsDefinition,
    all_names,
)
from scoring.errors import BrokenCompetition, Problem
from scoring.filephases import file_phase_findings
from scoring.interfaces import interface_findings
from scoring.yamlsource import YamlSource, read_yaml

__all__ = [
    "FILE_NAME",
    "CompetitionDefinition",
    "DataFileDefinition",
    "LicenceDefinition",
    "LimitsDefinition",
    "MetricDefinition",
    "PagesDefinition",
    "PhaseDefinition",
    "PictureDefinition",
    "PracticeDefinition",
    "ResultsDefinition",
    "ScoringProgramDefinition",
    "SolutionDefinition",
    "SubmissionDefinition",
    "TeamsDefinition",
    "competition_schema",
    "load_definition",
]

FILE_NAME = "competition.yaml"


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
    yield from _deadline_findings(definition)
    for number, phase in enumerate(definition.phases):
        for finding in _phase_findings(phase):
            yield finding.inside("phases", number)
        if phase.carries_best:
            for finding in _carrying_findings(definition, number):
                yield finding.inside("phases", number, "carries_best")
    if files_must_exist:
        yield from _file_findings(definition)


def _deadline_findings(definition: CompetitionDefinition) -> Iterator[Finding]:
    """Deadlines at which nothing would happen any more, or before anything could."""
    for location, moment in (
        (("entry_until",), definition.entry_until),
        (("teams", "merge_until"), definition.teams.merge_until),
    ):
        if moment and definition.starts and moment <= definition.starts:
            fault = f"is not after starts ({_spoken(definition.starts)})"
            yield Finding(location, fault, "Move it.")
        elif moment and definition.ends and moment > definition.ends:
            fault = f"is after ends ({_spoken(definition.ends)})"
            yield Finding(location, fault, "Move it, or leave it out.")


def _carrying_findings(definition: CompetitionDefinition, number: int) -> Iterator[Finding]:
    """Whether what a phase took can be scored by the next."""
    if number == 0:
        yield Finding((), "is not possible: there is no phase before the first one", "Remove it.")
        return
    before, phase = definition.phases[number - 1], definition.phases[number]
    if not set(before.submission.kinds) <= set(phase.submission.kinds):
        fix = "Let this phase take the same kinds of submission."
        yield Finding((), "is not possible: the phase before takes other kinds", fix)
    if phase.opens is None:
        fix = "Say when this phase `opens`; that is when they are carried over."
        yield Finding((), "needs a moment", fix)


def _phase_findings(phase: PhaseDefinition) -> Iterator[Finding]:
    if phase.opens and phase.closes and phase.closes <= phase.opens:
        yield Finding(("closes",), f"is not after opens ({_spoken(phase.opens)})", "Move it.")
    unfit = list(file_phase_findings(phase))
    yield from unfit
    if unfit:  # the rest would only repeat it in other words
        return
    layout, metrics = phase.layout(), phase.metric_specs()
    own = {metric.name for metric in phase.metrics if metric.is_own}
    for finding in metric_findings(metrics, layout, own=own):
        yield finding.inside("metrics")
    for number, metric in enumerate(phase.metrics):
        if metric.file and metric.file.is_file():
            for finding in metric_file_findings(metric.file):
                yield finding.inside("metrics", number)
    if phase.solution.file.is_file():
        for finding in solution_findings(phase.solution.file, layout, metrics):
            yield finding.inside("solution")
    yield from interface_findings(
        phase.submission.kinds, phase.model, phase.inputs, layout, device=phase.device
    )


def _file_findings(definition: CompetitionDefinition) -> Iterator[Finding]:
    for location, path in definition.named_files():
        if path.is_file():
            continue
        name = path.relative_to(definition.folder).as_posix()
        if definition.prepare and name.startswith("prepared/"):
            fix = f"Make it: python {definition.folder / definition.prepare.name}"
        else:
            fix = "Create it or correct the path."
        yield Finding(location, f"{name} does not exist", fix)


def _explain(details: ErrorDetails) -> Finding:
    """A finding in plain words from one of pydantic's errors."""
    # Where a value may be of several types, pydantic adds the type to the place.
    location = tuple(step for step in details["loc"] if "[" not in str(step))
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
    close = difflib.get_close_matches(str(location[-1]), sorted(all_names()), n=1)
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
