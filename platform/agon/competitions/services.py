"""Every write to competitions."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from django.core.files import File
from django.core.files.storage import storages
from django.db import models, transaction
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.common.files import digest
from agon.competitions import rules
from agon.competitions.errors import CompetitionRefused
from agon.competitions.models import Competition, DataFile, Page, Phase, RulesAcceptance, Solution
from scoring.definition import CompetitionDefinition, DataFileDefinition, PhaseDefinition


def accept_rules(*, user: User, competition: Competition, version: int) -> RulesAcceptance:
    """Record that the person accepted the rules as they were shown to them.

    Accepting is joining. Doing it twice is no fault; accepting a version that is no longer the
    current one is, for the person has not seen what they would agree to.
    """
    if not rules.can_join(user, competition):
        raise CompetitionRefused(_("You cannot join this competition."))
    if version != competition.rules_version:
        raise CompetitionRefused(
            _(
                "The rules have changed since you opened this page. Read them again, then accept them."
            )
        )
    with transaction.atomic():
        is_new = not rules.is_participant(user, competition)
        acceptance, created = RulesAcceptance.objects.get_or_create(
            competition=competition, user=user, version=version
        )
        if created and is_new:
            Competition.objects.filter(pk=competition.pk).update(
                participant_count=models.F("participant_count") + 1
            )
    return acceptance


@transaction.atomic
def load_competition(*, definition: CompetitionDefinition, host: User | None) -> Competition:
    """Create a competition from its checked folder, or bring the existing one up to date.

    Doing it twice with the same folder changes nothing. A file is stored anew, and a solution gets
    a new version, only where its hash has changed; the rules get a new version, to be accepted
    again, where their text has.
    """
    competition = Competition.objects.select_for_update().filter(slug=definition.slug).first()
    if competition is None:
        if host is None:
            raise CompetitionRefused(
                _(
                    "A new competition needs a host: name one with --host, or create a staff account first."
                )
            )
        competition = Competition(slug=definition.slug, host=host)
    competition.title = definition.title
    competition.subtitle = definition.subtitle
    competition.tags = list(definition.tags)
    competition.visibility = definition.visibility
    competition.cover_alt = definition.cover_alt
    competition.starts_at = definition.starts
    competition.ends_at = definition.ends
    _replace_file(competition.cover, definition.cover)
    competition.full_clean()
    competition.save()
    _load_pages(competition, definition)
    _load_data_files(competition, definition.data)
    for order, phase in enumerate(definition.phases):
        _load_phase(competition, phase, order=order, decimals=definition.decimals)
    return competition


def _replace_file(field: models.fields.files.FieldFile, path: Path | None) -> bool:
    """Store the file under the field unless the same bytes are there already."""
    if path is None:
        return False
    with path.open("rb") as stream:
        if field.name and storages["default"].exists(field.name):
            with field.open("rb") as stored:
                if digest(stored.file) == digest(stream):
                    return False
            stream.seek(0)
        field.save(path.name, File(stream), save=False)
    return True


def _load_pages(competition: Competition, definition: CompetitionDefinition) -> None:
    for name in Page.Name:
        text = getattr(definition.pages, name.value).read_text(encoding="utf-8")
        page, created = Page.objects.get_or_create(
            competition=competition, name=name, defaults={"text": text}
        )
        if created or page.text == text:
            continue
        page.text = text
        page.save(update_fields=["text"])
        if name == Page.Name.RULES:
            competition.rules_version += 1
            competition.save(update_fields=["rules_version"])


def _load_data_files(competition: Competition, files: Iterable[DataFileDefinition]) -> None:
    names = []
    for order, given in enumerate(files):
        names.append(given.file.name)
        with given.file.open("rb") as stream:
            contents = digest(stream)
            existing = competition.data_files.filter(name=given.file.name).first()
            data_file = existing or DataFile(competition=competition, name=given.file.name)
            if data_file.sha256 != contents.sha256:
                data_file.file.save(given.file.name, File(stream), save=False)
            data_file.sha256, data_file.size = contents.sha256, contents.size
            data_file.description, data_file.order = given.description, order
            data_file.save()
    competition.data_files.exclude(name__in=names).delete()


def _load_phase(
    competition: Competition, definition: PhaseDefinition, *, order: int, decimals: int
) -> None:
    phase = competition.phases.filter(name=definition.name).first() or Phase(
        competition=competition, name=definition.name
    )
    layout = definition.layout().to_json()
    metrics = [metric.to_json() for metric in definition.metric_specs()]
    changed = phase.pk and (phase.layout, phase.metrics) != (layout, metrics)
    if changed and phase.submissions.exists():
        raise CompetitionRefused(
            _(
                "The columns and metrics of “%(phase)s” cannot change any more: it has submissions, "
                "whose scores would not be comparable. Add another phase, or another competition."
            )
            % {"phase": phase.name}
        )
    phase.order = order
    phase.decimals = decimals
    phase.layout = layout
    phase.metrics = metrics
    phase.kinds = list(definition.submission.kinds)
    phase.per_day = definition.limits.per_day
    phase.total = definition.limits.total
    phase.pending = definition.limits.pending
    phase.file_bytes = definition.limits.file_size
    phase.seconds = definition.limits.seconds
    phase.sample_name = definition.submission.sample.name
    _replace_file(phase.sample, definition.submission.sample)
    phase.full_clean()
    phase.save()
    _load_solution(phase, definition.solution.file)


def _load_solution(phase: Phase, path: Path) -> None:
    latest = phase.solutions.order_by("-version").first()
    with path.open("rb") as stream:
        contents = digest(stream)
        if latest is not None and latest.sha256 == contents.sha256:
            return
        solution = Solution(
            phase=phase,
            version=latest.version + 1 if latest else 1,
            name=path.name,
            sha256=contents.sha256,
            size=contents.size,
        )
        solution.file.save(path.name, File(stream), save=False)
        solution.save()
