"""Editing the pages of a competition; every text that one had is kept."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.competitions import rules
from agon.competitions.errors import ChangeRefused
from agon.competitions.models import Competition, Page, PageVersion, Verb
from agon.competitions.services.actions import record_action

SITE = "Agon"
LONGEST = 100_000
"""Characters of a page; more is a book, and would be slow to show to everybody."""


@transaction.atomic
def write_page(
    *,
    actor: User,
    competition: Competition,
    name: Page.Name,
    text: str,
    base: int,
    note: str = "",
    asks_again: bool = True,
) -> PageVersion | None:
    """Give a page another text; None where it has that text already.

    Args:
        actor: Who does it.
        competition: The competition.
        name: Which page.
        text: Markdown; empty takes the page away.
        base: The version that the text was made from, 0 for none.
        note: What has changed, in the author's words.
        asks_again: For the rules: whether participants must accept them once more.

    Raises:
        ChangeRefused: Somebody has saved another text meanwhile, or it is too long.
    """
    if not rules.can_manage(actor, competition):
        raise PermissionDenied(_("Only the hosts of this competition edit its pages."))
    Competition.objects.select_for_update().get(pk=competition.pk)
    text = text.replace("\r\n", "\n")
    if len(text) > LONGEST:
        raise ChangeRefused(
            _("A page has at most %(count)d characters; put the rest into a file.")
            % {"count": LONGEST}
        )
    current = Page.objects.filter(competition=competition, name=name).first()
    before = current.text if current else ""
    if newest_number(competition, name) != base:
        raise ChangeRefused(
            _(
                "Somebody has saved this page since you opened it. Your text is still here: copy what "
                "you need, open the page again and put it in."
            )
        )
    if before == text:
        return None
    Page.objects.update_or_create(competition=competition, name=name, defaults={"text": text})
    version = keep(competition, name, before=before, after=text, author=actor, note=note)
    accept_anew = name == Page.Name.RULES and asks_again
    if accept_anew:
        Competition.objects.filter(pk=competition.pk).update(rules_version=F("rules_version") + 1)
        competition.refresh_from_db(fields=["rules_version"])
    record_action(
        competition=competition,
        actor=actor,
        verb=Verb.PAGE_EDITED,
        subject=name.value,
        before={"version": version.number - 1},
        after={"version": version.number}
        | ({"rules_version": competition.rules_version} if accept_anew else {}),
        reason=note,
    )
    return version


def restore_page(
    *, actor: User, competition: Competition, version: PageVersion, base: int
) -> PageVersion | None:
    """Give a page a text that it had; what it has now stays in its history."""
    return write_page(
        actor=actor,
        competition=competition,
        name=Page.Name(version.name),
        text=version.text,
        base=base,
        note=_("As in version %(number)d") % {"number": version.number},
    )


def keep(
    competition: Competition,
    name: Page.Name,
    *,
    before: str,
    after: str,
    author: User | None = None,
    note: str = "",
) -> PageVersion:
    """Keep a page's new text, and its old one where that was never kept."""
    number = newest_number(competition, name)
    if number == 0 and before:
        number = 1
        PageVersion.objects.create(
            competition=competition,
            name=name,
            number=number,
            text=before,
            author_name=SITE,
            saved_at=competition.created_at,
        )
    return PageVersion.objects.create(
        competition=competition,
        name=name,
        number=number + 1,
        text=after,
        author=author,
        author_name=str(author) if author else SITE,
        note=note,
    )


def newest_number(competition: Competition, name: str) -> int:
    """The number of a page's newest version; 0 while nothing was ever changed."""
    found = PageVersion.objects.filter(competition=competition, name=name)
    return found.aggregate(newest=Max("number"))["newest"] or 0
