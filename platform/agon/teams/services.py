"""Every write to teams."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from agon.accounts.models import User
from agon.competitions.models import Competition
from agon.teams import queries
from agon.teams.models import Membership, Team

ATTEMPTS = 5


def ensure_team(*, user: User, competition: Competition) -> Team:
    """The user's team, made as a team of one where there is none yet.

    Two requests at once may both try to make it, or two people may want one name: the database's
    constraints let one through, and the other looks again.
    """
    for attempt in range(ATTEMPTS):
        team = queries.team_of(user.pk, competition)
        if team is not None:
            return team
        try:
            with transaction.atomic():
                team = Team.objects.create(
                    competition=competition, name=queries.free_name(user, competition)
                )
                Membership.objects.create(team=team, competition=competition, user=user)
        except IntegrityError:
            if attempt == ATTEMPTS - 1:
                raise
            continue
        return team
    raise AssertionError("unreachable")  # pragma: no cover
