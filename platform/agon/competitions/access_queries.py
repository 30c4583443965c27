"""Reads of who takes part in a competition and how they came in."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from agon.accounts.models import User
from agon.competitions.models import (
    Admission,
    Competition,
    Exclusion,
    Invitation,
    InvitationLink,
    JoinRequest,
    RulesAcceptance,
)

STATES = ("in", "let_in", "removed", "banned")


@dataclass(frozen=True, slots=True)
class Counts:
    """What waits in the sections about people."""

    requests: int
    invitations: int


def people_of(competition: Competition, *, text: str = "", state: str = "") -> QuerySet[User]:
    """Everybody who takes part, was let in or was shown out, by name, each with how they stand."""
    about = {"competition": competition, "user": OuterRef("pk")}
    exclusions = Exclusion.objects.filter(**about)
    accepted = RulesAcceptance.objects.filter(**about)
    admissions = Admission.objects.filter(**about)
    invitations = Invitation.objects.filter(competition=competition, accepted_by=OuterRef("pk"))
    found = User.objects.annotate(
        exclusion=Subquery(exclusions.values("kind")[:1]),
        exclusion_reason=Subquery(exclusions.values("reason")[:1]),
        joined_at=Subquery(accepted.order_by("accepted_at").values("accepted_at")[:1]),
        way=Subquery(admissions.values("way")[:1]),
        roster_name=Subquery(invitations.values("name")[:1]),
        reference=Subquery(invitations.values("reference")[:1]),
        was_let_in=Exists(admissions),
    )
    found = found.filter(_stands(state))
    for word in text.split()[:8]:
        invited = invitations.filter(
            Q(name__icontains=word) | Q(reference__icontains=word) | Q(email__icontains=word)
        )
        found = found.filter(
            Q(username__icontains=word) | Q(display_name__icontains=word) | Exists(invited)
        )
    return found.order_by("username")


def _stands(state: str) -> Q:
    stands = {
        "in": Q(exclusion__isnull=True, joined_at__isnull=False),
        "let_in": Q(exclusion__isnull=True, joined_at__isnull=True, was_let_in=True),
        "removed": Q(exclusion=Exclusion.Kind.REMOVED),
        "banned": Q(exclusion=Exclusion.Kind.BANNED),
    }
    everybody = Q(joined_at__isnull=False) | Q(was_let_in=True) | Q(exclusion__isnull=False)
    return stands.get(state, everybody)


def invitations_of(
    competition: Competition, *, text: str = "", state: str = ""
) -> QuerySet[Invitation]:
    """The newest first."""
    found = Invitation.objects.filter(competition=competition).select_related("accepted_by")
    if state == "accepted":
        found = found.filter(accepted_at__isnull=False)
    elif state == "revoked":
        found = found.filter(revoked_at__isnull=False, accepted_at__isnull=True)
    elif state == "waiting":
        found = found.waiting()
    elif state == "lost":
        found = found.waiting().filter(mail_state=Invitation.Mail.LOST)
    for word in text.split()[:8]:
        found = found.filter(
            Q(email__icontains=word) | Q(name__icontains=word) | Q(reference__icontains=word)
        )
    return found


def requests_of(competition: Competition, *, state: str) -> QuerySet[JoinRequest]:
    """Those that wait, the oldest first; of the decided ones the latest."""
    found = JoinRequest.objects.filter(competition=competition).select_related(
        "user", "decided_by", "link"
    )
    if state == "decided":
        return found.exclude(state=JoinRequest.State.WAITING).order_by(
            F("decided_at").desc(nulls_last=True), "-id"
        )
    return found.filter(state=JoinRequest.State.WAITING)


def counts(competition: Competition) -> Counts:
    return Counts(
        requests=JoinRequest.objects.filter(
            competition=competition, state=JoinRequest.State.WAITING
        ).count(),
        invitations=Invitation.objects.waiting().filter(competition=competition).count(),
    )


def newest_request(user_id: int | None, competition: Competition) -> JoinRequest | None:
    found = JoinRequest.objects.filter(user=user_id or 0, competition=competition)
    return found.order_by("-created_at", "-id").first()


def behind(token: str) -> InvitationLink | Invitation | None:
    """What an address leads to, whether or not it still lets anybody in."""
    link = InvitationLink.objects.filter(token=token).select_related("competition__host").first()
    if link is not None:
        return link
    invitations = Invitation.objects.select_related("competition__host", "invited_by")
    return invitations.filter(token=token).first()


def links_of(competition: Competition) -> list[InvitationLink]:
    """Those that let people in come first, then the newest."""
    now = timezone.now()
    usable = InvitationLink.objects.usable(at=now).filter(pk=OuterRef("pk"))
    found = InvitationLink.objects.filter(competition=competition).select_related("created_by")
    return list(found.annotate(is_on=Exists(usable)).order_by("-is_on", "-created_at", "-id"))
