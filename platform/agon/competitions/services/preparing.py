"""Every write to preparations: who waits, who runs, and how it ended.

The database is the truth and the broker a doorbell. A run has a random token and gives signs of
life; one that falls silent is taken up again, and what its process still reports counts no more.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.competitions import folders, queue
from agon.competitions.errors import CompetitionRefused, PreparationRefused
from agon.competitions.models import Competition, Preparation
from agon.competitions.services.loading import declare_competition
from scoring.definition import CompetitionDefinition, load_definition
from scoring.errors import BrokenCompetition

State, Cause = Preparation.State, Preparation.Cause


@dataclass(frozen=True, slots=True)
class Announcement:
    """What became of one folder: its preparation, or why there can be none."""

    folder: str
    preparation: Preparation | None = None
    problem: str = ""


def announce_folders(*, retry_failed: bool, only_new: bool = False) -> list[Announcement]:
    """Every folder of the site appears as a competition; what is new or changed waits to be prepared.

    Args:
        retry_failed: Whether what failed before waits again, as it does at each start of the site.
        only_new: Leave those alone that are competitions already.
    """
    known = set(Preparation.objects.values_list("folder", flat=True)) if only_new else set()
    announced = [
        _announce(folder, retry_failed=retry_failed)
        for folder in folders.found()
        if folder.name not in known
    ]
    if any(one.preparation and one.preparation.state == State.WAITING for one in announced):
        queue.ring()
    return announced


def _announce(folder: Path, *, retry_failed: bool) -> Announcement:
    try:
        definition = load_definition(folder, files_must_exist=False)
        with transaction.atomic():
            preparation = _ensure_preparation(definition)
            _ask_where_needed(preparation, definition, retry_failed=retry_failed)
    except (BrokenCompetition, CompetitionRefused, ValidationError) as error:
        return Announcement(folder.name, problem=explain(error))
    return Announcement(folder.name, preparation=preparation)


def _ensure_preparation(definition: CompetitionDefinition) -> Preparation:
    known = Preparation.objects.select_for_update(of=("self",))
    preparation = known.filter(competition__slug=definition.slug).first()
    if preparation is not None:
        _refuse_second_folder(preparation, definition)
        if not preparation.is_prepared:
            declare_competition(definition=definition, host=None)
        return preparation
    existing = Competition.objects.filter(slug=definition.slug).first()
    host = User.objects.filter(is_staff=True, is_active=True).order_by("pk").first()
    return Preparation.objects.create(
        competition=existing or declare_competition(definition=definition, host=host),
        folder=definition.folder.name,
        prepared_at=existing.updated_at if existing else None,
    )


def _refuse_second_folder(preparation: Preparation, definition: CompetitionDefinition) -> None:
    name = definition.folder.name
    if preparation.folder == name:
        return
    if folders.named(preparation.folder).is_dir():
        raise CompetitionRefused(
            _("Its slug %(slug)s is that of the folder %(folder)s: give one of them another.")
            % {"slug": definition.slug, "folder": preparation.folder}
        )
    preparation.folder = name


def _ask_where_needed(
    preparation: Preparation, definition: CompetitionDefinition, *, retry_failed: bool
) -> None:
    preparation.files = [
        {"name": data.file.name, "description": data.description} for data in definition.data
    ]
    has_news = preparation.state == State.READY and folders.fingerprint(definition).differs_from(
        preparation.known
    )
    if has_news or (preparation.has_failed and retry_failed):
        _ask(preparation)
        preparation.save()
    else:
        preparation.save(update_fields=["folder", "files"])


def _ask(preparation: Preparation) -> None:
    preparation.state = State.WAITING
    preparation.step, preparation.done, preparation.total = "", 0, None
    preparation.cause, preparation.reason = Cause.NONE, ""
    preparation.runs, preparation.token = 0, ""
    preparation.requested_at, preparation.started_at = timezone.now(), None


@transaction.atomic
def request_preparation(*, competition: Competition) -> Preparation:
    """Start again what failed; refused while it waits or runs already."""
    preparation = Preparation.objects.select_for_update().filter(competition=competition).first()
    if preparation is None:
        raise PreparationRefused(_("This competition was not made from a folder of this site."))
    if preparation.state == State.WAITING:
        raise PreparationRefused(_("It waits for its turn already."))
    if preparation.state == State.RUNNING:
        raise PreparationRefused(_("It is being prepared already."))
    _ask(preparation)
    preparation.save()
    transaction.on_commit(queue.ring)
    return preparation


@transaction.atomic
def claim_preparation(*, slug: str = "") -> Preparation | None:
    """The next that waits, or whose process has died, now running; None where one runs already.

    One at a time for the whole site: downloads and training examples would only slow each other down.
    """
    everything = Preparation.objects.select_for_update(of=("self",))
    if everything.alive().exists():
        return None
    _end_hopeless_ones()
    waiting = everything.filter(state=State.WAITING) | everything.dead()
    if slug:
        waiting = waiting.filter(competition__slug=slug)
    preparation = waiting.order_by("requested_at", "pk").first()
    if preparation is None:
        return None
    preparation.state = State.RUNNING
    preparation.token = secrets.token_urlsafe(24)
    preparation.runs += 1
    preparation.started_at = preparation.heartbeat_at = timezone.now()
    preparation.step, preparation.done, preparation.total = "", 0, None
    preparation.finished_at = None
    preparation.save()
    return preparation


def _end_hopeless_ones() -> None:
    """What killed its process again and again would do so for ever."""
    for preparation in Preparation.objects.dead().filter(runs__gte=settings.PREPARATION_RUNS):
        _end(preparation, State.FAILED, cause=Cause.PLATFORM, reason=_cut_off(preparation.runs))


def _cut_off(runs: int) -> str:
    return (
        f"Its process was ended {runs} times before it was done, as happens when memory runs out: "
        "the log of the preparation worker says more."
    )


def record_progress(
    *, preparation: Preparation, step: str, done: int = 0, total: int | None = None
) -> bool:
    """A sign of life; False where the run counts no more, so that its process ends."""
    changed = Preparation.objects.filter(
        pk=preparation.pk, state=State.RUNNING, token=preparation.token
    ).update(step=step[:200], done=done, total=total, heartbeat_at=timezone.now())
    return bool(changed)


def record_ready(*, preparation: Preparation) -> None:
    """The site's data is that of the folder; `load_competition` has said so of the data itself."""
    _end(preparation, State.READY)


def record_failure(*, preparation: Preparation, cause: Preparation.Cause, reason: str) -> None:
    _end(preparation, State.FAILED, cause=cause, reason=reason)


def record_interruption(*, preparation: Preparation) -> None:
    """Its worker is stopped; it waits for the next one, at the head of the queue as before."""
    _end(preparation, State.WAITING, runs=0)


def _end(preparation: Preparation, state: Preparation.State, **fields: object) -> None:
    ending = {"cause": Cause.NONE, "reason": "", "step": "", "done": 0, "total": None, "token": ""}
    Preparation.objects.filter(
        pk=preparation.pk, state=State.RUNNING, token=preparation.token
    ).update(**ending | {"state": state, "finished_at": timezone.now(), **fields})


def call_worker() -> bool:
    """Ring where something waits and nothing runs; whether there was a reason to."""
    if Preparation.objects.alive().exists():
        return False
    waiting = Preparation.objects.filter(state=State.WAITING) | Preparation.objects.dead()
    return waiting.exists() and queue.ring()


def explain(error: Exception) -> str:
    """All that is wrong with a folder, in sentences."""
    if isinstance(error, BrokenCompetition):
        return " ".join(problem.sentence() for problem in error.problems)
    return " ".join(getattr(error, "messages", [str(error)]))
