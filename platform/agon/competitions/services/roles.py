"""Who runs a competition: co-hosts, judges, and whose it is."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agon.accounts.models import User
from agon.competitions import rules
from agon.competitions.errors import RoleRefused
from agon.competitions.models import Competition, Verb
from agon.competitions.services.actions import record_action
from agon.notifications.models import Kind
from agon.notifications.services import notify

MOST = 50
"""So many co-hosts and judges together are enough for any competition."""


class Role(models.TextChoices):
    COHOST = "cohost", gettext_lazy("Co-host: sees and changes everything")
    JUDGE = "judge", gettext_lazy("Judge: sees everything, changes nothing")


def role_of(user: User, competition: Competition) -> Role | None:
    """The role that somebody has besides the host."""
    if competition.cohosts.filter(pk=user.pk).exists():
        return Role.COHOST
    return Role.JUDGE if competition.judges.filter(pk=user.pk).exists() else None


@transaction.atomic
def give_role(
    *, actor: User, competition: Competition, user: User, role: Role, though_joined: bool = False
) -> None:
    """Make somebody a co-host or a judge; who is the other already changes over.

    Raises:
        RoleRefused: They have the role, own the competition, or take part in it, which gives them
            scores that participants may not see. `though_joined` lets them in all the same.
    """
    check_may_give(actor, competition, role)
    competition = Competition.objects.select_for_update().get(pk=competition.pk)
    if user.pk == competition.host_id:
        raise RoleRefused(_("The competition is theirs already, which is more than any role."))
    before = role_of(user, competition)
    if before is role:
        raise RoleRefused(_("%(person)s has this role already.") % {"person": user})
    if before is Role.COHOST:
        check_may_give(actor, competition, Role.COHOST)
    if not though_joined and rules.is_participant(user, competition):
        raise RoleRefused(
            _(
                "%(person)s takes part in the competition, and would see hidden scores. Tick the box "
                "below if that is meant."
            )
            % {"person": user},
            needs_confirmation=True,
        )
    if competition.cohosts.count() + competition.judges.count() >= MOST and before is None:
        raise RoleRefused(
            _("A competition has at most %(count)d co-hosts and judges.") % {"count": MOST}
        )
    competition.cohosts.remove(user)
    competition.judges.remove(user)
    (competition.cohosts if role is Role.COHOST else competition.judges).add(user)
    record_action(
        competition=competition,
        actor=actor,
        verb=Verb.ROLE_GIVEN,
        subject=_named(user),
        before={"role": before.value if before else ""},
        after={"role": role.value},
    )
    _tell(user, competition, role.value)


@transaction.atomic
def take_role(*, actor: User, competition: Competition, user: User) -> None:
    """Take somebody's role away, or step down oneself.

    Raises:
        RoleRefused: They have none.
    """
    competition = Competition.objects.select_for_update().get(pk=competition.pk)
    before = role_of(user, competition)
    if before is None:
        if not rules.can_oversee(actor, competition):
            raise PermissionDenied
        raise RoleRefused(_("%(person)s has no role here any more.") % {"person": user})
    if user.pk != actor.pk:
        check_may_give(actor, competition, before)
    competition.cohosts.remove(user)
    competition.judges.remove(user)
    record_action(
        competition=competition,
        actor=actor,
        verb=Verb.ROLE_TAKEN,
        subject=_named(user),
        before={"role": before.value},
        after={"role": ""},
    )
    if user.pk != actor.pk:
        _tell(user, competition, "role_taken")


@transaction.atomic
def transfer_ownership(*, actor: User, competition: Competition, user: User) -> None:
    """Hand the competition over; who had it stays as a co-host.

    Raises:
        RoleRefused: It is theirs already, or they are not a co-host, who alone can be given it: so
            nobody is handed a competition that they know nothing of.
    """
    check_owns(actor, competition)
    competition = Competition.objects.select_for_update().get(pk=competition.pk)
    check_owns(actor, competition)
    if user.pk == competition.host_id:
        raise RoleRefused(_("The competition is theirs already."))
    if not user.is_active or not competition.cohosts.filter(pk=user.pk).exists():
        raise RoleRefused(_("Make %(person)s a co-host first.") % {"person": user})
    previous = competition.host
    competition.host = user
    competition.save(update_fields=["host", "updated_at"])
    competition.cohosts.remove(user)
    competition.cohosts.add(previous)
    record_action(
        competition=competition,
        actor=actor,
        verb=Verb.OWNERSHIP_TRANSFERRED,
        subject=_named(user),
        before={"host": _named(previous)},
        after={"host": _named(user)},
    )
    _tell(user, competition, "owner")


def owns(actor: User, competition: Competition) -> bool:
    """The host, and the site's staff for them."""
    return actor.is_active and (actor.is_staff or actor.pk == competition.host_id)


def check_owns(actor: User, competition: Competition) -> None:
    if not owns(actor, competition):
        raise PermissionDenied(_("Only the host hands a competition over."))


def may_give(actor: User, competition: Competition, role: Role) -> bool:
    """Judges are every host's to choose; co-hosts, who can do all that a host can, the owner's."""
    if role is Role.JUDGE:
        return rules.can_manage(actor, competition)
    return owns(actor, competition)


def check_may_give(actor: User, competition: Competition, role: Role) -> None:
    if not may_give(actor, competition, role):
        raise PermissionDenied(
            _("Only the host chooses co-hosts.")
            if rules.can_manage(actor, competition)
            else _("Only the hosts of this competition give roles.")
        )


def _named(user: User) -> str:
    return user.username if str(user) == user.username else f"{user} ({user.username})"


def _tell(user: User, competition: Competition, what: str) -> None:
    notify(
        kind=Kind.MEMBERSHIP,
        recipients=[user.pk],
        competition_id=competition.pk,
        values={"what": what},
        path=competition.get_absolute_url(),
    )
