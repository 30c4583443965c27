"""What hosts decide about teams: each with a reason, and a line in the log."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.competitions.models import Competition, Verb
from agon.competitions.services import record_action
from agon.teams.errors import TeamRefused
from agon.teams.models import Membership, Team
from agon.teams.services.locking import lock_team
from agon.teams.services.membership import take_out
from agon.teams.services.naming import change_name


def rename_by_host(*, actor: User, team: Team, name: str, reason: str) -> Team:
    """Give a team another name, where its own one cannot stay."""
    with transaction.atomic():
        team = lock_team(team.pk)
        before = team.name
        team = change_name(actor=actor, team=team, name=name)
        if team.name != before:
            _log(actor, team, reason, before={"name": before}, after={"name": team.name})
        return team


def take_out_by_host(*, actor: User, team: Team, user: User, reason: str) -> None:
    """Take somebody out, whatever the team has submitted; its submissions stay with it."""
    with transaction.atomic():
        team = lock_team(team.pk)
        if not Membership.objects.filter(team=team, user=user).exists():
            raise TeamRefused(_("This person is not in the team."))
        if Membership.objects.filter(team=team).count() == 1:
            raise TeamRefused(
                _("Nobody else is in this team. Disqualify it instead, or remove the person.")
            )
        name = team.name
        take_out(team=team, user=user, actor=actor)
        _log(actor, team, reason, before={"member": user.username}, subject=name)


def _log(
    actor: User,
    team: Team,
    reason: str,
    *,
    before: dict[str, str],
    after: dict[str, str] | None = None,
    subject: str = "",
) -> None:
    record_action(
        competition=Competition.objects.get(pk=team.competition_id),
        actor=actor,
        verb=Verb.TEAM_CHANGED,
        subject=subject or team.name,
        before=before,
        after=after or {},
        reason=reason,
    )
