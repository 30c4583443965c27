"""A competition from an archive: its rows under new keys, its files stored anew, its boards rebuilt."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import PurePosixPath
from typing import IO, Any, cast

from django.conf import settings
from django.core.exceptions import SuspiciousOperation, ValidationError
from django.core.files import File
from django.core.files.storage import storages
from django.db import DataError, IntegrityError, transaction
from django.db.models import Field, FileField, Model
from django.utils.translation import gettext as _
from pydantic import ValidationError as InvalidDocument

from agon.accounts.models import User
from agon.bundles.errors import BundleRefused
from agon.bundles.matching import Matched, match_people
from agon.bundles.parts import Part
from agon.bundles.reading import Archive
from agon.bundles.tables import Table, tables_of
from agon.competitions.models import Competition, Exclusion, Phase, Visibility
from agon.submissions.models import UNFINISHED, State, Submission
from agon.submissions.services import board

BATCH = 500
TRUSTED_ALONE = (Part.PEOPLE, Part.TEAMS, Part.SUBMISSIONS, Part.SCORES, Part.NOTEBOOKS)
"""What an archive may bring only where its sender is trusted: it speaks for other people."""


DOUBTS = (
    IntegrityError,
    DataError,
    SuspiciousOperation,
    AttributeError,
    KeyError,
    TypeError,
    ValueError,
    InvalidDocument,
)
"""What rows lead to that nobody's site has written."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is to be other than in the archive.

    Attributes:
        host: Who hosts it; with people and trust, the archive's own host does, if there is one.
        parts: What to take of what it holds.
        trusted: What it says of people, teams and scores may be believed.
        slug: Its address here; as in the archive where empty.
        title: Its title; likewise.
        is_clone: It begins anew: dates ahead are moved, or cleared.
        starts_at: When a clone starts; None clears its dates.
    """

    host: User
    parts: frozenset[Part] = frozenset(Part)
    trusted: bool = False
    slug: str = ""
    title: str = ""
    is_clone: bool = False
    starts_at: datetime | None = None


@dataclass(slots=True)
class Restored:
    competition: Competition
    notes: list[str] = field(default_factory=list)


Beat = Callable[[str, int, int | None], None]
OnMade = Callable[[Restored], None]
"""What else has to happen in the transaction that makes a competition."""


def restore(
    *, archive: Archive, wishes: Wishes, on_progress: Beat, on_made: OnMade = lambda _made: None
) -> Restored:
    """Take an archive in, whole or not at all.

    Its files are stored before the transaction: on SQLite that keeps every other writer waiting.

    Raises:
        BundleRefused: it is damaged, its address is taken, or it says what cannot be.
    """
    restoring = _Restoring(archive, wishes, on_progress)
    try:
        archive.check()
        restoring.store_files()
        with transaction.atomic():
            restored = restoring.run()
            on_made(restored)
            return restored
    except BaseException as error:
        restoring.clear_files()
        if isinstance(error, ValidationError):
            raise BundleRefused(*error.messages) from error
        if isinstance(error, DOUBTS):
            raise BundleRefused(
                _("The archive contradicts itself, so nothing was taken in: %(reason)s")
                % {"reason": f"{type(error).__name__}: {error}"[:300]}
            ) from error
        raise


class _Restoring:
    """One run, with the new keys and names of what it has stored so far."""

    def __init__(self, archive: Archive, wishes: Wishes, on_progress: Beat) -> None:
        self._archive = archive
        self._wishes = wishes
        self._on_progress = on_progress
        parts = archive.parts & (wishes.parts | {Part.SETTINGS})
        if not wishes.trusted:
            parts -= set(TRUSTED_ALONE)
        self._parts = parts
        self._tables = [
            table for table in tables_of(parts) if not (table.is_story and wishes.is_clone)
        ]
        self._keys: dict[type[Model], dict[Any, Any]] = {}
        self._files: dict[str, str] = {}
        self._people = Matched()
        self._shift: timedelta | None = None

    def store_files(self) -> None:
        for table in self._tables:
            for row in self._archive.rows(table) if table.files else ():
                for one in table.files:
                    self._file(one, str(row.get(one.name) or ""))
                self._on_progress("files", len(self._files), None)

    def run(self) -> Restored:
        if Part.PEOPLE in self._parts:
            self._people = match_people(self._archive.people())
        for table in self._tables:
            self._load(table)
        made = self._keys.get(Competition, {})
        if len(made) != 1:
            raise BundleRefused(_("The archive holds no competition, or more than one."))
        competition = Competition.objects.get(pk=next(iter(made.values())))
        self._settle(competition)
        competition.refresh_from_db()
        return Restored(competition, self._notes())

    def clear_files(self) -> None:
        for name in self._files.values():
            storages["default"].delete(name)

    def _load(self, table: Table) -> None:
        keys = self._keys.setdefault(table.model, {})
        rows = self._archive.rows(table)
        later: list[tuple[Field[Any, Any], Any, Any]] = []
        own = [one for one in table.references() if one.related_model is table.model]
        while batch := list(islice(rows, BATCH)):
            instances = [self._instance(table, row) for row in batch]
            if table.path:
                table.model._base_manager.bulk_create(instances)
            else:
                for instance in instances:
                    instance.save_base(raw=True, force_insert=True)
            for row, instance in zip(batch, instances, strict=True):
                keys[row["id"]] = instance.pk
                later += [(one, instance.pk, row[one.name]) for one in own if row.get(one.name)]
                self._name_people(table, row, instance)
            self._on_progress(table.name, len(keys), None)
        for one, pk, old in later:
            if old in keys:
                table.model._base_manager.filter(pk=pk).update(**{one.attname: keys[old]})

    def _instance(self, table: Table, row: dict[str, Any]) -> Model:
        values = {name: make() for name, make in table.fresh.items()}
        for one in table.fields:
            if one.name not in row:  # the archive is older than the field
                continue
            value = row[one.name]
            if one.is_relation:
                values[one.attname] = self._reference(table, one, value)
            elif isinstance(one, FileField):
                values[one.name] = self._file(one, str(value or ""))
            else:
                values[one.name] = one.to_python(value)
        instance = table.model(**values)
        if isinstance(instance, Competition):
            self._adapt(table, instance)
        elif isinstance(instance, Phase):
            self._adapt_phase(table, instance)
        return instance

    def _reference(self, table: Table, one: Field[Any, Any], old: Any) -> Any:
        """The new key of what a row names."""
        if old is None:
            return None
        if one.related_model is User:
            account = self._people.accounts.get(old)
            if account is None and not one.null:
                return self._wishes.host.pk
            return account
        key = self._keys.get(one.related_model, {}).get(old)  # type: ignore[arg-type]
        if key is None and not one.null:
            raise BundleRefused(
                _("The archive is incomplete: a row of %(table)s names one that is missing.")
                % {"table": table.name}
            )
        return key

    def _file(self, one: FileField, stored: str) -> str:
        if not stored:
            return ""
        if stored not in self._files:
            storage = storages["default"]
            name = one.generate_filename(one.model(), PurePosixPath(stored).name)
            with self._archive.file(stored) as source:
                self._files[stored] = storage.save(name, File(cast("IO[bytes]", source), name=name))
        return self._files[stored]

    def _name_people(self, table: Table, row: dict[str, Any], instance: Model) -> None:
        for name in table.people:
            accounts = {self._people.accounts.get(old) for old in row.get(name, [])} - {None}
            if accounts:
                getattr(instance, name).set(accounts)

    def _adapt(self, table: Table, competition: Competition) -> None:
        wishes = self._wishes
        competition.slug = wishes.slug or competition.slug
        competition.title = wishes.title or competition.title
        competition.participant_count = 0
        if not (Part.PEOPLE in self._parts and not wishes.is_clone):
            competition.host = wishes.host
        if wishes.is_clone:
            competition.visibility = Visibility.PRIVATE
            if wishes.starts_at is not None and competition.starts_at is not None:
                self._shift = wishes.starts_at - competition.starts_at
            self._move(table, competition)
            if wishes.starts_at is not None:
                competition.starts_at = wishes.starts_at
        if Competition.objects.filter(slug=competition.slug).exists():
            raise BundleRefused(
                _("The address “%(slug)s” is not free on this site; choose another.")
                % {"slug": competition.slug}
            )
        competition.full_clean()

    def _adapt_phase(self, table: Table, phase: Phase) -> None:
        if self._wishes.is_clone:
            self._move(table, phase)
        size = max(phase.file_bytes, phase.model_file_bytes)
        if size > settings.MAX_UPLOAD_BYTES:
            raise BundleRefused(
                _(
                    "The largest file of “%(phase)s” is above what this site takes. Ask its staff for "
                    "a higher MAX_UPLOAD_MB, or lower the limit before the export."
                )
                % {"phase": phase.name}
            )
        if not phase.metric_specs or not phase.layout_spec or not phase.all_metrics:
            raise BundleRefused(_("The phase “%(phase)s” has no metric.") % {"phase": phase.name})
        phase.full_clean(exclude=["competition"])

    def _move(self, table: Table, instance: Any) -> None:
        """Moments ahead by as much as the start moves; cleared where there is nothing to go by."""
        for name in table.dates:
            at = getattr(instance, name, None)
            if at is not None:
                setattr(instance, name, None if self._shift is None else at + self._shift)
        for name, value in table.anew.items():
            if hasattr(instance, name):
                setattr(instance, name, value)

    def _settle(self, competition: Competition) -> None:
        """What follows from the rows, rather than being one."""
        Competition.objects.filter(pk=competition.pk).update(
            participant_count=_participants_of(competition)
        )
        mine = Submission.objects.filter(phase__competition=competition)
        if Part.SCORES in self._parts:
            mine.filter(state=State.RUNNING).update(state=State.QUEUED)
        else:
            mine.exclude(state__in=[*UNFINISHED, State.CANCELED]).update(
                state=State.QUEUED,
                finished_at=None,
                public_score=None,
                private_score=None,
                public_key=None,
                problems=[],
                owner="",
            )
        for phase in competition.phases.all():
            if not phase.solutions.exists():
                raise BundleRefused(
                    _("The phase “%(phase)s” has no solution.") % {"phase": phase.name}
                )
            for value in mine.filter(phase=phase).values_list("public_score", "private_score"):
                if any(score is not None and not math.isfinite(score) for score in value):
                    raise BundleRefused(_("The archive holds a score that is not a number."))
            if Part.SCORES in self._parts:
                board.rebuild(phase=phase)

    def _notes(self) -> list[str]:
        left = [str(part.label) for part in Part if part in self._archive.parts - self._parts]
        notes = []
        if left and not self._wishes.is_clone:
            notes.append(_("Left out: %(parts)s.") % {"parts": "; ".join(left)})
        if not self._wishes.trusted and self._archive.parts & set(TRUSTED_ALONE):
            notes.append(
                _(
                    "Only the staff of this site can take in people, teams and scores, because an "
                    "archive can say anything about anybody. Ask them to import it."
                )
            )
        if self._people.made:
            notes.append(
                _("Accounts made for people who had none here: %(names)s.")
                % {"names": ", ".join(self._people.made[:200])}
            )
        return notes


def _participants_of(competition: Competition) -> int:
    """Who accepted the rules, whether or not their account works, and was not shown out."""
    gone = Exclusion.objects.filter(competition=competition).values("user")
    accepted = competition.acceptances.exclude(user__in=gone)
    return accepted.values("user").distinct().count()
