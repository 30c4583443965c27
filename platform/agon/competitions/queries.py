"""Reads that several pages of a competition share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import F, OrderBy, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.competitions import rules, ways
from agon.competitions.models import (
    Announcement,
    Competition,
    CompetitionQuerySet,
    Phase,
    Picture,
    Preparation,
    RulesAcceptance,
)

DISMISSED = "dismissed_announcements"
"""What a session remembers of the banners that somebody without an account has closed."""

BANNERS = 3


@dataclass(frozen=True, slots=True)
class Participation:
    """How a person takes part: they have joined, and accepted the newest rules or older ones."""

    rules_accepted_current: bool


def frame(request: HttpRequest, slug: str, tab: str) -> dict[str, Any]:
    """What the frame around every page of a competition shows; fetches and authorises."""
    phases = rules.get_phases_for(request.user, slug)
    number = phase_number(request)
    phase = rules.chosen_phase(phases, number)
    competition = phase.competition
    can_manage = rules.can_manage(request.user, competition)
    return {
        "competition": competition,
        "phase": phase,
        "phases": phases,
        "phase_query": "" if number is None else f"?phase={number}",
        "membership": participation(request.user, competition),
        "can_manage": can_manage,
        "can_oversee": can_manage or rules.can_oversee(request.user, competition),
        "preparation": preparation_of(competition),
        "notice": notice(competition, can_manage=can_manage),
        "announcements": standing_announcements(request, competition),
        "active_tab": tab,
    }


def standing_announcements(request: HttpRequest, competition: Competition) -> list[Announcement]:
    """The banners that this reader has not closed, the newest first."""
    if competition.viewer is not None and not competition.viewer.has_banners:
        return []
    found = Announcement.objects.filter(competition=competition).standing(at=timezone.now())
    if isinstance(request.user, User):
        found = found.exclude(dismissed_by=request.user)
    else:
        found = found.exclude(pk__in=request.session.get(DISMISSED, []))
    shown = list(found[:BANNERS])
    for announcement in shown:
        announcement.competition = competition
    return shown


def phase_number(request: HttpRequest) -> int | None:
    """Which phase an address asks for, from 1; 0, which there is not, for nonsense."""
    asked = request.GET.get("phase")
    if asked is None:
        return None
    return int(asked) if asked.isdecimal() and len(asked) < 5 else 0


def console(request: HttpRequest, slug: str, section: str) -> dict[str, Any]:
    """What the frame around every page of the hosts' console shows.

    To those who may not see the competition it is not there; to others the console is forbidden.
    Judges see it and change nothing: what changes something asks for `can_manage` besides.
    """
    context = frame(request, slug, "console")
    if not context["can_oversee"]:
        raise PermissionDenied(_("Only the hosts of this competition see its console."))
    return {**context, "active_section": section}


def preparation_of(competition: Competition) -> Preparation | None:
    """How its data is made; None for a competition that was not made from a folder of the site."""
    return getattr(competition, "preparation", None)


def notice(competition: Competition, *, can_manage: bool) -> str:
    """What every page says of the data: that it is not there yet, to hosts that it is old; or nothing."""
    preparation = preparation_of(competition)
    if preparation is None or (preparation.is_prepared and not can_manage):
        return ""
    if not preparation.is_prepared:
        return "coming"
    return "" if preparation.state == Preparation.State.READY else "updating"


def preparations() -> list[Preparation]:
    """All of them, for those who run the site: what runs and waits comes first, then by name."""
    first = {
        Preparation.State.RUNNING: 0,
        Preparation.State.WAITING: 1,
        Preparation.State.FAILED: 2,
    }
    found = Preparation.objects.select_related("competition").order_by("competition__title")
    return sorted(found, key=lambda one: first.get(Preparation.State(one.state), 3))


def participation(user: rules.Reader, competition: Competition) -> Participation | None:
    if not rules.is_participant(user, competition):
        return None
    return Participation(rules_accepted_current=rules.has_accepted_rules(user, competition))


def acceptance_of(user: rules.Reader, competition: Competition) -> RulesAcceptance | None:
    """When the user accepted which version of the rules, the newest."""
    return competition.acceptances.filter(user_id=user.pk or 0).order_by("-version").first()


def page_text(competition: Competition, name: str) -> str:
    page = competition.pages.filter(name=name).first()
    return page.text if page else ""


def pictures_of(competition: Competition, page: str) -> list[Picture]:
    """The pictures at the end of a page, in the host's order."""
    return [picture for picture in competition.pictures.all() if picture.page == page]


def catalogue(
    *, text: str = "", tag: str = "", status: str = "", sort: str = ""
) -> CompetitionQuerySet:
    """The listed competitions that match; every word of the text must occur somewhere."""
    found = Competition.objects.listed()
    for word in text.split()[:8]:
        found = found.filter(search_condition(word))
    if tag:
        found = found.filter(tags__icontains=f'"{tag}"')
    if status:
        found = found.with_status(status, at=timezone.now())
    orders: dict[str, list[str | OrderBy]] = {
        "popular": ["-participant_count", "-id"],
        "ending": [closing_order(), "-id"],
        "title": ["title", "id"],
    }
    return found.order_by(*orders.get(sort, ["-created_at", "-id"]))


def ranked_by(metric: str) -> CompetitionQuerySet:
    """The listed competitions that a built-in metric ranks, the newest first."""
    ranked = Phase.objects.filter(metrics__0__name=metric).values("competition")
    return Competition.objects.listed().filter(pk__in=ranked)


def search_condition(word: str) -> Q:
    return Q(title__icontains=word) | Q(subtitle__icontains=word) | Q(tags__icontains=word)


def closing_order() -> OrderBy:
    """Those that end soonest first, those without an end last."""
    return F("ends_at").asc(nulls_last=True)


def all_tags() -> list[str]:
    tags: set[str] = set()
    for some in Competition.objects.listed().values_list("tags", flat=True):
        tags.update(some)
    return sorted(tags)


def competitions_of(user: User) -> CompetitionQuerySet:
    """Those that the person has joined, the latest first."""
    return ways.joined_by(user.pk).with_preparation().order_by("-created_at")
