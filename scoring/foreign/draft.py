"""A folder of our own in the making, with the notes that go with it."""

from __future__ import annotations

import re
import shutil
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import yaml
from markdownify import markdownify

from scoring.errors import BrokenCompetition, Problem
from scoring.foreign.notes import Note, Weight
from scoring.metrics.descriptions import METRICS

COVERS = (".png", ".jpg", ".jpeg", ".webp", ".svg")
OLDEST_DATE = (1980, 1, 1, 0, 0, 0)
PAGES = ("overview", "data", "evaluation", "rules")
DATE_FORMATS = ("%m-%d-%Y", "%m/%d/%Y", "%m-%d-%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%Y/%m/%d")


class Draft:
    """Collects what goes into a competition's folder, and writes it."""

    def __init__(self, source: Path, target: Path) -> None:
        self.source = source
        self.target = target
        self.notes: list[Note] = []
        self.content: dict[str, Any] = {"version": 1, "visibility": "private"}
        self._pages: dict[str, str] = {}

    def note(self, weight: Weight, code: str, **params: str | int) -> None:
        """Remember something for the host; the same thing only once."""
        note = Note(weight, code, params)
        if note not in self.notes:
            self.notes.append(note)

    def left(self, section: Mapping[str, Any], known: Iterable[str], *, inside: str = "") -> None:
        """Name every setting that says something and that nobody has taken up."""
        for name, value in section.items():
            if str(name) not in known and value not in (None, "", [], {}, False):
                place = f"{inside}.{name}" if inside else str(name)
                self.note(Weight.LEFT, "setting", name=place, value=_spoken(value))

    def named(self, title: str, *, subtitle: str = "") -> None:
        """The title, the subtitle, and an address made of the title."""
        self.content["title"] = self._cut("title", " ".join(title.split()), 120) or "Competition"
        self.content["subtitle"] = self._cut("subtitle", " ".join(subtitle.split()), 240)
        self.content["slug"] = slug_of(title)

    def lasting(self, starts: datetime | None, ends: datetime | None) -> None:
        """From when until when."""
        if starts is not None:
            self.content["starts"] = starts
        if ends is not None and (starts is None or ends > starts):
            self.content["ends"] = ends

    def moment(self, name: str, value: object) -> datetime | None:
        """A date however it is written; one without a zone is UTC, as there."""
        if value in (None, ""):
            return None
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day, tzinfo=UTC)
        if not isinstance(value, datetime):
            value = _parsed(text_of(value))
        if value is None:
            self.note(Weight.LEFT, "date", name=name, value=_spoken(value))
            return None
        return value if value.tzinfo else value.replace(tzinfo=UTC)

    def cover(self, name: object) -> None:
        """The picture, where it is there and of a format that is shown."""
        path = self.find(name)
        if path is None or not path.is_file():
            return
        if path.suffix.lower() not in COVERS:
            self.note(Weight.LEFT, "cover_format", name=path.name)
            return
        self.content["cover"] = self._copied(path, f"cover{path.suffix.lower()}")

    def page(self, name: str, path: Path | None, *, title: str = "") -> None:
        """A page from a Markdown or HTML file; one of no place of its own ends the overview."""
        if path is None or not path.is_file():
            return
        text = path.read_text(encoding="utf-8", errors="replace")
        if path.suffix.lower() in {".html", ".htm"}:
            text = markdownify(text, heading_style="ATX", strip=["script", "style"])
            self.note(Weight.CARRIED, "html_page", name=title or name)
        if name in PAGES:
            self._pages[name] = f"{self._pages.get(name, '')}\n\n{text}".strip()
            return
        self.note(Weight.CARRIED, "extra_page", name=title or name)
        overview = self._pages.get("overview", "")
        self._pages["overview"] = f"{overview}\n\n## {title or name}\n\n{text}".strip()

    def data(self, name: object, *, file: str, description: str) -> None:
        """Something that participants may download; a folder is packed."""
        path = self.find(name)
        if path is None:
            return
        stored = (
            self.packed(path, f"data/{file}.zip")
            if path.is_dir()
            else self._copied(path, f"data/{file}{path.suffix.lower()}")
        )
        files = self.content.setdefault("data", [])
        if all(known["file"] != stored for known in files):
            files.append({"file": stored, "description": description})

    def find(self, name: object) -> Path | None:
        """A file or folder of the bundle by its name; None, with a note, where it is not there."""
        if name in (None, ""):
            return None
        wanted = PurePosixPath(text_of(name) or "?")
        path = self.source / wanted
        is_inside = not wanted.is_absolute() and ".." not in wanted.parts
        if is_inside and path.exists() and path.resolve().is_relative_to(self.source.resolve()):
            return path
        self.note(Weight.BLOCKING, "missing_file", name=text_of(name)[:200])
        return None

    def packed(self, path: Path, name: str) -> str:
        """The folder as a zip file in the target, the same bytes each time; a zip file is copied."""
        if path.is_file():
            return self._copied(path, name)
        target = self.target / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for member in sorted(path.rglob("*")):
                if member.is_file() and not member.is_symlink() and "__MACOSX" not in member.parts:
                    info = zipfile.ZipInfo(member.relative_to(path).as_posix(), OLDEST_DATE)
                    info.compress_type = zipfile.ZIP_DEFLATED
                    info.external_attr = 0o644 << 16
                    with member.open("rb") as stream, archive.open(info, "w") as out:
                        shutil.copyfileobj(stream, out)
        return name

    def written(self, name: str, content: str) -> str:
        """A file in the target."""
        path = self.target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return name

    def finish(self) -> None:
        """Write the pages and competition.yaml."""
        pages = {}
        for name in PAGES:
            if not self._pages.get(name):
                self.note(Weight.CARRIED, "missing_page", name=name)
            text = self._pages.get(name) or f"# {name.capitalize()}\n"
            pages[name] = self.written(f"pages/{name}.md", text.rstrip() + "\n")
        self.content["pages"] = pages
        text = yaml.dump(
            self.content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100
        )
        self.written("competition.yaml", text)

    def _copied(self, path: Path, name: str) -> str:
        target = self.target / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        return name

    def _cut(self, name: str, text: str, limit: int) -> str:
        if len(text) <= limit:
            return text
        self.note(Weight.CARRIED, "cut", name=name)
        return text[: limit - 1].rstrip() + "…"


def slug_of(title: str) -> str:
    """An address from a title: small letters, digits and single hyphens."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "competition"


def metric_name_of(key: str, taken: Iterable[str]) -> str:
    """A name for a score of a scoring program, from its key, that no other has."""
    name = re.sub(r"\W+", "_", key, flags=re.ASCII).strip("_")[:36] or "score"
    if name[0].isdigit() or name in METRICS:  # a built-in metric's name means that metric
        name = f"score_{name}"[:40]
    number, unique = 1, name
    while unique in taken:
        number += 1
        unique = f"{name[:36]}_{number}"
    return unique


def count_of(value: object) -> int | None:
    """A limit of submissions; none where it is left out or is zero, which there means the same."""
    try:
        number = int(text_of(value))
    except ValueError:
        return None
    return number if number > 0 else None


def broken(reason: str, *, file: str) -> BrokenCompetition:
    """A bundle that can't be turned into a competition at all."""
    return BrokenCompetition(Problem("file_unreadable", {"file": file, "reason": reason}))


def _parsed(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for pattern in DATE_FORMATS:
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def text_of(value: object) -> str:
    """A plain value as text; nothing for a list or mapping, which YAML's aliases can make endless."""
    return str(value).strip() if isinstance(value, str | int | float | date) else ""


def _spoken(value: object) -> str:
    if isinstance(value, dict | list):
        text = ", ".join(text_of(name) or "…" for name in list(value)[:5])
    else:
        text = " ".join(text_of(value).split())
    return text if len(text) <= 80 else text[:79] + "…"


class _Dumper(yaml.SafeDumper):
    """Writes every value out: our own files have no aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True
