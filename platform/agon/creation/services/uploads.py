"""Files of a draft, whole or in pieces.

A large file comes in pieces, each an object of the storage, so that it goes on where it stopped after
a lost network or a closed page, on any kind of storage. Once all are there they are joined.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterable
from datetime import timedelta
from pathlib import PurePosixPath
from typing import IO

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from agon.common.files import digest
from agon.creation.describing import describe
from agon.creation.errors import OutOfStep, UploadRefused
from agon.creation.models import Draft, DraftFile, Piece

Role = DraftFile.Role

MOST_FILES = 100
LARGEST_PIECE = 32 * 1024**2
FORGOTTEN = timedelta(days=7)
"""For how long the pieces of a file are kept that does not go on."""
TABLE = {Role.SOLUTION, Role.SAMPLE}


def clean_name(name: str) -> str:
    """A name that is safe in a folder and an address, close to what it was."""
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = re.sub(r"[^\w.\- ]", "_", last).strip(" .")[-100:]
    if not kept:
        raise UploadRefused(_("Give the file a name."))
    return kept


def files_of(draft: Draft) -> list[DraftFile]:
    """What is there as a whole, by role and name."""
    return list(draft.files.filter(completed_at__isnull=False))


def _check(draft: Draft, role: Role, name: str, size: int) -> None:
    if size <= 0:
        raise UploadRefused(_("This file is empty."))
    limit = settings.MAX_DRAFT_BYTES
    if size > limit:
        raise UploadRefused(
            _("The file has %(size)s; this site takes at most %(limit)s.")
            % {"size": filesizeformat(size), "limit": filesizeformat(limit)}
        )
    if role in TABLE and not name.lower().endswith(".csv"):
        raise UploadRefused(
            _(
                "Bring a CSV file here. For other formats make a folder with competition.yaml and import it."
            )
        )
    if role is Role.METRIC and not name.lower().endswith(".py"):
        raise UploadRefused(_("A metric of your own is a Python file, whose name ends in .py."))
    if draft.files.filter(completed_at__isnull=False).count() >= MOST_FILES:
        raise UploadRefused(
            _("A competition has at most %(count)d files here.") % {"count": MOST_FILES}
        )


def add_file(*, draft: Draft, role: str, upload: File[bytes], description: str = "") -> DraftFile:
    """Take a whole file in; one of the same name, or the only one of a role, is replaced."""
    kind, name = Role(role), clean_name(upload.name or "")
    _check(draft, kind, name, upload.size)
    contents = digest(upload)
    upload.seek(0)
    made = DraftFile(
        draft=draft,
        role=kind,
        name=name,
        description=description,
        size=contents.size,
        received=contents.size,
        sha256=contents.sha256,
    )
    made.file.save(contents.sha256, upload, save=False)
    return _complete(made)


def begin(*, draft: Draft, role: str, name: str, size: int, sha256: str = "") -> DraftFile:
    """Announce a file that comes in pieces; the same one again goes on where it stopped."""
    kind, name = Role(role), clean_name(name)
    _check(draft, kind, name, size)
    if sha256 and not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise UploadRefused(_("This is no SHA-256 of a file."))
    standing = draft.files.filter(
        role=kind, name=name, size=size, wanted_sha256=sha256, completed_at__isnull=True
    ).first()
    return standing or DraftFile.objects.create(
        draft=draft, role=kind, name=name, size=size, wanted_sha256=sha256
    )


def receive(*, file: DraftFile, offset: int, content: bytes, sha256: str = "") -> DraftFile:
    """Take the next piece; after the last one the file is whole.

    Raises:
        OutOfStep: The piece does not begin where the last one ended.
        UploadRefused: Its bytes are not those that were sent, or it is more than was announced.
    """
    if sha256 and hashlib.sha256(content).hexdigest() != sha256:
        raise UploadRefused(_("A piece of the file was damaged on its way. It is sent again."))
    if not content or len(content) > LARGEST_PIECE:
        raise UploadRefused(_("A piece has 1 byte to 32 MB."))
    with transaction.atomic():
        held = DraftFile.objects.select_for_update().get(pk=file.pk)
        if held.completed_at is not None or offset != held.received:
            raise OutOfStep
        if offset + len(content) > held.size:
            raise UploadRefused(_("This is more than the file was said to have."))
        piece = Piece(of=held, offset=offset, size=len(content))
        piece.file.save(f"{held.pk}-{offset}", ContentFile(content), save=False)
        try:
            with transaction.atomic():
                piece.save()
        except IntegrityError as error:
            storages["default"].delete(piece.file.name or "")
            raise OutOfStep from error
        held.received += len(content)
        held.touched_at = timezone.now()
        held.save(update_fields=["received", "touched_at"])
    return _join(held) if held.received == held.size else held


def _join(file: DraftFile) -> DraftFile:
    """Put the pieces together, and see that they are what was announced."""
    pieces = list(file.pieces.order_by("offset"))
    with tempfile.TemporaryFile() as whole:
        _pour(pieces, whole)
        whole.seek(0)
        contents = digest(whole)
        if file.wanted_sha256 and contents.sha256 != file.wanted_sha256:
            remove(file=file)
            raise UploadRefused(_("The file arrived damaged. Upload it again."))
        whole.seek(0)
        file.sha256 = contents.sha256
        file.file.save(contents.sha256, File(whole), save=False)
    done = _complete(file)
    _forget(pieces)
    return done


def _pour(pieces: Iterable[Piece], target: IO[bytes]) -> None:
    for piece in pieces:
        with piece.file.open("rb") as stream:
            for chunk in stream.chunks():
                target.write(chunk)


def _forget(pieces: list[Piece]) -> None:
    names = [piece.file.name or "" for piece in pieces]
    Piece.objects.filter(pk__in=[piece.pk for piece in pieces]).delete()
    _delete(names)


def _complete(file: DraftFile) -> DraftFile:
    """It is whole: it takes the place of those that it replaces."""
    if file.role in TABLE:
        with file.file.open("rb") as stream:
            file.about = describe(stream).to_json()
    elif file.role == Role.METRIC:
        _check_python(file)
    replaced = DraftFile.objects.filter(draft=file.draft, role=file.role).exclude(pk=file.pk)
    if file.role == Role.DATA:
        replaced = replaced.filter(name=file.name)
    with transaction.atomic():
        names = [one.file.name for one in replaced if one.file]
        replaced.filter(completed_at__isnull=False).delete()
        file.completed_at = file.touched_at = timezone.now()
        file.save()
        Draft.objects.filter(pk=file.draft_id).update(updated_at=timezone.now())
        transaction.on_commit(lambda: _delete(names))
    return file


def _delete(names: Iterable[str | None]) -> None:
    for name in names:
        if name:
            storages["default"].delete(name)


def _check_python(file: DraftFile) -> None:
    with file.file.open("rb") as stream:
        source = stream.read()
    try:
        compile(source, file.name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as fault:
        file.file.delete(save=False)
        raise UploadRefused(
            _("This is not Python: %(fault)s (line %(line)d).")
            % {"fault": getattr(fault, "msg", str(fault)), "line": getattr(fault, "lineno", 1) or 1}
        ) from fault


def remove(*, file: DraftFile) -> None:
    """Take a file away, whole or not."""
    pieces = list(file.pieces.all())
    name = file.file.name
    _forget(pieces)
    draft_id = file.draft_id
    file.delete()
    Draft.objects.filter(pk=draft_id).update(updated_at=timezone.now())
    _delete([name])


def forget_stale() -> int:
    """Files that do not go on give their room back."""
    stale = DraftFile.objects.filter(
        completed_at__isnull=True, touched_at__lt=timezone.now() - FORGOTTEN
    )
    found = list(stale)
    for file in found:
        remove(file=file)
    return len(found)
