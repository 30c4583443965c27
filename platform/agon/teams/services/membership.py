"""Coming into a team, going out of it, and leading it."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agon.accounts.models import User
from agon.competitions.models import Competition
from agon.notifications.models import Kind
from agon.notifications.services import emit, notify
from agon.teams import queries, rules
from agon.teams.errors import TeamRefused
from agon.teams.models import Membership, Team, TeamInvitation, TeamLink
from agon.teams.services.locking import lock_team, lock_teams

State = TeamInvitation.State


def join(*, user: User, invitation: TeamInvitation) -> Team:
    """Accept an invitation, or raise `TeamRefused` with nothing changed."""
    with transaction.atomic():
        held = _hold(user, invitation.team_id)
        mine = TeamInvitation.objects.filter(
            queries.addressed_to(user), pk=invitation.pk, state=State.OPEN
        )
        if not mine.exists():
            raise TeamRefused(_("This invitation is no longer open."))
        return _enter(user, invitation.team_id, held)


def join_by_link(*, user: User, link: TeamLink) -> Team:
    """Come in by the team's link; whoever may not take part in the competition may not by it."""
    with transaction.atomic():
        held = _hold(user, link.team_id)
        if not TeamLink.objects.filter(pk=link.pk, token=link.token).exists():
            raise TeamRefused(_("This link is no longer in use. Ask the team for the new one."))
        return _enter(user, link.team_id, held)


def _hold(user: User, team_id: int) -> dict[int, Team]:
    """The team that the user wants to be in, and the one that they are in, their rows locked."""
    mine = Membership.objects.filter(user=user, team__competition__teams=team_id).first()
    return lock_teams([team_id, *([mine.team_id] if mine else [])])


def _enter(user: User, team_id: int, held: dict[int, Team]) -> Team:
    """The common part. Of two people who want the last place, the second finds it taken."""
    team = held.get(team_id)
    if team is None:
        raise TeamRefused(_("This team is no longer there."))
    competition = Competition.objects.get(pk=team.competition_id)
    rules.check_takes_part(user, competition)
    rules.check_open(competition, at=timezone.now())
    _check_takes_in(team, competition)
    membership = Membership.objects.filter(user=user, competition=competition).first()
    if membership is not None:
        if membership.team_id == team.pk:
            raise TeamRefused(_("You are in this team already."))
        if membership.team_id not in held:
            raise TeamRefused(_("Your team changed a moment ago. Try again."))
        _give_up(user, held[membership.team_id])
    try:
        with transaction.atomic():
            Membership.objects.create(team=team, competition=competition, user=user)
    except IntegrityError as error:
        raise TeamRefused(_("Your team changed a moment ago. Try again.")) from error
    TeamInvitation.objects.filter(queries.addressed_to(user), team=team, state=State.OPEN).update(
        state=State.ACCEPTED, answered_at=timezone.now(), user=user
    )
    _tell_of(team, user, what="joined")
    emit(
        competition_id=competition.pk,
        event="team.joined",
        document={"team": team.name, "person": user.username},
    )
    return team


def _check_takes_in(team: Team, competition: Competition) -> None:
    if team.is_host_baseline or team.merged_into_id is not None:
        raise TeamRefused(_("This team is no longer there."))
    if team.disqualified_at is not None:
        raise TeamRefused(_("This team is disqualified, so nobody can join it."))
    if Membership.objects.filter(team=team).count() >= competition.team_size:
        raise TeamRefused(
            ngettext(
                "Teams are of %(count)d person here.",
                "The team is full: at most %(count)d people are in one.",
                competition.team_size,
            )
            % {"count": competition.team_size}
        )


def _give_up(user: User, team: Team) -> None:
    """Go out of the team of before. A team of one without submissions goes with its last member."""
    if team.disqualified_at is not None:
        raise TeamRefused(_("Your team is disqualified, so you cannot go to another one."))
    others = Membership.objects.filter(team=team).exclude(user=user)
    if rules.has_submitted(team):
        if not others.exists():
            raise TeamRefused(
                _(
                    "You have submitted already. Then two teams become one by merging, so that what both have submitted counts: ask for it on your team's page."
                )
            )
        rules.check_may_part(team)
    _go(user, team)


def leave(*, user: User, team: Team) -> None:
    """Go; who has nothing submitted in the team's name begins anew with a team of their own."""
    with transaction.atomic():
        team = lock_team(team.pk)
        if not Membership.objects.filter(team=team, user=user).exists():
            raise TeamRefused(_("You are not in this team."))
        competition = Competition.objects.get(pk=team.competition_id)
        rules.check_open(competition, at=timezone.now())
        rules.check_may_part(team)
        _go(user, team)
        _tell_of(team, user, what="left")


def remove_member(*, actor: User, team: Team, user: User) -> None:
    """The captain takes somebody out, while nothing was submitted."""
    with transaction.atomic():
        team = lock_team(team.pk)
        rules.check_captain(actor, team)
        competition = Competition.objects.get(pk=team.competition_id)
        rules.check_open(competition, at=timezone.now())
        if user.pk == actor.pk:
            raise TeamRefused(_("To go yourself, leave the team."))
        if not Membership.objects.filter(team=team, user=user).exists():
            raise TeamRefused(_("This person is not in the team."))
        rules.check_may_part(team)
        take_out(team=team, user=user, actor=actor)


def take_out(*, team: Team, user: User, actor: User) -> None:
    """The part that hosts share; the team's row is locked and the guards are passed."""
    members = queries.member_ids(team)
    _go(user, team)
    notify(
        kind=Kind.TEAM_CHANGED,
        recipients=members - {actor.pk},
        competition_id=team.competition_id,
        values={"what": "removed", "team": team.name, "person": str(user)},
        path=reverse("teams:mine", args=[queries.slug_of(team)]),
    )


def hand_over(*, actor: User, team: Team, user: User) -> None:
    """Let somebody else in the team lead it."""
    with transaction.atomic():
        team = lock_team(team.pk)
        rules.check_captain(actor, team)
        if not Membership.objects.filter(team=team, user=user).exists():
            raise TeamRefused(_("This person is not in the team."))
        team.captain = user
        team.save(update_fields=["captain"])
        _tell_of(team, user, what="captain", but=actor)


def _go(user: User, team: Team) -> None:
    """Out of the team, whose row is locked; the next one leads it, or it ends."""
    Membership.objects.filter(team=team, user=user).delete()
    following = Membership.objects.filter(team=team).order_by("joined_at", "pk").first()
    if following is None and not rules.has_submitted(team):
        team.delete()
    elif team.captain_id == user.pk:
        team.captain_id = following.user_id if following else None
        team.save(update_fields=["captain"])


def _tell_of(team: Team, user: User, *, what: str, but: User | None = None) -> None:
    if team.pk is None:
        return
    notify(
        kind=Kind.TEAM_CHANGED,
        recipients=queries.member_ids(team) - {user.pk if but is None else but.pk},
        competition_id=team.competition_id,
        values={"what": what, "team": team.name, "person": str(user)},
        path=queries.address_of(team),
    )
