"""Coming in: by a link, by an invitation, by asking."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.competitions import rules
from agon.competitions.errors import AccessRefused, InvitationGone
from agon.competitions.models import (
    Admission,
    Competition,
    Invitation,
    InvitationLink,
    JoinRequest,
    Verb,
)
from agon.competitions.services.actions import record_action
from agon.competitions.services.joining import accept_rules
from agon.competitions.services.showing_out import check_may_manage, lift_removal
from agon.notifications.models import Kind
from agon.notifications.services import notify

MOST_REQUESTS = 3


@transaction.atomic
def accept_link(*, user: User, link: InvitationLink, version: int) -> None:
    """Come in by a link and accept the rules; a second time uses nothing up.

    Raises:
        InvitationGone: It lets nobody in any more, or never this person.
        CompetitionRefused: The rules have changed meanwhile.
    """
    if link.needs_approval or rules.is_banned(user, link.competition):
        raise InvitationGone
    if not rules.is_participant(user, link.competition):
        _use(link, user)
    _enter(user, link.competition, version)


def _use(link: InvitationLink, user: User) -> None:
    """Count one person against the link; the condition in the update lets no two take one place."""
    if Admission.objects.filter(competition=link.competition, user=user).exists():
        return
    usable = InvitationLink.objects.filter(pk=link.pk).usable(at=timezone.now())
    if not usable.update(uses=F("uses") + 1):
        raise InvitationGone
    admit(user=user, competition=link.competition, way=Admission.Way.LINK, link=link)


@transaction.atomic
def accept_invitation(*, user: User, invitation: Invitation, version: int) -> None:
    """Come in by an invitation and accept the rules; one person can, once.

    Raises:
        InvitationGone: It is revoked, or somebody has accepted it.
        CompetitionRefused: The rules have changed meanwhile.
    """
    if rules.is_banned(user, invitation.competition):
        raise InvitationGone
    if invitation.accepted_by_id != user.pk:
        taken = (
            Invitation.objects.waiting()
            .filter(pk=invitation.pk)
            .update(accepted_at=timezone.now(), accepted_by=user)
        )
        if not taken:
            raise InvitationGone
        admit(user=user, competition=invitation.competition, way=Admission.Way.INVITATION)
    _enter(user, invitation.competition, version)


def _enter(user: User, competition: Competition, version: int) -> None:
    competition.viewer = None  # it was fetched before they were let in
    accept_rules(user=user, competition=competition, version=version)


def admit(
    *, user: User, competition: Competition, way: str, link: InvitationLink | None = None
) -> None:
    """Let somebody in; part of the transaction that says why."""
    Admission.objects.get_or_create(
        competition=competition, user=user, defaults={"way": way, "link": link}
    )
    lift_removal(user=user, competition=competition)
    JoinRequest.objects.filter(
        competition=competition, user=user, state=JoinRequest.State.WAITING
    ).update(state=JoinRequest.State.ACCEPTED, decided_at=timezone.now())


@transaction.atomic
def ask_to_join(
    *,
    user: User,
    competition: Competition,
    answers: Sequence[str],
    link: InvitationLink | None = None,
) -> JoinRequest:
    """Ask the hosts to be let in, with an answer to each of their questions.

    Raises:
        InvitationGone: The link that leads here is good for nothing any more.
        AccessRefused: There is nothing to ask for, or it was asked too often.
    """
    if link is None and not rules.can_ask_to_join(user, competition):
        raise AccessRefused(_("You cannot ask to join this competition."))
    if competition.entry_is_over:
        raise AccessRefused(_("Nobody can enter this competition any more."))
    if link is not None:
        usable = InvitationLink.objects.filter(pk=link.pk).usable(at=timezone.now())
        if rules.is_banned(user, competition) or not usable.exists():
            raise InvitationGone
    earlier = JoinRequest.objects.filter(competition=competition, user=user)
    if earlier.filter(state=JoinRequest.State.WAITING).exists():
        raise AccessRefused(_("You have asked already. The hosts will answer you."))
    if earlier.filter(state=JoinRequest.State.DECLINED).count() >= MOST_REQUESTS:
        raise AccessRefused(
            _("The hosts have declined three times. Write to them if that is a mistake.")
        )
    questions = competition.join_questions
    said = [
        {"question": question, "answer": answer}
        for question, answer in zip(questions, answers, strict=True)
    ]
    try:
        with transaction.atomic():
            request = JoinRequest.objects.create(
                competition=competition, user=user, link=link, answers=said
            )
    except IntegrityError as error:  # a second click came a moment earlier
        raise AccessRefused(_("You have asked already. The hosts will answer you.")) from error
    notify(
        kind=Kind.JOIN_REQUEST,
        recipients=[competition.host_id, *competition.cohosts.values_list("pk", flat=True)],
        competition_id=competition.pk,
        values={"person": str(user)},
        path=reverse("competitions:requests", args=[competition.slug]),
    )
    return request


@transaction.atomic
def decide_request(*, actor: User, request: JoinRequest, accept: bool, reason: str = "") -> None:
    """Let the person in, or not, and tell them.

    Raises:
        AccessRefused: Somebody has decided already, or the link is used up.
    """
    competition = request.competition
    check_may_manage(actor, competition)
    state = JoinRequest.State.ACCEPTED if accept else JoinRequest.State.DECLINED
    decided = JoinRequest.objects.filter(pk=request.pk, state=JoinRequest.State.WAITING).update(
        state=state, reason=reason, decided_at=timezone.now(), decided_by=actor
    )
    if not decided:
        raise AccessRefused(_("This request is decided already."))
    if accept:
        if competition.entry_is_over:
            raise AccessRefused(
                _(
                    "Nobody can enter any more. Move the last moment to enter first, then let them in."
                )
            )
        if request.link is not None:
            _count_use(request.link)
        admit(
            user=request.user,
            competition=competition,
            way=Admission.Way.REQUEST,
            link=request.link,
        )
    record_action(
        competition=competition,
        actor=actor,
        verb=Verb.REQUEST_DECIDED,
        subject=f"{request.user} ({request.user.username})",
        after={"state": state.value, "answers": request.answers},
        reason=reason,
    )
    notify(
        kind=Kind.MEMBERSHIP,
        recipients=[request.user_id],
        competition_id=competition.pk,
        values={"what": "approved" if accept else "declined", "reason": reason},
        path=reverse("competitions:rules", args=[competition.slug]) if accept else "",
    )


def _count_use(link: InvitationLink) -> None:
    """A host lets the person in, so neither a date nor a revocation stands against it: only the count."""
    room = InvitationLink.objects.filter(pk=link.pk).exclude(max_uses__lte=F("uses"))
    if not room.update(uses=F("uses") + 1):
        raise AccessRefused(
            _("The link that this person came by is used up; invite them by e-mail instead.")
        )
