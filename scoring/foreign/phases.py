"""What CodaLab's and Codabench's phases have in common, written as phases of our own."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from scoring.foreign.draft import OLDEST_DATE, Draft, metric_name_of
from scoring.foreign.notes import Weight
from scoring.foreign.programs import check_sources, command_of

LONGEST_SECONDS = 3600
DEFAULT_SECONDS = 600
FILE_SIZE = "300MB"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the leaderboard.

    Attributes:
        key: Its name in the scores file.
        title: Its name for people.
        higher_is_better: Whether it is sorted so.
    """

    key: str
    title: str
    higher_is_better: bool = True


@dataclass(frozen=True, slots=True)
class ForeignPhase:
    """A phase with the files that it names.

    Attributes:
        sample: A submission that shows what one looks like.
        carries_best: Whether it begins with what was submitted to the phase before.
    """

    name: str
    scoring_program: Path
    reference: Path
    opens: datetime | None = None
    closes: datetime | None = None
    per_day: int | None = None
    total: int | None = None
    seconds: int | None = None
    sample: Path | None = None
    carries_best: bool = False


def write_phases(draft: Draft, phases: Sequence[ForeignPhase], columns: Sequence[Column]) -> None:
    """The phases with their archives and metrics; the first column ranks."""
    draft.note(Weight.CARRIED, "no_splits")
    metrics: list[dict[str, Any]] = []
    for column in columns:
        name = metric_name_of(column.key, [metric["name"] for metric in metrics])
        metrics.append(
            {
                "name": name,
                "key": column.key,
                "title": column.title[:60],
                "higher_is_better": column.higher_is_better,
            }
        )
    written: list[dict[str, Any]] = []
    names: set[str] = set()
    for number, phase in enumerate(phases, start=1):
        folder = f"phases/{number}"
        name = phase.name[:60] or f"Phase {number}"
        name = f"{name[:50]} ({number})" if name in names else name
        names.add(name)
        check_sources(draft, phase.scoring_program)
        written.append(
            {
                "name": name,
                "submission": {"kinds": ["files"], "sample": _sample(draft, phase, folder)},
                "solution": {"file": draft.packed(phase.reference, f"{folder}/reference.zip")},
                "scoring_program": {
                    "file": draft.packed(phase.scoring_program, f"{folder}/scoring_program.zip"),
                    "command": command_of(draft, phase.scoring_program, phase=name),
                },
                "metrics": metrics,
                "limits": {
                    "per_day": phase.per_day,
                    "total": phase.total,
                    "seconds": _seconds(draft, phase),
                    "file_size": FILE_SIZE,
                },
                **({"opens": phase.opens} if phase.opens else {}),
                **({"closes": phase.closes} if phase.closes else {}),
                **(
                    {"carries_best": True} if phase.carries_best and phase.opens and written else {}
                ),
            }
        )
    draft.content["phases"] = written
    starts = [phase.opens for phase in phases if phase.opens]
    ends = [phase.closes for phase in phases]
    draft.lasting(
        min(starts) if starts else None,
        max(end for end in ends if end) if ends and all(ends) else None,
    )


def _sample(draft: Draft, phase: ForeignPhase, folder: str) -> str:
    if phase.sample is not None:
        return draft.packed(phase.sample, f"{folder}/sample.zip")
    draft.note(Weight.CARRIED, "no_sample", phase=phase.name)
    path = draft.target / folder / "sample.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("README.txt", OLDEST_DATE)
        archive.writestr(info, "Pack your files as the evaluation page says.\n")
    return f"{folder}/sample.zip"


def _seconds(draft: Draft, phase: ForeignPhase) -> int:
    seconds = phase.seconds or DEFAULT_SECONDS
    if seconds > LONGEST_SECONDS:
        draft.note(
            Weight.CARRIED, "seconds", phase=phase.name, found=seconds, limit=LONGEST_SECONDS
        )
    return min(seconds, LONGEST_SECONDS)
