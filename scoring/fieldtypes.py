"""What the fields of competition.yaml are made of: paths inside the folder, sizes, names of columns."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema

from scoring.contract import SubmissionKind

SLUG_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
SIZE_PATTERN = r"^\s*(\d+(?:\.\d+)?)\s*([kKMG]?i?)B?\s*$"
PICTURE_ENDINGS = (".png", ".jpg", ".webp", ".svg")
NAME_PATTERN = r"^[A-Za-z_][A-Za-z0-9_]*$"
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


def is_picture(path: Path) -> Path:
    if path.suffix not in PICTURE_ENDINGS:
        raise ValueError(f"must be a picture that ends in {', '.join(PICTURE_ENDINGS)}")
    return path


def is_zip(path: Path) -> Path:
    if path.suffix.lower() != ".zip":
        raise ValueError("must be a .zip file")
    return path


def each_once(kinds: tuple[SubmissionKind, ...]) -> tuple[SubmissionKind, ...]:
    if len(set(kinds)) < len(kinds):
        raise ValueError("names a kind twice")
    return kinds


FolderPath = Annotated[Path, AfterValidator(_inside_folder)]
Size = Annotated[
    int,
    BeforeValidator(_bytes),
    Field(gt=0),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string", "pattern": SIZE_PATTERN}]}),
]
ColumnName = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f,;\"]+$")]
ColumnNames = Annotated[
    Annotated[tuple[ColumnName, ...], Field(min_length=1)] | None,
    BeforeValidator(_one_or_more),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "minItems": 1}]}),
]
