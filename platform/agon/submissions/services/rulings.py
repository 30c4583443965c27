"""What hosts decide about submissions and teams: each with a reason, and a line in the log."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.competitions.models import Phase, Verb
from agon.competitions.services import record_action
from agon.notifications.models import Kind as NotificationKind
from agon.notifications.services import notify
from agon.submissions.errors import RulingRefused
from agon.submissions.models import QuotaGrant, Submission
from agon.submissions.services.board import update_board
from agon.teams.models import Team


@transaction.atomic
def disqualify(*, actor: User, submission: Submission, reason: str) -> None:
    """Take a submission out of the competition; it keeps its score, and stands on no board."""
    submission = _locked(submission)
    if submission.disqualified_at is not None:
        raise RulingRefused(_("This submission is disqualified already."))
    Submission.objects.filter(pk=submission.pk).update(
        disqualified_at=timezone.now(), disqualification=reason
    )
    _settle(actor, submission, Verb.DISQUALIFIED, reason)


@transaction.atomic
def restore(*, actor: User, submission: Submission, reason: str = "") -> None:
    """Let a disqualified submission stand again."""
    submission = _locked(submission)
    if submission.disqualified_at is None:
        raise RulingRefused(_("This submission is not disqualified."))
    Submission.objects.filter(pk=submission.pk).update(disqualified_at=None, disqualification="")
    _settle(actor, submission, Verb.RESTORED, reason)


def _settle(actor: User, submission: Submission, verb: Verb, reason: str) -> None:
    update_board(phase=submission.phase, team=submission.team)
    record_action(
        competition=submission.phase.competition,
        actor=actor,
        verb=verb,
        subject=str(submission),
        reason=reason,
    )
    _tell(submission.team, verb, reason, number=submission.number)


@transaction.atomic
def disqualify_team(*, actor: User, team: Team, reason: str) -> None:
    """Take a team out of the competition with all that it has sent."""
    done = Team.objects.filter(pk=team.pk, disqualified_at__isnull=True).update(
        disqualified_at=timezone.now()
    )
    if not done:
        raise RulingRefused(_("This team is disqualified already."))
    _settle_team(actor, team, Verb.DISQUALIFIED, reason)


@transaction.atomic
def restore_team(*, actor: User, team: Team, reason: str = "") -> None:
    """Let a disqualified team stand again, where its submissions place it."""
    done = Team.objects.filter(pk=team.pk, disqualified_at__isnull=False).update(
        disqualified_at=None
    )
    if not done:
        raise RulingRefused(_("This team is not disqualified."))
    _settle_team(actor, team, Verb.RESTORED, reason)


def _settle_team(actor: User, team: Team, verb: Verb, reason: str) -> None:
    for phase in Phase.objects.filter(competition=team.competition_id):
        update_board(phase=phase, team=team)
    record_action(
        competition=team.competition, actor=actor, verb=verb, subject=team.name, reason=reason
    )
    _tell(team, verb, reason, number=0)


def _tell(team: Team, verb: Verb, reason: str, *, number: int) -> None:
    competition = team.competition
    values: dict[str, str | int] = {"competition": competition.title, "team": team.name}
    if number:
        values["submission"] = number
    if reason:
        values["reason"] = reason
    if verb == Verb.RESTORED:
        values["what"] = "restored"
    notify(
        kind=NotificationKind.DISQUALIFICATION,
        recipients=team.memberships.values_list("user_id", flat=True),
        competition_id=competition.pk,
        values=values,
        path=competition.get_absolute_url(),
    )


@transaction.atomic
def give_back(*, actor: User, submission: Submission, reason: str) -> None:
    """Let a submission use up no quota; its score stays as it is."""
    submission = _locked(submission)
    if not submission.counted:
        raise RulingRefused(_("This submission uses up no quota."))
    Submission.objects.filter(pk=submission.pk).update(counted=False)
    record_action(
        competition=submission.phase.competition,
        actor=actor,
        verb=Verb.QUOTA_GRANTED,
        subject=str(submission),
        before={"counted": True},
        after={"counted": False},
        reason=reason,
    )


@transaction.atomic
def grant(*, actor: User, team: Team, phase: Phase, count: int, reason: str) -> QuotaGrant:
    """Give a team further submissions on top of what everybody has."""
    if phase.per_day is None and phase.total is None:
        raise RulingRefused(_("There is no limit here, so there is nothing to grant."))
    Team.objects.select_for_update().get(pk=team.pk)
    given = QuotaGrant.objects.create(
        phase=phase, team=team, count=count, reason=reason, granted_by=actor
    )
    record_action(
        competition=phase.competition,
        actor=actor,
        verb=Verb.QUOTA_GRANTED,
        subject=team.name,
        after={"submissions": count},
        reason=reason,
    )
    return given


def _locked(submission: Submission) -> Submission:
    return (
        Submission.objects.select_for_update(of=("self",))
        .select_related("phase__competition", "team__competition")
        .get(pk=submission.pk)
    )
