"""What was asked for, who takes it up, and how it ended. The database is the truth; a ring only hurries."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.bundles import queue
from agon.bundles.errors import BundleRefused, Superseded
from agon.bundles.models import KEPT, Transfer
from agon.bundles.parts import Part, with_needed
from agon.competitions.models import Competition
from agon.competitions.rules import can_host, can_manage

MOST_AT_ONCE = 3
MOST_RUNS = 3

Kind, State = Transfer.Kind, Transfer.State


def ask_for_export(*, actor: User, competition: Competition, parts: Iterable[str]) -> Transfer:
    """Have an archive made.

    Raises:
        BundleRefused: Too much is under way for this person.
    """
    _check_may(actor, competition)
    wanted = with_needed(parts)
    return _ask(
        Transfer(
            kind=Kind.EXPORT,
            asked_by=actor,
            competition=competition,
            options={"parts": [part.value for part in Part if part in wanted]},
        )
    )


def ask_for_clone(
    *,
    actor: User,
    competition: Competition,
    slug: str,
    title: str,
    starts_at: datetime | None,
    with_people: bool,
) -> Transfer:
    """Have a copy made, which is private and belongs to whoever asks."""
    _check_may(actor, competition)
    if not can_host(actor):
        raise PermissionDenied(_("Only the staff of this site make new competitions."))
    options = {
        "slug": slug,
        "title": title,
        "starts_at": starts_at.isoformat() if starts_at else "",
        "with_people": with_people,
    }
    return _ask(Transfer(kind=Kind.CLONE, asked_by=actor, competition=competition, options=options))


def ask_for_import(
    *, actor: User, upload: File[bytes], slug: str = "", update: bool = False
) -> Transfer:
    """Have a competition made of a file."""
    if not can_host(actor):
        raise PermissionDenied(_("Only the staff of this site bring competitions in."))
    name = str(upload.name or "bundle.zip")[:200]
    transfer = Transfer(
        kind=Kind.IMPORT,
        asked_by=actor,
        options={"slug": slug, "update": update},
        file_name=name,
        size=upload.size,
    )
    _refuse_too_many(actor)
    transfer.file.save("bundle.zip", upload, save=False)
    return _ask(transfer)


def _ask(transfer: Transfer) -> Transfer:
    with transaction.atomic():
        _refuse_too_many(transfer.asked_by)
        transfer.save()
        transaction.on_commit(queue.ring)
    return transfer


def _refuse_too_many(actor: User) -> None:
    open_ones = Transfer.objects.filter(
        asked_by=actor, state__in=[State.WAITING, State.RUNNING]
    ).count()
    if open_ones >= MOST_AT_ONCE:
        raise BundleRefused(
            _("Wait until one of your %(count)d exports and imports is done.")
            % {"count": open_ones}
        )


def _check_may(actor: User, competition: Competition) -> None:
    if not can_manage(actor, competition):
        raise PermissionDenied(_("Only the hosts of this competition export and clone it."))


@transaction.atomic
def claim() -> Transfer | None:
    """The next one that waits, or whose process has died, for whoever asks first."""
    Transfer.objects.claimable().filter(runs__gte=MOST_RUNS).update(
        state=State.FAILED, reasons=[_ended_again()], finished_at=timezone.now(), token=""
    )
    waiting = Transfer.objects.select_for_update().claimable().order_by("requested_at", "pk")
    transfer = waiting.first()
    if transfer is None:
        return None
    token = secrets.token_urlsafe(24)
    Transfer.objects.filter(pk=transfer.pk).update(
        state=State.RUNNING, token=token, runs=F("runs") + 1, heartbeat_at=timezone.now()
    )
    return Transfer.objects.select_related("competition", "asked_by").get(pk=transfer.pk)


def _ended_again() -> str:
    return _("Its process was ended three times before it was done. Tell the site's staff.")


def beat(*, transfer: Transfer, step: str = "", done: int = 0, total: int | None = None) -> None:
    """A sign of life.

    Raises:
        Superseded: The run counts no more.
    """
    _change(transfer, step=step[:200], done=done, total=total, heartbeat_at=timezone.now())


def finish(*, transfer: Transfer, **results: Any) -> None:
    """It is done; part of the transaction that did it, so that it is done once."""
    _change(transfer, state=State.DONE, finished_at=timezone.now(), token="", step="", **results)


def fail(*, transfer: Transfer, reasons: list[str]) -> None:
    _change(
        transfer, state=State.FAILED, finished_at=timezone.now(), token="", step="", reasons=reasons
    )


def _change(transfer: Transfer, **fields: Any) -> None:
    changed = Transfer.objects.filter(
        pk=transfer.pk, state=State.RUNNING, token=transfer.token
    ).update(**fields)
    if not changed:
        raise Superseded


def tidy() -> None:
    """Archives are large, and hold what nobody should find later."""
    old = Transfer.objects.filter(finished_at__lt=timezone.now() - KEPT).exclude(file="")
    for transfer in old:
        transfer.file.delete(save=False)
        Transfer.objects.filter(pk=transfer.pk).update(file="")
