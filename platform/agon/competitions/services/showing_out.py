"""Removing people, banning them, and letting them back in."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.competitions import rules
from agon.competitions.errors import AccessRefused
from agon.competitions.models import Admission, Competition, Exclusion, JoinRequest, Verb
from agon.competitions.services.actions import record_action
from agon.notifications.models import Kind
from agon.notifications.services import notify


def check_may_manage(actor: User, competition: Competition) -> None:
    if not rules.can_manage(actor, competition):
        raise PermissionDenied(_("Only the hosts of this competition decide who takes part."))


@transaction.atomic
def exclude(
    *, actor: User, competition: Competition, user: User, kind: Exclusion.Kind, reason: str = ""
) -> None:
    """Remove or ban somebody. Their submissions stay; a team may be disqualified besides.

    Raises:
        AccessRefused: They run the competition, or were shown out like that already.
    """
    check_may_manage(actor, competition)
    if competition.is_hosted_by(user):
        raise AccessRefused(_("Hosts cannot be shown out; take the role away first."))
    Competition.objects.select_for_update().get(pk=competition.pk)
    competition.viewer = None
    known = Exclusion.objects.filter(competition=competition, user=user).first()
    if known is not None and (known.kind == kind or known.kind == Exclusion.Kind.BANNED):
        raise AccessRefused(_("%(person)s takes part no longer already.") % {"person": user})
    if known is None and rules.is_participant(user, competition):
        _count(competition, -1)
    Exclusion.objects.update_or_create(
        competition=competition, user=user, defaults={"kind": kind, "reason": reason, "by": actor}
    )
    Admission.objects.filter(competition=competition, user=user).delete()
    JoinRequest.objects.filter(
        competition=competition, user=user, state=JoinRequest.State.WAITING
    ).update(state=JoinRequest.State.DECLINED, decided_by=actor)
    competition.viewer = None
    banned = kind == Exclusion.Kind.BANNED
    record_action(
        competition=competition,
        actor=actor,
        verb=Verb.BANNED if banned else Verb.REMOVED,
        subject=f"{user} ({user.username})",
        before={"state": known.kind if known else "in"},
        after={"state": kind.value},
        reason=reason,
    )
    notify(
        kind=Kind.MEMBERSHIP,
        recipients=[user.pk],
        competition_id=competition.pk,
        values={"what": kind.value, "reason": reason},
    )


@transaction.atomic
def let_back(*, actor: User, competition: Competition, user: User, reason: str = "") -> None:
    """Take back that somebody was removed or banned: they stand where they stood.

    Raises:
        AccessRefused: They were not shown out.
    """
    check_may_manage(actor, competition)
    Competition.objects.select_for_update().get(pk=competition.pk)
    known = Exclusion.objects.filter(competition=competition, user=user).first()
    if known is None:
        raise AccessRefused(_("%(person)s was not shown out.") % {"person": user})
    known.delete()
    competition.viewer = None
    Admission.objects.get_or_create(
        competition=competition, user=user, defaults={"way": Admission.Way.HOST}
    )
    if rules.is_participant(user, competition):
        _count(competition, 1)
    competition.viewer = None
    record_action(
        competition=competition,
        actor=actor,
        verb=Verb.LET_BACK,
        subject=f"{user} ({user.username})",
        before={"state": known.kind},
        after={"state": "in"},
        reason=reason,
    )
    notify(
        kind=Kind.MEMBERSHIP,
        recipients=[user.pk],
        competition_id=competition.pk,
        values={"what": "let_back"},
        path=competition.get_absolute_url(),
    )


def lift_removal(*, user: User, competition: Competition) -> bool:
    """Somebody who was removed comes in again by a way that is open to them.

    Who had accepted the rules before counts as a participant again from now on.
    """
    removed = Exclusion.objects.filter(
        competition=competition, user=user, kind=Exclusion.Kind.REMOVED
    )
    if not removed.delete()[0]:
        return False
    if competition.acceptances.filter(user=user).exists():
        _count(competition, 1)
    competition.viewer = None
    return True


def _count(competition: Competition, more: int) -> None:
    Competition.objects.filter(pk=competition.pk, participant_count__gte=-more).update(
        participant_count=F("participant_count") + more
    )
