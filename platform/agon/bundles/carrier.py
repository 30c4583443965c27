"""Does what was asked for: makes an archive, takes one in, or copies a competition."""

from __future__ import annotations

import logging
import tempfile
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import IO

from django.core.files import File
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agon.bundles.errors import BundleRefused, Superseded
from agon.bundles.models import Transfer
from agon.bundles.parts import Part, with_needed
from agon.bundles.reading import Archive
from agon.bundles.services import transfers
from agon.bundles.services.importing import import_file
from agon.bundles.services.restoring import Restored, Wishes, restore
from agon.bundles.writing import write_archive
from agon.competitions.models import Competition, Verb
from agon.competitions.services import record_action

logger = logging.getLogger(__name__)

Beat = Callable[[str, int, int | None], None]


def carry(transfer: Transfer) -> None:
    """To its end, whichever it is; what it says is in the language of whoever asked."""
    work = {
        Transfer.Kind.EXPORT: _export,
        Transfer.Kind.IMPORT: _import,
        Transfer.Kind.CLONE: _clone,
    }[Transfer.Kind(transfer.kind)]
    with translation.override(transfer.asked_by.language):
        try:
            work(transfer, _beat_of(transfer))
        except Superseded:
            logger.warning("%s was taken over by another process", transfer)
        except BundleRefused as refusal:
            transfers.fail(transfer=transfer, reasons=list(refusal.sentences))
        except Exception:  # whatever it is, the page must say that it ended
            logger.exception("%s failed", transfer)
            reason = _("Something broke on our side, and it has been noted. Nothing was changed.")
            transfers.fail(transfer=transfer, reasons=[reason])


def _beat_of(transfer: Transfer) -> Beat:
    """Signs of life; not from inside a transaction, which nobody could see."""

    def beat(step: str, done: int, total: int | None) -> None:
        if not transaction.get_connection().in_atomic_block:
            transfers.beat(transfer=transfer, step=step, done=done, total=total)

    return beat


def _competition_of(transfer: Transfer) -> Competition:
    if transfer.competition is None:
        raise BundleRefused(_("The competition is not there any more."))
    return transfer.competition


def _export(transfer: Transfer, beat: Beat) -> None:
    competition = _competition_of(transfer)
    parts = with_needed(transfer.options["parts"])
    with tempfile.TemporaryFile() as stream:
        write_archive(competition=competition, parts=parts, stream=stream, on_progress=beat)
        size = stream.tell()
        stream.seek(0)
        name = f"{competition.slug}-{timezone.now():%Y-%m-%d}.zip"
        transfer.file.save(name, File(stream, name=name), save=False)
    try:
        with transaction.atomic():
            record_action(
                competition=competition,
                actor=transfer.asked_by,
                verb=Verb.EXPORTED,
                after={"parts": transfer.options["parts"], "bytes": size},
            )
            transfers.finish(transfer=transfer, file=transfer.file.name, file_name=name, size=size)
    except BaseException:
        transfer.file.delete(save=False)
        raise


def _import(transfer: Transfer, beat: Beat) -> None:
    actor = transfer.asked_by
    wishes = Wishes(host=actor, trusted=actor.is_staff, slug=transfer.options["slug"])
    with transfer.file.open("rb") as stream:
        import_file(
            stream=stream,
            wishes=wishes,
            update=transfer.options["update"],
            on_progress=beat,
            on_made=lambda made: _finish(transfer, made),
        )
    transfer.file.delete(save=False)
    Transfer.objects.filter(pk=transfer.pk).update(file="")


def _clone(transfer: Transfer, beat: Beat) -> None:
    competition = _competition_of(transfer)
    options = transfer.options
    parts = with_needed([Part.PEOPLE] if options["with_people"] else [])
    starts_at = options["starts_at"]
    wishes = Wishes(
        host=transfer.asked_by,
        trusted=True,
        slug=options["slug"],
        title=options["title"],
        is_clone=True,
        starts_at=datetime.fromisoformat(starts_at) if starts_at else None,
    )
    with tempfile.TemporaryFile() as stream:
        write_archive(competition=competition, parts=parts, stream=stream, on_progress=beat)
        stream.seek(0)
        _copy(transfer, stream, wishes, beat)


def _copy(transfer: Transfer, stream: IO[bytes], wishes: Wishes, beat: Beat) -> None:
    source = _competition_of(transfer)

    def settle(made: Restored) -> None:
        record_action(
            competition=made.competition,
            actor=transfer.asked_by,
            verb=Verb.CLONED,
            subject=f"{source.title} ({source.slug})",
        )
        _finish(transfer, made)

    with zipfile.ZipFile(stream) as archive:
        restore(archive=Archive(archive), wishes=wishes, on_progress=beat, on_made=settle)


def _finish(transfer: Transfer, made: Restored) -> None:
    transfers.finish(transfer=transfer, made=made.competition, notes=made.notes)
