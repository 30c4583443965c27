"""A competition from its folder: created, or brought up to date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import storages
from django.db import models, transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.common.files import digest
from agon.competitions import folders
from agon.competitions.columns import columns_of
from agon.competitions.errors import CompetitionRefused
from agon.competitions.models import (
    Competition,
    DataFile,
    InputsFile,
    MetricFile,
    Page,
    Phase,
    Picture,
    Preparation,
    ScoringProgram,
    Solution,
)
from agon.competitions.services.closing import set_close, set_close_of_phase
from agon.competitions.services.pages import keep
from agon.competitions.services.stock import Stock
from scoring.contract import ModelInterface, SubmissionKind
from scoring.definition import (
    CompetitionDefinition,
    DataFileDefinition,
    PhaseDefinition,
    PictureDefinition,
    ScoringProgramDefinition,
)


def load_competition(*, definition: CompetitionDefinition, host: User | None) -> Competition:
    """Create a competition from its checked folder, or bring the existing one up to date.

    Doing it twice with the same folder changes nothing. A file is stored anew, and a solution gets
    a new version, only where its hash has changed; the rules get a new version, to be accepted
    again, where their text has.
    """
    stock = Stock(definition)
    try:
        with transaction.atomic():
            competition = _described(definition, host=host)
            _load_data_files(competition, definition.data, stock)
            _load_pictures(competition, definition.pictures)
            for order, given in enumerate(definition.phases):
                phase = _declare_phase(
                    competition, given, order=order, decimals=definition.decimals
                )
                _load_phase_files(phase, given, stock)
            _note_prepared(competition, definition)
    except BaseException:
        stock.clear(all_of_it=True)
        raise
    stock.clear()
    return competition


@transaction.atomic
def declare_competition(*, definition: CompetitionDefinition, host: User | None) -> Competition:
    """The same for a folder whose data is not made yet: texts and phases, without any of its files.

    A phase without a solution takes no submissions.
    """
    competition = _described(definition, host=host)
    for order, phase in enumerate(definition.phases):
        _declare_phase(competition, phase, order=order, decimals=definition.decimals)
    return competition


def _note_prepared(competition: Competition, definition: CompetitionDefinition) -> None:
    """Whoever loaded it: its data is there. A run that goes on ends by itself."""
    known = folders.fingerprint(definition).to_json()
    preparations = Preparation.objects.filter(competition=competition)
    preparations.update(prepared_at=timezone.now(), known=known)
    preparations.exclude(state=Preparation.State.RUNNING).update(
        state=Preparation.State.READY, cause=Preparation.Cause.NONE, reason=""
    )


def _described(definition: CompetitionDefinition, *, host: User | None) -> Competition:
    """The competition with its texts, and with its cover once there is one."""
    competition = Competition.objects.select_for_update().filter(slug=definition.slug).first()
    if competition is None:
        if host is None:
            raise CompetitionRefused(
                _(
                    "A new competition needs a host: name one with --host, or create a staff account first."
                )
            )
        competition = Competition(slug=definition.slug, host=host)
    licence = definition.licence
    competition.title = definition.title
    competition.subtitle = definition.subtitle
    competition.tags = list(definition.tags)
    competition.visibility = definition.visibility
    competition.cover_alt = definition.cover_alt
    competition.licence_name = licence.name if licence else ""
    competition.licence_url = (licence.url or "") if licence else ""
    competition.citation = definition.citation.strip()
    competition.starts_at = definition.starts
    competition.ends_at = definition.ends
    set_close(competition, definition)
    _replace_file(competition.cover, definition.cover)
    competition.full_clean()
    competition.save()
    _load_pages(competition, definition)
    return competition


def _replace_file(field: models.fields.files.FieldFile, path: Path | None) -> bool:
    """Store the file under the field unless the same bytes are there already, or it is not made yet."""
    if path is None or not path.is_file():
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
        path: Path | None = getattr(definition.pages, name.value)
        if path is None:
            competition.pages.filter(name=name).delete()
            continue
        text = path.read_text(encoding="utf-8")
        page, created = Page.objects.get_or_create(
            competition=competition, name=name, defaults={"text": text}
        )
        if created or page.text == text:
            continue
        keep(competition, name, before=page.text, after=text)
        page.text = text
        page.save(update_fields=["text"])
        if name == Page.Name.RULES:
            competition.rules_version += 1
            competition.save(update_fields=["rules_version"])


def _load_data_files(
    competition: Competition, files: Iterable[DataFileDefinition], stock: Stock
) -> None:
    names = []
    for order, given in enumerate(files):
        names.append(given.file.name)
        contents = stock.digest(given.file)
        existing = competition.data_files.filter(name=given.file.name).first()
        data_file = existing or DataFile(competition=competition, name=given.file.name)
        if data_file.sha256 != contents.sha256:
            stock.put(data_file, given.file)
        data_file.sha256, data_file.size = contents.sha256, contents.size
        data_file.description, data_file.order = given.description, order
        data_file.columns = columns_of(given.file)
        data_file.save()
    competition.data_files.exclude(name__in=names).delete()


def _load_pictures(competition: Competition, pictures: Iterable[PictureDefinition]) -> None:
    names = []
    for order, given in enumerate(pictures):
        names.append(given.file.name)
        with given.file.open("rb") as stream:
            contents = digest(stream)
            existing = competition.pictures.filter(name=given.file.name).first()
            picture = existing or Picture(competition=competition, name=given.file.name)
            if picture.sha256 != contents.sha256:
                picture.file.save(given.file.name, File(stream), save=False)
            picture.sha256, picture.page = contents.sha256, given.page
            picture.alt, picture.caption, picture.order = given.alt, given.caption, order
            picture.save()
    competition.pictures.exclude(name__in=names).delete()


def _declare_phase(
    competition: Competition, definition: PhaseDefinition, *, order: int, decimals: int
) -> Phase:
    phase = competition.phases.filter(name=definition.name).first() or Phase(
        competition=competition, name=definition.name
    )
    if phase.pk and phase.submissions.exists():
        _refuse_other_scores(phase, definition)
    limits = definition.limits
    _refuse_beyond_the_site(phase, max(limits.file_size, limits.model_file_size))
    phase.order = order
    phase.decimals = decimals
    phase.layout = definition.layout().to_json()
    phase.metrics = [metric.to_json() for metric in definition.metric_specs()]
    phase.own_metrics = _own_metrics(definition)
    phase.kinds = [kind.value for kind in definition.submission.kinds]
    phase.model = definition.model.to_json() if definition.model else None
    phase.capability = definition.device.value
    phase.per_day, phase.total, phase.pending = limits.per_day, limits.total, limits.pending
    phase.file_bytes, phase.seconds = limits.file_size, limits.seconds
    phase.model_file_bytes = limits.model_file_size
    phase.model_seconds = limits.model_seconds
    phase.model_memory_bytes = limits.model_memory
    phase.carries_best = definition.carries_best
    # What a definition does not say, the host may have set on the site.
    phase.opens_at = definition.opens or phase.opens_at
    phase.closes_at = definition.closes or phase.closes_at
    set_close_of_phase(phase, definition)
    phase.full_clean()
    phase.save()
    return phase


def _load_phase_files(phase: Phase, definition: PhaseDefinition, stock: Stock) -> None:
    phase.sample_name = definition.submission.sample.name
    _replace_file(phase.sample, definition.submission.sample)
    phase.save(update_fields=["sample", "sample_name"])
    _load_version(Solution, phase, definition.solution.file, stock)
    if definition.inputs is not None:
        _load_version(InputsFile, phase, definition.inputs, stock)
    _load_metric_files(phase, definition.metric_files())
    _load_scoring_program(phase, definition.scoring_program)


def _refuse_beyond_the_site(phase: Phase, size: int) -> None:
    """A limit above the site's own would be a promise that it does not keep."""
    if size > settings.MAX_UPLOAD_BYTES:
        raise CompetitionRefused(
            _(
                "The largest file of “%(phase)s” is %(size)s, but this site takes at most %(limit)s. "
                "Lower file_size or model_file_size, or ask for a higher MAX_UPLOAD_MB."
            )
            % {
                "phase": phase.name,
                "size": filesizeformat(size),
                "limit": filesizeformat(settings.MAX_UPLOAD_BYTES),
            }
        )


def _refuse_other_scores(phase: Phase, definition: PhaseDefinition) -> None:
    """What decides a score stays as it is once there are scores to compare."""
    unchanged = (
        phase.layout_spec == definition.layout()
        and phase.metric_specs == definition.metric_specs()
        and phase.own_metrics == _own_metrics(definition)
        and _hashes_of(phase) == _hashes(definition.metric_files())
        and _known_program(phase) == _named_program(definition.scoring_program)
    )
    if not unchanged:
        raise CompetitionRefused(
            _(
                "The columns and metrics of “%(phase)s” cannot change any more: it has submissions, "
                "whose scores would not be comparable. Add another phase, or another competition."
            )
            % {"phase": phase.name}
        )
    ran_models = phase.submissions.filter(kind=SubmissionKind.MODEL.value).exists()
    if ran_models and _deciding(phase.model_interface) != _deciding(definition.model):
        raise CompetitionRefused(
            _(
                "What the models of “%(phase)s” must be like cannot change any more, save for the "
                "formats and the batch size: it has models, whose scores would not be comparable. "
                "Add another phase, or another competition."
            )
            % {"phase": phase.name}
        )


def _deciding(model: ModelInterface | None) -> dict[str, Any]:
    """What of an interface decides scores: more formats or another batch size do not."""
    return {} if model is None else model.model_dump(exclude={"formats", "batch_size"})


def _own_metrics(definition: PhaseDefinition) -> dict[str, dict[str, Any]]:
    """How the host describes the metrics of their own, as `Phase.metric` reads it."""
    return {
        metric.name: {
            "title": metric.title or metric.name.replace("_", " ").capitalize(),
            "description": metric.description,
            "higher_is_better": bool(metric.higher_is_better),
            "lower": metric.lower,
            "upper": metric.upper,
        }
        for metric in definition.metrics
        if metric.is_own
    }


def _load_version(
    model: type[Solution | InputsFile], phase: Phase, path: Path, stock: Stock
) -> None:
    """Store the file as the next version, unless the newest one has the same content."""
    latest = model._default_manager.filter(phase=phase).order_by("-version").first()
    contents = stock.digest(path)
    if latest is not None and latest.sha256 == contents.sha256:
        return
    stored = model(
        phase=phase,
        version=latest.version + 1 if latest else 1,
        name=path.name,
        sha256=contents.sha256,
        size=contents.size,
    )
    stock.put(stored, path)
    stored.save()


def _load_metric_files(phase: Phase, paths: Mapping[str, Path]) -> None:
    known = _hashes_of(phase)
    for metric, path in paths.items():
        with path.open("rb") as stream:
            contents = digest(stream)
            if known.get(metric) == contents.sha256:
                continue
            stored = phase.metric_files.filter(metric=metric).first() or MetricFile(
                phase=phase, metric=metric
            )
            stored.name, stored.sha256, stored.size = path.name, contents.sha256, contents.size
            stored.file.save(path.name, File(stream), save=False)
            stored.save()
    phase.metric_files.exclude(metric__in=list(paths)).delete()


def _load_scoring_program(phase: Phase, given: ScoringProgramDefinition | None) -> None:
    if given is None:
        ScoringProgram.objects.filter(phase=phase).delete()
        return
    if _known_program(phase) == _named_program(given):
        return
    stored = ScoringProgram.objects.filter(phase=phase).first() or ScoringProgram(phase=phase)
    with given.file.open("rb") as stream:
        contents = digest(stream)
        stored.name, stored.sha256, stored.size = given.file.name, contents.sha256, contents.size
        stored.command = given.command
        stored.file.save(given.file.name, File(stream), save=False)
    stored.save()


def _known_program(phase: Phase) -> tuple[str, str] | None:
    stored = ScoringProgram.objects.filter(phase=phase)
    return stored.values_list("sha256", "command").first()


def _named_program(given: ScoringProgramDefinition | None) -> tuple[str, str] | None:
    if given is None:
        return None
    with given.file.open("rb") as stream:
        return digest(stream).sha256, given.command


def _hashes_of(phase: Phase) -> dict[str, str]:
    return dict(phase.metric_files.values_list("metric", "sha256"))


def _hashes(paths: Mapping[str, Path]) -> dict[str, str]:
    hashes = {}
    for metric, path in paths.items():
        with path.open("rb") as stream:
            hashes[metric] = digest(stream).sha256
    return hashes
