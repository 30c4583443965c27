"""From somebody else's bundle to a folder of our own, with notes of what changed on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from scoring.definition import CompetitionDefinition, load_definition
from scoring.foreign.codabench import convert_codabench
from scoring.foreign.codalab import convert_codalab
from scoring.foreign.draft import Draft, broken
from scoring.foreign.notes import Note
from scoring.foreign.tables import (
    CONFIGURATION,
    SOLUTION,
    convert_hugging_face,
    convert_kaggle_style,
)

NAMES = ("competition.yaml", "competition.yml")
MAX_BYTES = 1024 * 1024


class Format(StrEnum):
    """Whose format a folder is in."""

    AGON = "agon"
    CODABENCH = "codabench"
    CODALAB = "codalab"
    HUGGING_FACE = "hugging_face"
    KAGGLE = "kaggle"


@dataclass(frozen=True, slots=True)
class Conversion:
    """What became of a bundle.

    Attributes:
        format: Whose format it was in.
        definition: What it is now.
        notes: What the host should know.
    """

    format: Format
    definition: CompetitionDefinition
    notes: Sequence[Note] = ()


def is_competition(folder: Path) -> bool:
    """Whether a folder holds a file that some format begins with; it is not opened."""
    return any((folder / name).is_file() for name in (*NAMES, CONFIGURATION, SOLUTION))


def recognise(folder: Path) -> Format | None:
    """Whose format a folder is in, by its files; None where it is nobody's."""
    path = next((folder / name for name in NAMES if (folder / name).is_file()), None)
    if path is not None:
        data = _read(path)
        if "html" in data or isinstance(data.get("phases"), dict):
            return Format.CODALAB
        if "tasks" in data or "leaderboards" in data or str(data.get("version")) == "2":
            return Format.CODABENCH
        return Format.AGON
    if (folder / CONFIGURATION).is_file():
        return Format.HUGGING_FACE
    return Format.KAGGLE if (folder / SOLUTION).is_file() else None


def convert(folder: Path, target: Path, *, metric: str = "") -> Conversion:
    """Write a folder of our own from one in another format.

    Args:
        folder: The bundle, unpacked.
        target: An empty folder for what comes out.
        metric: The name of the metric that ranks, where the bundle does not say or has another.

    Raises:
        BrokenCompetition: It is in no format that is known, or can't be used.
    """
    found = recognise(folder)
    if found is None or found is Format.AGON:
        reason = (
            "it is in this site's own format already."
            if found
            else "there is no competition.yaml, conf.json or solution.csv at its top."
        )
        raise broken(reason, file=folder.name)
    target.mkdir(parents=True, exist_ok=True)
    draft = Draft(folder, target)
    if found in {Format.CODABENCH, Format.CODALAB}:
        path = next(folder / name for name in NAMES if (folder / name).is_file())
        data = _read(path)
        (convert_codabench if found is Format.CODABENCH else convert_codalab)(draft, data)
    else:
        (convert_hugging_face if found is Format.HUGGING_FACE else convert_kaggle_style)(
            draft, metric
        )
    draft.finish()
    return Conversion(found, load_definition(target), draft.notes)


def _read(path: Path) -> dict[str, Any]:
    """CodaLab's files lean on YAML's aliases, which our own may not have."""
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
        data = yaml.safe_load(content) if len(content) <= MAX_BYTES else None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise broken(f"it is no YAML ({reason}).", file=path.name) from error
    if not isinstance(data, dict):
        raise broken("it holds no settings, or more than 1 MB of them.", file=path.name)
    return data
