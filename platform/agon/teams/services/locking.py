"""The rows that a change of teams holds until it is done."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from agon.teams.errors import TeamRefused
from agon.teams.models import Team


def lock_teams(team_ids: Iterable[int]) -> dict[int, Team]:
    """The teams that are still there, their rows locked in one order, so that nobody waits in a ring."""
    found = Team.objects.select_for_update().select_related(None).filter(pk__in=set(team_ids))
    return {team.pk: team for team in found.order_by("pk")}


def lock_team(team_id: int) -> Team:
    """One team, locked; `TeamRefused` where it is gone."""
    team = lock_teams([team_id]).get(team_id)
    if team is None:
        raise TeamRefused(_("This team is no longer there."))
    return team
