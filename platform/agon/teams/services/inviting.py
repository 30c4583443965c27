"""Asking people into a team, by name or by link."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.competitions.models import Competition
from agon.competitions.rules import can_view
from agon.notifications.models import Kind
from agon.notifications.services import notify
from agon.teams import queries, rules
from agon.teams.errors import TeamRefused
from agon.teams.models import Membership, Team, TeamInvitation, TeamLink, random_token
from agon.teams.services.locking import lock_team

MOST_OPEN = 20
"""Invitations of a team that wait for an answer; more would be a way to write to everybody."""

State = TeamInvitation.State


def invite(*, actor: User, team: Team, user: User) -> TeamInvitation:
    """Ask a participant in. They find it in their inbox and on their team's page."""
    with transaction.atomic():
        team = lock_team(team.pk)
        _check_may_ask(actor, team)
        if _is_in(user, team):
            raise TeamRefused(_("%(person)s is in the team already.") % {"person": user})
        invitation, is_new = _open(actor, team, user=user)
        if is_new:
            _tell(user, team, actor)
        return invitation


def invite_address(*, actor: User, team: Team, address: str) -> TeamInvitation:
    """Ask in whoever has this e-mail address; the team sees the same whether or not somebody has.

    Where somebody has who may know of the competition, it is in their inbox. Others find it on
    their team's page once they take part.
    """
    with transaction.atomic():
        team = lock_team(team.pk)
        _check_may_ask(actor, team)
        invitation, is_new = _open(actor, team, address=address.strip().lower())
        found = queries.person_at(address)
        competition = Competition.objects.get(pk=team.competition_id)
        is_news = is_new and found is not None and not _is_in(found, team)
        if found is not None and is_news and can_view(found, competition):
            _tell(found, team, actor)
        return invitation


def _is_in(user: User, team: Team) -> bool:
    return Membership.objects.filter(team=team, user=user).exists()


def _open(
    actor: User, team: Team, *, user: User | None = None, address: str = ""
) -> tuple[TeamInvitation, bool]:
    """The invitation, made unless it stands. The team's row is locked, so nobody makes it besides."""
    open_ones = TeamInvitation.objects.filter(team=team, state=State.OPEN)
    standing = open_ones.filter(user=user, address=address).first()
    if standing is not None:
        return standing, False
    if open_ones.count() >= MOST_OPEN:
        raise TeamRefused(
            _("%(count)d invitations wait for an answer. Take some back first.")
            % {"count": MOST_OPEN}
        )
    made = TeamInvitation.objects.create(team=team, user=user, address=address, invited_by=actor)
    return made, True


def _tell(user: User, team: Team, actor: User) -> None:
    notify(
        kind=Kind.TEAM_INVITATION,
        recipients=[user.pk],
        competition_id=team.competition_id,
        values={"team": team.name, "person": str(actor)},
        path=queries.address_of(team),
    )


def _check_may_ask(actor: User, team: Team) -> None:
    rules.check_captain(actor, team)
    competition = Competition.objects.get(pk=team.competition_id)
    rules.check_open(competition, at=timezone.now())
    if competition.team_size < 2:
        raise TeamRefused(_("Everybody competes alone here."))
    if team.disqualified_at is not None:
        raise TeamRefused(_("Your team is disqualified, so nobody can join it."))


def decline(*, user: User, invitation: TeamInvitation) -> None:
    """Say no; whoever asked is told."""
    with transaction.atomic():
        declined = TeamInvitation.objects.filter(
            queries.addressed_to(user), pk=invitation.pk, state=State.OPEN
        ).update(state=State.DECLINED, answered_at=timezone.now())
        if not declined:
            raise TeamRefused(_("This invitation is no longer open."))
        team = invitation.team
        notify(
            kind=Kind.TEAM_CHANGED,
            recipients=[one for one in [rules.captain_id(team)] if one is not None],
            competition_id=team.competition_id,
            values={"what": "declined", "team": team.name, "person": invitation.person},
            path=queries.address_of(team),
        )


def withdraw(*, actor: User, invitation: TeamInvitation) -> None:
    """Take an invitation back that was not answered yet."""
    with transaction.atomic():
        team = lock_team(invitation.team_id)
        rules.check_captain(actor, team)
        withdrawn = TeamInvitation.objects.filter(pk=invitation.pk, state=State.OPEN).update(
            state=State.WITHDRAWN, answered_at=timezone.now()
        )
        if not withdrawn:
            raise TeamRefused(_("This invitation has been answered already."))


def renew_link(*, actor: User, team: Team) -> TeamLink:
    """A new address to come in by; the one of before leads nowhere from now on."""
    with transaction.atomic():
        team = lock_team(team.pk)
        _check_may_ask(actor, team)
        link, _made = TeamLink.objects.update_or_create(
            team=team,
            defaults={
                "token": random_token(),
                "created_by": actor,
                "created_at": timezone.now(),
            },
        )
        return link


def switch_link_off(*, actor: User, team: Team) -> None:
    with transaction.atomic():
        team = lock_team(team.pk)
        rules.check_captain(actor, team)
        TeamLink.objects.filter(team=team).delete()
