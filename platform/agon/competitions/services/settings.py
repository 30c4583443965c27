"""Changing what a competition says of itself, and the limits of its phases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.core.files.storage import storages
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.competitions import rules
from agon.competitions.errors import ChangeRefused
from agon.competitions.models import Competition, Phase, Verb
from agon.competitions.services.actions import record_action
from agon.competitions.services.closing import finals_are_fixed, may_change_finals

ABOUT = (
    "title", "subtitle", "tags", "cover_alt", "licence_name", "licence_url", "citation",
    "team_size", "gives_medals", "gives_certificates",
)  # fmt: skip
LIMITS = (
    "decimals", "per_day", "total", "pending", "counts_rejected", "file_bytes", "seconds",
    "model_file_bytes", "model_seconds", "model_memory_bytes", "final_count", "takes_late",
    "results_at_once",
)  # fmt: skip


@transaction.atomic
def change_settings(
    *,
    actor: User,
    competition: Competition,
    values: Mapping[str, Any],
    cover: File[bytes] | None = None,
    removes_cover: bool = False,
) -> bool:
    """Change what is named of `ABOUT`, and the cover; whether anything is another than before."""
    _check_may(actor, competition)
    competition = Competition.objects.select_for_update().get(pk=competition.pk)
    before, after = _set(competition, values, ABOUT)
    old = competition.cover.name
    if cover is not None:
        competition.cover.save(cover.name or "cover", cover, save=False)
        before, after = before | {"cover": old}, after | {"cover": competition.cover.name}
    elif removes_cover and old:
        competition.cover = ""
        before, after = before | {"cover": old}, after | {"cover": ""}
    if not after:
        return False
    competition.full_clean(exclude=["slug", "host"])
    competition.save()
    if "cover" in after and old:
        transaction.on_commit(lambda: storages["default"].delete(old))
    record_action(
        competition=competition,
        actor=actor,
        verb=Verb.SETTINGS_CHANGED,
        before=before,
        after=after,
    )
    return True


@transaction.atomic
def change_limits(*, actor: User, phase: Phase, values: Mapping[str, Any]) -> bool:
    """Change what is named of `LIMITS`, from the next submission on; whether anything is another.

    Raises:
        ChangeRefused: A file would be larger than the site takes, or what decides the final ranking
            would change under those who go by it.
    """
    _check_may(actor, phase.competition)
    phase = Phase.objects.select_for_update().select_related("competition").get(pk=phase.pk)
    before, after = _set(phase, values, LIMITS)
    if not after:
        return False
    if max(phase.file_bytes, phase.model_file_bytes) > settings.MAX_UPLOAD_BYTES:
        raise ChangeRefused(
            _("This site takes files of at most %(limit)s; choose a smaller limit.")
            % {"limit": filesizeformat(settings.MAX_UPLOAD_BYTES)}
        )
    if "final_count" in after and not may_change_finals(phase):
        raise ChangeRefused(finals_are_fixed(phase))
    if "results_at_once" in after and phase.has_closed:
        raise ChangeRefused(
            _(
                "The phase has closed; the private board is hidden or shown by publishing the results."
            )
        )
    phase.full_clean(exclude=["layout", "metrics", "kinds"])
    phase.save(update_fields=list(after))
    record_action(
        competition=phase.competition,
        actor=actor,
        verb=Verb.SETTINGS_CHANGED,
        subject=phase.name,
        before=before,
        after=after,
    )
    return True


def _check_may(actor: User, competition: Competition) -> None:
    if not rules.can_manage(actor, competition):
        raise PermissionDenied(_("Only the hosts of this competition change its settings."))


def _set(
    subject: Competition | Phase, values: Mapping[str, Any], names: tuple[str, ...]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set what is another than before; gives it as it was and as it is."""
    before, after = {}, {}
    for name in names:
        old = getattr(subject, name)
        if name in values and values[name] != old:
            before[name], after[name] = old, values[name]
            setattr(subject, name, values[name])
    return before, after
