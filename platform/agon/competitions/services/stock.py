"""The large files of a folder, which lie in the storage before the transaction that names them.

Reading and copying them takes seconds, and on SQLite a transaction keeps every other writer waiting,
results among them.
"""

from __future__ import annotations

from pathlib import Path

from django.core.files import File
from django.db import models
from django.db.models.fields.files import FileField

from agon.common.files import Digest, digest
from agon.competitions.models import DataFile, InputsFile, Solution
from scoring.definition import CompetitionDefinition

Kind = type[DataFile] | type[Solution] | type[InputsFile]


class Stock:
    """Stores what the site does not have yet, each file once."""

    def __init__(self, definition: CompetitionDefinition) -> None:
        self._digests: dict[Path, Digest] = {}
        self._names: dict[tuple[Kind, Path], str] = {}
        self._stored: list[tuple[Kind, str]] = []
        competition = models.Q(competition__slug=definition.slug)
        in_phase = models.Q(phase__competition__slug=definition.slug)
        for data in definition.data:
            self._take(DataFile, data.file, competition)
        for phase in definition.phases:
            self._take(Solution, phase.solution.file, in_phase)
            if phase.inputs is not None:
                self._take(InputsFile, phase.inputs, in_phase)

    def _take(self, kind: Kind, path: Path, mine: models.Q) -> None:
        if (kind, path) in self._names:
            return
        with path.open("rb") as stream:
            contents = self._digests[path] = digest(stream)
            if not kind._default_manager.filter(mine, sha256=contents.sha256).exists():
                field = _field_of(kind)
                name = field.storage.save(field.generate_filename(kind(), path.name), File(stream))
                self._names[kind, path] = name
                self._stored.append((kind, name))

    def digest(self, path: Path) -> Digest:
        return self._digests[path]

    def put(self, row: DataFile | Solution | InputsFile, path: Path) -> None:
        """Give the row its file, which is in the storage already unless somebody was faster."""
        name = self._names.pop((type(row), path), None)
        if name is not None:
            row.file = name
            return
        with path.open("rb") as stream:
            row.file.save(path.name, File(stream), save=False)

    def clear(self, *, all_of_it: bool = False) -> None:
        """Remove what no row names: after a transaction that was undone, all of it."""
        unused = set(self._names.values())
        for kind, name in self._stored:
            if all_of_it or name in unused:
                _field_of(kind).storage.delete(name)


def _field_of(kind: Kind) -> FileField:
    field = kind._meta.get_field("file")
    assert isinstance(field, FileField)  # noqa: S101  # as declared
    return field
