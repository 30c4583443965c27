"""Who may change a team, and until when."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.competitions.models import Competition
from agon.competitions.rules import Reader, is_participant
from agon.teams.errors import TeamRefused
from agon.teams.models import Membership, Team


def teams_close_at(competition: Competition) -> datetime | None:
    """The moment from which on teams stay as they are: the merge deadline, or else the end."""
    moments = [competition.merge_deadline, competition.ends_at]
    return min((moment for moment in moments if moment is not None), default=None)


def are_fixed(competition: Competition, *, at: datetime) -> bool:
    closes = teams_close_at(competition)
    return closes is not None and at >= closes


def check_open(competition: Competition, *, at: datetime) -> None:
    """Raise `TeamRefused` once teams stay as they are."""
    if are_fixed(competition, at=at):
        raise TeamRefused(_("The time to change teams is over; they stay as they are."))


def check_takes_part(user: Reader, competition: Competition) -> None:
    if not is_participant(user, competition):
        raise TeamRefused(_("Accept the rules of the competition first; then you can join a team."))


def is_captain(user: Reader, team: Team) -> bool:
    """Whether the user leads the team. Where the captain's account is gone, its first member does."""
    if not isinstance(user, User):
        return False
    return captain_id(team) == user.pk


def captain_id(team: Team) -> int | None:
    if team.captain_id is not None:
        return team.captain_id
    first = Membership.objects.filter(team=team).order_by("joined_at", "pk").first()
    return first.user_id if first else None


def check_captain(user: User, team: Team) -> None:
    if not is_captain(user, team):
        raise TeamRefused(_("Only the team's captain can do this. Ask them."))


def has_submitted(team: Team) -> bool:
    """Whether anything was ever submitted in the team's name."""
    return Team.objects.filter(pk=team.pk, submissions__isnull=False).exists()


def check_may_part(team: Team) -> None:
    """Raise `TeamRefused` where somebody who went would take what the team has learnt along.

    A person alone has submissions of their own each day. Going from team to team must not be a way
    to more of them.
    """
    if has_submitted(team):
        raise TeamRefused(
            _(
                "The team has submitted, so it stays together: nobody can have more submissions by going from team to team. If it cannot go on like this, ask the hosts."
            )
        )
