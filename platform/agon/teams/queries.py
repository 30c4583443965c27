"""Reads about teams."""

from __future__ import annotations

from agon.accounts.models import User
from agon.competitions.models import Competition
from agon.teams.models import Team


def team_of(user_id: int | None, competition: Competition) -> Team | None:
    """The user's team in a competition, if they have one."""
    if user_id is None:
        return None
    return Team.objects.filter(competition=competition, memberships__user_id=user_id).first()


def free_name(user: User, competition: Competition) -> str:
    """The person's name, with a number behind it where another team has it already."""
    wanted = (user.display_name or user.username)[:70]
    taken = set(
        Team.objects.filter(competition=competition, name__istartswith=wanted).values_list(
            "name", flat=True
        )
    )
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted} {number}"
    return name
