"""A competition from outside: an archive of another site, or a folder that somebody wrote."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.bundles.errors import BundleRefused
from agon.bundles.reading import Archive, is_archive
from agon.bundles.services.restoring import Beat, OnMade, Restored, Wishes, restore
from agon.bundles.unpacking import opened, unpack
from agon.common.reasons import reason_text
from agon.competitions.errors import CompetitionRefused
from agon.competitions.models import Competition, Verb
from agon.competitions.rules import can_manage
from agon.competitions.services import load_competition, record_action
from scoring.definition import CompetitionDefinition, load_definition
from scoring.errors import BrokenCompetition
from scoring.foreign.conversion import Format, convert, recognise
from scoring.foreign.notes import NOTES


def import_file(
    *,
    stream: IO[bytes],
    wishes: Wishes,
    update: bool = False,
    on_progress: Beat = lambda _step, _done, _total: None,
    on_made: OnMade = lambda _made: None,
) -> Restored:
    """Take in a zip file: what a site exported, or a folder with a competition.yaml.

    Raises:
        BundleRefused: All that is wrong with it, in sentences; nothing was changed.
    """
    with opened(stream) as archive:
        if is_archive(archive):
            return restore(
                archive=Archive(archive),
                wishes=wishes,
                on_progress=on_progress,
                on_made=lambda made: _settle(made, wishes.host, on_made),
            )
        with tempfile.TemporaryDirectory(prefix="agon-bundle-") as home:
            on_progress("unpacking", 0, None)
            place = Path(home) / "competition"  # a title for those that bring none
            place.mkdir()
            folder = unpack(archive, place)
            return import_folder(
                folder=folder,
                wishes=wishes,
                update=update,
                on_progress=on_progress,
                on_made=on_made,
            )


def import_folder(
    *,
    folder: Path,
    wishes: Wishes,
    update: bool = False,
    on_progress: Beat = lambda _step, _done, _total: None,
    on_made: OnMade = lambda _made: None,
) -> Restored:
    """Take in a folder with a competition.yaml, by the same checks as a folder of the site.

    One in the format of another platform is turned into such a folder first. Its prepare.py is
    never run: what it makes has to be there.
    """
    on_progress("checking", 0, None)
    with _in_own_format(folder) as (own, notes):
        definition = _named(_checked(own), wishes)
        _refuse_taken(definition.slug, wishes.host, update=update)
        on_progress("storing", 0, None)
        try:
            with transaction.atomic():
                competition = load_competition(definition=definition, host=wishes.host)
                restored = Restored(competition, notes)
                _settle(restored, wishes.host, on_made)
        except CompetitionRefused as error:
            raise BundleRefused(str(error)) from error
        except ValidationError as error:
            raise BundleRefused(*error.messages) from error
    return restored


@contextmanager
def _in_own_format(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """The folder, or what another platform's bundle becomes, with what its host should know."""
    try:
        if recognise(folder) in {None, Format.AGON}:
            yield folder, []
            return
        with tempfile.TemporaryDirectory(prefix="agon-converted-") as home:
            converted = convert(folder, Path(home))
            yield Path(home), [_(NOTES[one.code]).format(**one.params) for one in converted.notes]
    except BrokenCompetition as error:
        raise BundleRefused(*explain(error)) from error


def _checked(folder: Path) -> CompetitionDefinition:
    try:
        definition = load_definition(folder, files_must_exist=False)
        missing = definition.missing_files()
        if definition.prepare and missing:
            raise BundleRefused(
                _(
                    "prepare.py of a competition that is brought in is never run here. Run it, and pack "
                    "what it makes along: %(files)s."
                )
                % {
                    "files": ", ".join(
                        path.relative_to(folder.absolute()).as_posix() for path in missing
                    )
                }
            )
        return load_definition(folder)
    except BrokenCompetition as error:
        raise BundleRefused(*explain(error)) from error
    except OSError as error:
        raise BundleRefused(
            _("%(file)s cannot be read.") % {"file": Path(str(error.filename)).name}
        ) from error


def explain(error: BrokenCompetition) -> list[str]:
    """All that is wrong with a folder, in the reader's language, with the first places."""
    return [
        " ".join([reason_text(one.code, one.params, one.count), *one.examples])
        for one in error.problems
    ]


def _named(definition: CompetitionDefinition, wishes: Wishes) -> CompetitionDefinition:
    changes = {"slug": wishes.slug, "title": wishes.title}
    return definition.model_copy(update={name: text for name, text in changes.items() if text})


def _refuse_taken(slug: str, host: User, *, update: bool) -> None:
    existing = Competition.objects.filter(slug=slug).first()
    if existing is None:
        return
    if not can_manage(host, existing):
        raise BundleRefused(
            _("The address “%(slug)s” is not free on this site; choose another.") % {"slug": slug}
        )
    if not update:
        raise BundleRefused(
            _(
                "You host “%(title)s” at this address already. Say that it is to be brought up to "
                "date, or choose another address."
            )
            % {"title": existing.title}
        )


def _settle(made: Restored, host: User, on_made: OnMade) -> None:
    competition = made.competition
    record_action(
        competition=competition, actor=host, verb=Verb.IMPORTED, subject=competition.title
    )
    on_made(made)
