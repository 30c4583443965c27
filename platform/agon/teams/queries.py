"""Reads about teams."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.urls import reverse

from agon.accounts.models import User
from agon.competitions.models import Competition, RulesAcceptance
from agon.teams.models import Membership, MergeRequest, Team, TeamInvitation, TeamLink


def team_of(user_id: int | None, competition: Competition) -> Team | None:
    """The user's team in a competition, if they have one."""
    if user_id is None:
        return None
    return Team.objects.filter(competition=competition, memberships__user_id=user_id).first()


def free_name(user: User, competition: Competition) -> str:
    """The person's name, with a number behind it where another team has it already."""
    wanted = unicodedata.normalize("NFKC", user.display_name or user.username)[:70].strip()
    taken = {
        name.casefold()
        for name in Team.objects.filter(
            competition=competition, name__istartswith=wanted
        ).values_list("name", flat=True)
    }
    name, number = wanted, 1
    while name.casefold() in taken:
        number += 1
        name = f"{wanted} {number}"
    return name


def members_of(team: Team) -> QuerySet[Membership]:
    """Who is in the team, those who have been the longest first."""
    return Membership.objects.filter(team=team).select_related("user").order_by("joined_at", "pk")


def member_ids(team: Team) -> set[int]:
    return set(Membership.objects.filter(team=team).values_list("user_id", flat=True))


def slug_of(team: Team) -> str:
    return Competition.objects.values_list("slug", flat=True).get(pk=team.competition_id)


def address_of(team: Team) -> str:
    """Where a team's members and those whom it invites find everything about it."""
    return reverse("teams:mine", args=[slug_of(team)])


def addressed_to(user: User) -> Q:
    """Invitations that are this person's: by name, or by an address that is verified to be theirs."""
    verified = EmailAddress.objects.filter(user=user, verified=True)
    addresses = verified.values(lower=Lower("email"))
    return Q(user=user) | Q(user=None, address__in=addresses)


def invitations_to(user: User, competition: Competition) -> QuerySet[TeamInvitation]:
    """Those that wait for this person's answer."""
    return TeamInvitation.objects.filter(
        addressed_to(user), team__competition=competition, state=TeamInvitation.State.OPEN
    ).select_related("team", "invited_by")


def open_merges(team: Team) -> QuerySet[MergeRequest]:
    """Questions about merging that the team has asked, or has to answer."""
    return MergeRequest.objects.filter(
        Q(asking=team) | Q(asked=team), state=MergeRequest.State.OPEN
    ).select_related("asking", "asked")


def participant_called(name: str, competition: Competition) -> User | None:
    """Whoever of those who take part has this user name."""
    return User.objects.filter(
        is_active=True,
        username__iexact=name,
        pk__in=RulesAcceptance.objects.filter(competition=competition).values("user"),
    ).first()


def person_at(address: str) -> User | None:
    """Whose verified address this is."""
    return User.objects.filter(
        is_active=True, emailaddress__email__iexact=address, emailaddress__verified=True
    ).first()


@dataclass(frozen=True, slots=True)
class Behind:
    """What a team's link leads to."""

    link: TeamLink
    team: Team


def behind(token: str, competition: Competition) -> Behind | None:
    link = (
        TeamLink.objects.filter(token=token, team__competition=competition)
        .select_related("team")
        .first()
    )
    return Behind(link, link.team) if link else None
