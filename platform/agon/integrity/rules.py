"""Who may read and answer a question of the hosts."""

from __future__ import annotations

from django.http import Http404

from agon.accounts.models import User
from agon.competitions.models import Competition
from agon.integrity.models import Case, Party
from agon.teams.queries import team_of


def get_case_of(competition: Competition, pk: int) -> Case:
    """For hosts, who have been let in already."""
    case = competition.cases.prefetch_related("parties__team", "parties__answered_by").filter(pk=pk)
    found = case.first()
    if found is None:
        raise Http404
    return found


def get_party_for(user: User, competition: Competition, pk: int) -> Party:
    """The user's team's part in a case; to everybody else it is not there."""
    team = team_of(user.pk, competition)
    parties = Party.objects.select_related("case__competition", "team")
    found = parties.filter(case=pk, case__competition=competition, team=team).first()
    if found is None or team is None:
        raise Http404
    return found
