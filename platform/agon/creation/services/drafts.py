"""A draft from its beginning to the moment before it is published."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.files.storage import storages
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.competitions.models import Competition
from agon.creation.errors import PublicationRefused
from agon.creation.models import Draft, Piece
from agon.creation.rules import check_may_host

MOST_DRAFTS = 20
LONGEST_SLUG = 60


def begin(*, owner: User) -> Draft:
    """An empty draft; or the last one, where nothing was written into it yet."""
    check_may_host(owner)
    mine = Draft.objects.filter(owner=owner, published_at__isnull=True)
    untouched = mine.filter(answers={}, files__isnull=True).first()
    if untouched is not None:
        return untouched
    if mine.count() >= MOST_DRAFTS:
        raise PublicationRefused(
            _("You have %(count)d drafts. Finish one of them, or delete it.")
            % {"count": MOST_DRAFTS}
        )
    return Draft.objects.create(owner=owner, seed=secrets.randbelow(2**31))


@transaction.atomic
def save_step(*, draft: Draft, step: str, answers: dict[str, Any]) -> Draft:
    """Keep what was answered in one step, whatever the others say."""
    held = Draft.objects.select_for_update().get(pk=draft.pk)
    held.answers = {**held.answers, step: answers}
    held.save(update_fields=["answers", "updated_at"])
    return held


def delete(*, draft: Draft) -> None:
    """Take a draft away with all of its files; a competition that came of it stays."""
    names = [file.file.name for file in draft.files.all() if file.file]
    names += [piece.file.name for piece in Piece.objects.filter(of__draft=draft)]
    with transaction.atomic():
        draft.delete()
        transaction.on_commit(lambda: _delete_files(names))


def _delete_files(names: list[str | None]) -> None:
    for name in names:
        if name:
            storages["default"].delete(name)


def suggested_slug(title: str) -> str:
    return slugify(title)[:LONGEST_SLUG].strip("-") or "competition"


def is_free(slug: str) -> bool:
    """Whether an address can be had. One that is taken says no more, whoever has it."""
    return not Competition.objects.filter(slug=slug).exists()


def free_slug(title: str) -> str:
    """An address that can be had, close to what the title says."""
    wanted = suggested_slug(title)
    if is_free(wanted):
        return wanted
    for _attempt in range(20):
        slug = f"{wanted[: LONGEST_SLUG - 5]}-{secrets.token_hex(2)}"
        if is_free(slug):
            return slug
    return f"{wanted[: LONGEST_SLUG - 13]}-{secrets.token_hex(6)}"
