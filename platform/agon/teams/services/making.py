"""Teams that come into being by themselves: of one person, or for a host's baseline."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.competitions.models import Competition
from agon.teams import queries
from agon.teams.errors import NameTaken
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
                    competition=competition,
                    name=queries.free_name(user, competition),
                    captain=user,
                )
                Membership.objects.create(team=team, competition=competition, user=user)
        except IntegrityError:
            if attempt == ATTEMPTS - 1:
                raise
            continue
        return team
    raise AssertionError("unreachable")  # pragma: no cover


def ensure_baseline(*, competition: Competition, name: str) -> Team:
    """The host's baseline of that name, a team without members; made where there is none yet."""
    try:
        with transaction.atomic():
            team, _made = Team.objects.get_or_create(
                competition=competition, name=name, defaults={"is_host_baseline": True}
            )
    except IntegrityError:  # somebody took the name a moment ago
        team = Team.objects.get(competition=competition, name=name)
    if not team.is_host_baseline:
        raise NameTaken(
            _("A participants' team is called “%(name)s”. Give the baseline another name.")
            % {"name": name}
        )
    return team
