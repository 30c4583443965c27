"""The folders of the site's competitions on this machine's disk: which there are, and what has changed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from scoring.definition import FILE_NAME, CompetitionDefinition

PREPARED = "prepared"
LARGEST_TEXT = 1024 * 1024
"""Of larger files the size and the time count, so that a start reads no gigabytes."""


def found() -> list[Path]:
    """Every folder that holds a competition."""
    return sorted(path.parent for path in settings.COMPETITIONS_DIR.glob(f"*/{FILE_NAME}"))


def named(name: str) -> Path:
    return Path(settings.COMPETITIONS_DIR / name)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a folder is like; equal ones make the same competition.

    Attributes:
        texts: Everything beside the prepared data.
        code: The programs among them, which make that data.
        data: The prepared files that the definition names; empty while one is missing.
    """

    texts: str
    code: str
    data: str

    def to_json(self) -> dict[str, Any]:
        return {"texts": self.texts, "code": self.code, "data": self.data}

    def differs_from(self, known: dict[str, Any]) -> bool:
        """Whether there is news. Data that is no longer on the disk is in the site's storage still."""
        if self.texts != known.get("texts"):
            return True
        return self.data not in {"", known.get("data")}

    def has_other_code_than(self, known: dict[str, Any]) -> bool:
        return known.get("code") not in {None, self.code}


def fingerprint(definition: CompetitionDefinition) -> Fingerprint:
    texts, code = hashlib.sha256(), hashlib.sha256()
    for path in sorted(definition.folder.rglob("*")):
        name = path.relative_to(definition.folder)
        if _is_made(name) or not path.is_file():
            continue
        content = f"{name}\0".encode() + _content(path)
        texts.update(content)
        if path.suffix == ".py":
            code.update(content)
    return Fingerprint(texts=texts.hexdigest(), code=code.hexdigest(), data=_data(definition))


def _is_made(name: Path) -> bool:
    """What programs leave behind, which is no part of what the host wrote."""
    return any(part in {PREPARED, "__pycache__"} or part.startswith(".") for part in name.parts)


def _content(path: Path) -> bytes:
    about = path.stat()
    if about.st_size > LARGEST_TEXT:
        return f"{about.st_size} {about.st_mtime_ns}".encode()
    return hashlib.sha256(path.read_bytes()).digest()


def _data(definition: CompetitionDefinition) -> str:
    if definition.missing_files():
        return ""
    data = hashlib.sha256()
    for _place, path in definition.named_files():
        about = path.stat()
        name = path.relative_to(definition.folder)
        if PREPARED in name.parts:
            data.update(f"{name} {about.st_size} {about.st_mtime_ns}\0".encode())
    return data.hexdigest()
