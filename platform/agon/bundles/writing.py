"""A competition as an archive: rows as lines of JSON, its files as they are, and their checksums.

agon.json                   what the file is, what it holds, and the SHA-256 of everything else
rows/<app>.<model>.jsonl    one row a line, with its old key
rows/people.jsonl           whom the rows name
files/<name in the storage>
"""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.core.files.storage import storages
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from agon.accounts.models import User
from agon.bundles.parts import Part
from agon.bundles.tables import Table, tables_of
from agon.common.files import CHUNK
from agon.competitions.models import Competition

FORMAT = "agon-competition"
VERSION = 1
MANIFEST = "agon.json"
PEOPLE = "rows/people.jsonl"
COMPRESSION = 1
"""Most of it is packed already, or is read once; speed is worth more than a tenth of the size."""

Progress = Callable[[str, int, int | None], None]


def rows_name(table: Table) -> str:
    return f"rows/{table.name}.jsonl"


def file_name(stored: str) -> str:
    return f"files/{stored}"


@dataclass(slots=True)
class _Contents:
    """What goes into the archive besides the rows, found while they are written."""

    files: dict[str, None] = field(default_factory=dict)
    people: set[int] = field(default_factory=set)


def write_archive(
    *,
    competition: Competition,
    parts: frozenset[Part],
    stream: IO[bytes],
    on_progress: Progress = lambda _step, _done, _total: None,
) -> dict[str, Any]:
    """Write the parts of a competition that were asked for; gives the manifest.

    The rows are those of one moment. Files are never changed once they are stored, so they can be
    read afterwards, while others go on writing.
    """
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION) as archive:
        manifest: dict[str, Any] = {
            "format": FORMAT,
            "version": VERSION,
            "site": settings.SITE_URL,
            "slug": competition.slug,
            "title": competition.title,
            "exported_at": timezone.now().isoformat(),
            "parts": [part.value for part in Part if part in parts],
            "entries": {},
        }
        contents = _Contents()
        entries = manifest["entries"]
        with _one_moment():
            for table in tables_of(parts):
                lines = _lines(table, competition, parts, contents)
                entries[rows_name(table)] = _write(archive, rows_name(table), lines)
            if Part.PEOPLE in parts:
                entries[PEOPLE] = _write(archive, PEOPLE, _people(contents.people))
        for done, stored in enumerate(contents.files):
            on_progress("files", done, len(contents.files))
            name = file_name(stored)
            with storages["default"].open(stored, "rb") as source:
                entries[name] = _write(archive, name, iter(partial(source.read, CHUNK), b""))
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False))
    on_progress("files", len(contents.files), len(contents.files))
    return manifest


def _one_moment() -> Any:
    """All reads see the database as it was at the first one."""
    if connection.in_atomic_block:
        return nullcontext()
    block = transaction.atomic()
    if connection.vendor == "postgresql":
        return _RepeatableRead(block)
    return block


class _RepeatableRead:
    def __init__(self, block: Any) -> None:
        self._block = block

    def __enter__(self) -> None:
        self._block.__enter__()
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

    def __exit__(self, *fault: Any) -> None:
        self._block.__exit__(*fault)


def _write(archive: zipfile.ZipFile, name: str, blocks: Iterator[bytes]) -> dict[str, Any]:
    """One entry of the archive, and what the manifest says of it."""
    sha256, size = hashlib.sha256(), 0
    with archive.open(name, "w", force_zip64=True) as entry:
        for block in blocks:
            sha256.update(block)
            size += len(block)
            entry.write(block)
    return {"sha256": sha256.hexdigest(), "size": size}


def _lines(
    table: Table, competition: Competition, parts: frozenset[Part], contents: _Contents
) -> Iterator[bytes]:
    for instance in table.rows_of(competition).iterator(chunk_size=1000):
        yield _line(_row(table, instance, parts, contents))


def _row(
    table: Table, instance: Model, parts: frozenset[Part], contents: _Contents
) -> dict[str, Any]:
    """A row in plain JSON: times to the microsecond, files by their name in the storage."""
    row: dict[str, Any] = {"id": instance.pk}
    for one in table.fields:
        value = getattr(instance, one.attname)
        if one.related_model is User:
            value = value if Part.PEOPLE in parts else None
            contents.people.update([] if value is None else [value])
        row[one.name] = plain(value.name if one in table.files else value)
    for one in table.files:
        if row[one.name]:
            contents.files[row[one.name]] = None
    if Part.PEOPLE in parts:
        for name in table.people:
            row[name] = list(getattr(instance, name).order_by("pk").values_list("pk", flat=True))
            contents.people.update(row[name])
    return row


def plain(value: Any) -> Any:
    """A field's value as JSON has it, so that the field's `to_python` reads it back."""
    match value:
        case datetime() | date():
            return value.isoformat()
        case bytes() | memoryview():
            return base64.b64encode(bytes(value)).decode("ascii")
        case UUID():
            return str(value)
    return value


def _people(ids: set[int]) -> Iterator[bytes]:
    for user in User.objects.filter(pk__in=ids).order_by("pk").iterator(chunk_size=1000):
        yield _line(
            {
                "id": user.pk,
                "username": user.username,
                "email": user.email,
                "display_name": user.display_name,
                "time_zone": user.time_zone,
                "language": user.language,
            }
        )


def _line(row: dict[str, Any]) -> bytes:
    return (json.dumps(row, ensure_ascii=False) + "\n").encode()
