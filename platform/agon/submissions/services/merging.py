"""Two teams that become one, with all that they have submitted.

The team that is asked goes on; the other one's people, submissions and grants go over to it, and its
own row stays behind with where it went. Locks are taken as everywhere: teams, submissions, boards.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.competitions.models import Competition, Phase, Verb
from agon.competitions.services import record_action
from agon.notifications.models import Kind as NotificationKind
from agon.notifications.services import notify
from agon.submissions.models import QuotaGrant, Submission
from agon.submissions.rules import check_quota_of_both
from agon.submissions.services.board import update_board
from agon.teams import queries, rules
from agon.teams.errors import TeamRefused
from agon.teams.models import Membership, MergeRequest, Team, TeamInvitation, TeamLink
from agon.teams.services.locking import lock_teams

State = MergeRequest.State


def check_may_merge(asking: Team, asked: Team, *, at: datetime) -> None:
    """Raise `TeamRefused` unless these two may become one at this moment."""
    if asking.pk == asked.pk or asking.competition_id != asked.competition_id:
        raise TeamRefused(_("Choose another team of this competition."))
    competition = Competition.objects.get(pk=asked.competition_id)
    rules.check_open(competition, at=at)
    for team in (asking, asked):
        _check_is_whole(team)
    size = Membership.objects.filter(team__in=[asking, asked]).count()
    if size > competition.team_size:
        raise TeamRefused(
            _("Together you would be %(together)d people; at most %(most)d are in a team here.")
            % {"together": size, "most": competition.team_size}
        )
    for phase in competition.phases.all():
        check_quota_of_both(phase, asking, asked, at=at)


def _check_is_whole(team: Team) -> None:
    if team.is_host_baseline or team.merged_into_id is not None:
        raise TeamRefused(_("“%(team)s” is no longer there to merge with.") % {"team": team})
    if team.disqualified_at is not None:
        raise TeamRefused(_("“%(team)s” is disqualified, so it cannot merge.") % {"team": team})
    if Team.objects.filter(
        pk=team.pk, parties__case__closed_at__isnull=True, parties__isnull=False
    ).exists():
        raise TeamRefused(
            _("The hosts have an open question to “%(team)s”. It can merge once they have decided.")
            % {"team": team}
        )


def ask(*, actor: User, asking: Team, asked: Team) -> MergeRequest:
    """Ask another team to become one with it; its captain accepts or declines."""
    with transaction.atomic():
        held = _hold(asking, asked)
        mine, theirs = held[asking.pk], held[asked.pk]
        rules.check_captain(actor, mine)
        check_may_merge(mine, theirs, at=timezone.now())
        if MergeRequest.objects.filter(asking=theirs, asked=mine, state=State.OPEN).exists():
            raise TeamRefused(
                _("“%(team)s” has asked your team already. Accept it below.") % {"team": theirs}
            )
        standing = MergeRequest.objects.filter(asking=mine, asked=theirs, state=State.OPEN).first()
        if standing is not None:
            return standing
        try:
            with transaction.atomic():
                made = MergeRequest.objects.create(
                    competition_id=mine.competition_id, asking=mine, asked=theirs, asked_by=actor
                )
        except IntegrityError:
            return MergeRequest.objects.get(asking=mine, asked=theirs, state=State.OPEN)
        _tell(theirs, mine.name, what="merge_asked")
        return made


def _hold(*teams: Team) -> dict[int, Team]:
    held = lock_teams(team.pk for team in teams)
    if len(held) < len({team.pk for team in teams}):
        raise TeamRefused(_("This team is no longer there."))
    return held


def withdraw(*, actor: User, request: MergeRequest) -> None:
    """Take the question back that was not answered yet."""
    with transaction.atomic():
        rules.check_captain(actor, request.asking)
        _close(request, State.WITHDRAWN)


def decline(*, actor: User, request: MergeRequest) -> None:
    with transaction.atomic():
        rules.check_captain(actor, request.asked)
        _close(request, State.DECLINED)
        _tell(request.asking, request.asked.name, what="merge_declined")


def _close(request: MergeRequest, state: MergeRequest.State) -> None:
    closed = MergeRequest.objects.filter(pk=request.pk, state=State.OPEN).update(
        state=state, answered_at=timezone.now()
    )
    if not closed:
        raise TeamRefused(_("This has been answered already."))


def accept(*, actor: User, request: MergeRequest) -> Team:
    """Become one, or raise `TeamRefused` with nothing changed. Gives the team that goes on."""
    with transaction.atomic():
        held = _hold(request.asking, request.asked)
        asking, asked = held[request.asking_id], held[request.asked_id]
        rules.check_captain(actor, asked)
        _close(request, State.ACCEPTED)
        check_may_merge(asking, asked, at=timezone.now())
        _merge(asking, asked)
        _tell(asked, asked.name, what="merged")
        return asked


def merge_by_host(*, actor: User, going: Team, staying: Team, reason: str) -> Team:
    """What a host decides for two teams: deadline and size aside, for they have their reasons."""
    with transaction.atomic():
        held = _hold(going, staying)
        one, other = held[going.pk], held[staying.pk]
        if one.pk == other.pk or one.competition_id != other.competition_id:
            raise TeamRefused(_("Choose another team of this competition."))
        for team in (one, other):
            _check_is_whole(team)
        name = one.name
        _merge(one, other)
        record_action(
            competition=Competition.objects.get(pk=other.competition_id),
            actor=actor,
            verb=Verb.TEAM_CHANGED,
            subject=other.name,
            before={"teams": [name, other.name]},
            after={"teams": [other.name]},
            reason=reason,
        )
        _tell(other, other.name, what="merged")
        return other


def _merge(going: Team, staying: Team) -> None:
    """Everything of one team becomes the other's. Both rows are locked."""
    phases = list(Phase.objects.filter(competition=staying.competition_id).order_by("pk"))
    moved = list(
        Submission.objects.select_for_update(of=("self",))
        .filter(team=going)
        .order_by("phase", "number", "pk")
    )
    last = dict(
        Submission.objects.filter(team=staying)
        .order_by()
        .values_list("phase")
        .annotate(last=Max("number"))
    )
    for submission in moved:
        last[submission.phase_id] = last.get(submission.phase_id, 0) + 1
        Submission.objects.filter(pk=submission.pk).update(
            team=staying, number=last[submission.phase_id]
        )
    QuotaGrant.objects.filter(team=going).update(team=staying)
    Membership.objects.filter(team=going).update(team=staying)
    for phase in phases:
        _settle_choices(phase, staying)
        for team in (going, staying):
            update_board(phase=phase, team=team)
    TeamLink.objects.filter(team=going).delete()
    now = timezone.now()
    TeamInvitation.objects.filter(team=going, state=TeamInvitation.State.OPEN).update(
        state=TeamInvitation.State.WITHDRAWN, answered_at=now
    )
    left = MergeRequest.objects.filter(state=State.OPEN)
    (left.filter(asking=going) | left.filter(asked=going)).update(
        state=State.WITHDRAWN, answered_at=now
    )
    Team.objects.filter(pk=going.pk).update(merged_into=staying, captain=None)


def _settle_choices(phase: Phase, team: Team) -> None:
    """Where the two have chosen more than one team may, nothing is chosen: they choose together."""
    chosen = Submission.objects.filter(phase=phase, team=team, is_chosen=True)
    if chosen.count() > phase.final_count:
        chosen.update(is_chosen=False)


def _tell(team: Team, name: str, *, what: str) -> None:
    notify(
        kind=NotificationKind.TEAM_CHANGED,
        recipients=queries.member_ids(team),
        competition_id=team.competition_id,
        values={"what": what, "team": name},
        path=queries.address_of(team),
    )
