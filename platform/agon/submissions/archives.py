"""All files of some submissions as one zip file that is made while it is sent."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator

from django.core.files.storage import storages
from django.db.models import QuerySet
from django.utils.text import get_valid_filename

from agon.submissions.models import State, Submission

CHUNK = 256 * 1024
COLUMNS = (
    *("file", "team", "number", "kind", "submitted_by", "submitted", "state", "note"),
    *("public_score", "private_score", "counted", "disqualified", "sha256"),
)


class _Outlet(io.RawIOBase):
    """Where the archive is written; what has come is taken from it piece by piece."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(data)  # type: ignore[call-overload]
        self._parts.append(part)
        return len(part)

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


def stream(submissions: QuerySet[Submission]) -> Iterator[bytes]:
    """The archive: the files, a folder for each team, and a table of the submissions.

    A file that is gone is missing in the archive and named in the table without one.
    """
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        table = io.StringIO()
        rows = csv.writer(table)
        rows.writerow(COLUMNS)
        for submission in submissions.iterator(chunk_size=500):
            name = ""
            if submission.state != State.CANCELED and storages["default"].exists(
                submission.file.name or ""
            ):
                name = name_of(submission)
                with (
                    submission.file.open("rb") as source,
                    archive.open(name, "w", force_zip64=True) as target,
                ):
                    while chunk := source.read(CHUNK):
                        target.write(chunk)
                        yield outlet.take()
            rows.writerow(_row(submission, name))
            yield outlet.take()
        archive.writestr("submissions.csv", table.getvalue())
    yield outlet.take()


def name_of(submission: Submission) -> str:
    """A name that is safe on every system: letters of any script, digits, `-`, `_` and `.`."""
    team = get_valid_filename(f"{submission.team_id}-{submission.team.name}")
    order = f"{submission.phase_id}-{submission.number:05d}"
    return f"{team}/{get_valid_filename(f'{order}-{submission.file_name}')}"


def _row(submission: Submission, name: str) -> list[object]:
    by = submission.submitted_by
    excluded = submission.disqualified_at or submission.team.disqualified_at
    values = [
        *(name, submission.team.name, submission.number, submission.kind),
        *(by.username if by else "", submission.created_at.isoformat(), submission.state),
        *(submission.note, submission.public_score, submission.private_score),
        *(int(submission.counted), excluded.isoformat() if excluded else "", submission.sha256),
    ]
    return [_inert(value) for value in values]


def _inert(value: object) -> object:
    """A text that a spreadsheet would take for a formula, as plain text."""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{value}"
    return value
