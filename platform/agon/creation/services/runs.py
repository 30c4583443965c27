"""Checks and publications: asked for here, done by the preparation worker. The database is the truth."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from agon.creation import queue
from agon.creation.errors import PublicationRefused
from agon.creation.models import Draft, Run, new_token

MOST_TRIES = 3

Kind, State = Run.Kind, Run.State


def ask_for_check(*, draft: Draft) -> Run:
    """Have everything looked at, and two files scored."""
    return _ask(draft, Kind.CHECK)


def ask_for_publication(*, draft: Draft) -> Run:
    """Have the competition made; only of what the last check has passed.

    Raises:
        PublicationRefused: It is published already, or was changed since the check.
    """
    if draft.published_at is not None:
        raise PublicationRefused(_("This draft is published already."))
    checked = last_run(draft, Kind.CHECK)
    if checked is None or checked.state != State.PASSED:
        raise PublicationRefused(_("Run the check first; it has to pass."))
    if checked.fingerprint != draft.fingerprint:
        raise PublicationRefused(_("The draft has changed since the check. Run it again."))
    return _ask(draft, Kind.PUBLISH)


def _ask(draft: Draft, kind: Run.Kind) -> Run:
    try:
        with transaction.atomic():
            made = Run.objects.create(draft=draft, kind=kind, fingerprint=draft.fingerprint)
            transaction.on_commit(queue.ring)
    except IntegrityError:
        return Run.objects.filter(draft=draft, state__in=[State.WAITING, State.RUNNING]).latest(
            "pk"
        )
    return made


def last_run(draft: Draft, kind: Run.Kind | None = None) -> Run | None:
    runs = Run.objects.filter(draft=draft)
    return (runs if kind is None else runs.filter(kind=kind)).first()


@transaction.atomic
def claim() -> Run | None:
    """The next one that waits, or whose process has died, for whoever asks first."""
    Run.objects.claimable().filter(tries__gte=MOST_TRIES).update(
        state=State.FAILED,
        finished_at=timezone.now(),
        token="",
        report={"ok": False, "broken": True},
    )
    run = Run.objects.select_for_update().claimable().order_by("asked_at", "pk").first()
    if run is None:
        return None
    Run.objects.filter(pk=run.pk).update(
        state=State.RUNNING, token=new_token(), tries=F("tries") + 1, heartbeat_at=timezone.now()
    )
    return Run.objects.select_related("draft__owner").get(pk=run.pk)


def finish(*, run: Run, passed: bool, report: dict[str, Any]) -> bool:
    """It is done, once; False for a run that another process has taken over."""
    return bool(
        Run.objects.filter(pk=run.pk, state=State.RUNNING, token=run.token).update(
            state=State.PASSED if passed else State.FAILED,
            report=report,
            finished_at=timezone.now(),
            token="",
        )
    )
