"""What hosts do about ways in: links, invitations, and who may join at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.competitions.errors import AccessRefused
from agon.competitions.models import (
    Competition,
    EmailDomain,
    Invitation,
    InvitationLink,
    Joining,
    Verb,
    Visibility,
)
from agon.competitions.models.access import random_token
from agon.competitions.roster import Person
from agon.competitions.services.actions import record_action
from agon.competitions.services.showing_out import check_may_manage
from agon.notifications.models import Kind
from agon.notifications.services import notify

MOST_LINKS = 50
BATCH = 500


@dataclass(frozen=True, slots=True)
class Access:
    """Who sees a competition, and who may join it besides those who are invited."""

    visibility: Visibility
    joining: Joining
    questions: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


def access_of(competition: Competition) -> Access:
    return Access(
        visibility=Visibility(competition.visibility),
        joining=Joining(competition.joining),
        questions=tuple(competition.join_questions),
        domains=tuple(competition.email_domains.values_list("domain", flat=True)),
    )


@transaction.atomic
def change_access(*, actor: User, competition: Competition, access: Access) -> None:
    """Say who sees it and who may join; whoever takes part already goes on taking part."""
    check_may_manage(actor, competition)
    locked = Competition.objects.select_for_update().get(pk=competition.pk)
    before = access_of(locked)
    Competition.objects.filter(pk=competition.pk).update(
        visibility=access.visibility,
        joining=access.joining,
        join_questions=list(access.questions),
        updated_at=timezone.now(),
    )
    EmailDomain.objects.filter(competition=competition).exclude(domain__in=access.domains).delete()
    EmailDomain.objects.bulk_create(
        [
            EmailDomain(competition=competition, domain=domain)
            for domain in access.domains
            if domain not in before.domains
        ]
    )
    if before.visibility != access.visibility:
        record_action(
            competition=competition,
            actor=actor,
            verb=Verb.VISIBILITY_CHANGED,
            before={"visibility": before.visibility.value},
            after={"visibility": access.visibility.value},
        )
    changed = _fields(before), _fields(access)
    if changed[0] != changed[1]:
        record_action(
            competition=competition,
            actor=actor,
            verb=Verb.ACCESS_CHANGED,
            before=changed[0],
            after=changed[1],
        )


def _fields(access: Access) -> dict[str, object]:
    return {
        "joining": access.joining.value,
        "questions": list(access.questions),
        "domains": sorted(access.domains),
    }


@transaction.atomic
def make_link(
    *,
    actor: User,
    competition: Competition,
    note: str = "",
    needs_approval: bool = False,
    expires_at: datetime | None = None,
    max_uses: int | None = None,
) -> InvitationLink:
    """An address that lets in whoever has it.

    Raises:
        AccessRefused: There are too many already.
    """
    check_may_manage(actor, competition)
    Competition.objects.select_for_update().get(pk=competition.pk)
    usable = InvitationLink.objects.filter(competition=competition)
    if usable.usable(at=timezone.now()).count() >= MOST_LINKS:
        raise AccessRefused(
            _("There are %(count)d links already; revoke some first.") % {"count": MOST_LINKS}
        )
    link = InvitationLink.objects.create(
        competition=competition,
        note=note,
        needs_approval=needs_approval,
        expires_at=expires_at,
        max_uses=max_uses,
        created_by=actor,
    )
    record_action(
        competition=competition,
        actor=actor,
        verb=Verb.INVITED,
        subject=str(_("by a link: %(link)s") % {"link": link}),
        after={
            "needs_approval": needs_approval,
            "expires_at": expires_at.isoformat() if expires_at else None,
            "max_uses": max_uses,
        },
    )
    return link


@transaction.atomic
def revoke_link(*, actor: User, link: InvitationLink) -> None:
    """It lets nobody in from now on; who came by it stays."""
    check_may_manage(actor, link.competition)
    alive = InvitationLink.objects.filter(pk=link.pk, revoked_at__isnull=True)
    if alive.update(revoked_at=timezone.now()):
        record_action(
            competition=link.competition,
            actor=actor,
            verb=Verb.INVITATION_REVOKED,
            subject=str(_("a link: %(link)s") % {"link": link}),
            before={"uses": link.uses},
        )


@transaction.atomic
def invite(*, actor: User, competition: Competition, people: Iterable[Person]) -> list[Invitation]:
    """Invite people by their addresses; whoever is invited already is not invited again.

    Names and references of people who are known already are brought up to date. Who was revoked is
    invited anew, with a new address to follow.
    """
    check_may_manage(actor, competition)
    Competition.objects.select_for_update().get(pk=competition.pk)
    wanted = {person.email: person for person in people}
    known = {
        one.email: one
        for one in Invitation.objects.filter(competition=competition, email__in=list(wanted))
    }
    made = [
        Invitation(
            competition=competition,
            email=person.email,
            name=person.name,
            reference=person.reference,
            invited_by=actor,
            language=translation.get_language() or "en",
        )
        for person in wanted.values()
        if person.email not in known
    ]
    Invitation.objects.bulk_create(made, batch_size=BATCH)
    revived = [_refresh(one, wanted[email], actor) for email, one in known.items()]
    fresh = [*made, *(one for one in revived if one is not None)]
    if fresh:
        _tell_known(competition, fresh)
        record_action(
            competition=competition,
            actor=actor,
            verb=Verb.INVITED,
            subject=fresh[0].email
            if len(fresh) == 1
            else _("%(count)d people") % {"count": len(fresh)},
            after={"emails": [one.email for one in fresh]},
        )
    return fresh


def _refresh(invitation: Invitation, person: Person, actor: User) -> Invitation | None:
    """The invitation if it is a new one now: it was revoked."""
    invitation.name = person.name or invitation.name
    invitation.reference = person.reference or invitation.reference
    revived = invitation.state == "revoked"
    if revived:
        invitation.revoked_at = None
        _write_anew(invitation)
        invitation.invited_by = actor
    invitation.save()
    return invitation if revived else None


def _write_anew(invitation: Invitation) -> None:
    invitation.token = random_token()
    invitation.mail_state = Invitation.Mail.WAITING
    invitation.mail_due_at = timezone.now()
    invitation.mail_tries = 0


def _tell_known(competition: Competition, invitations: Sequence[Invitation]) -> None:
    """In the inbox as well, of those whose address is known to be theirs."""
    by_address = {one.email: one for one in invitations}
    addresses = EmailAddress.objects.filter(verified=True, email__in=list(by_address))
    for address in addresses:
        invitation = by_address.get(address.email)
        if invitation is not None:
            notify(
                kind=Kind.MEMBERSHIP,
                recipients=[address.user_id],
                competition_id=competition.pk,
                values={"what": "invited"},
                path=reverse("invitation", args=[invitation.token]),
                key=f"invitation:{invitation.token}",
                letter=False,
            )


@transaction.atomic
def send_again(*, actor: User, invitation: Invitation) -> None:
    """The letter once more, with a new address; the old one is good for nothing.

    Raises:
        AccessRefused: It is accepted or revoked, or its letter is on its way.
    """
    check_may_manage(actor, invitation.competition)
    locked = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if locked.state != "waiting":
        raise AccessRefused(_("This invitation is accepted or revoked already."))
    if locked.mail_state in {Invitation.Mail.WAITING, Invitation.Mail.SENDING}:
        raise AccessRefused(_("The letter is on its way already."))
    _write_anew(locked)
    locked.save()
    record_action(
        competition=invitation.competition,
        actor=actor,
        verb=Verb.INVITED,
        subject=invitation.email,
        after={"again": True},
    )


@transaction.atomic
def revoke_invitation(*, actor: User, invitation: Invitation) -> None:
    """Nobody comes in by it any more; who has come stays.

    Raises:
        AccessRefused: Somebody has accepted it.
    """
    check_may_manage(actor, invitation.competition)
    revoked = (
        Invitation.objects.waiting()
        .filter(pk=invitation.pk)
        .update(revoked_at=timezone.now(), mail_state=Invitation.Mail.LOST)
    )
    if not revoked:
        raise AccessRefused(
            _("This invitation is accepted or revoked already; a participant can be removed.")
        )
    record_action(
        competition=invitation.competition,
        actor=actor,
        verb=Verb.INVITATION_REVOKED,
        subject=invitation.email,
    )
