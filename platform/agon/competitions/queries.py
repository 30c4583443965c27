"""Reads that several pages of a competition share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import F, OrderBy, Q
from django.http import HttpRequest
from django.utils import timezone

from agon.accounts.models import User
from agon.competitions import rules
from agon.competitions.models import (
    Competition,
    CompetitionQuerySet,
    Phase,
    Picture,
    Preparation,
    RulesAcceptance,
)


@dataclass(frozen=True, slots=True)
class Participation:
    """How a person takes part: they have joined, and accepted the newest rules or older ones."""

    rules_accepted_current: bool


def frame(request: HttpRequest, slug: str, tab: str) -> dict[str, Any]:
    """What the frame around every page of a competition shows; fetches and authorises."""
    phase = rules.get_phase_for(request.user, slug)
    competition = phase.competition
    can_manage = rules.can_manage(request.user, competition)
    return {
        "competition": competition,
        "phase": phase,
        "membership": participation(request.user, competition),
        "can_manage": can_manage,
        "preparation": preparation_of(competition),
        "notice": notice(competition, can_manage=can_manage),
        "active_tab": tab,
    }


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
    joined = user.rules_acceptances.values("competition")
    return Competition.objects.filter(pk__in=joined).with_preparation().order_by("-created_at")
