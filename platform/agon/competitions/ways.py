"""How one person stands to competitions, as conditions of a query: no page needs a second one.

That also makes a private competition and one that is not there take equally long to those who may
not see it: both are rows that the one query does not find.
"""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat, Lower
from django.utils import timezone

from agon.competitions.models import (
    Admission,
    Announcement,
    Competition,
    CompetitionQuerySet,
    EmailDomain,
    Exclusion,
    Invitation,
    RulesAcceptance,
    Visibility,
)


def standing(user_id: int | None, competition: str) -> dict[str, Any]:
    """Annotations that tell how a person stands to the competition that a field of the row names."""
    mine = {"competition": OuterRef(competition), "user": user_id}
    return {
        "viewer_is_cohost": Exists(Competition.cohosts.through.objects.filter(**mine)),
        "viewer_is_judge": Exists(Competition.judges.through.objects.filter(**mine)),
        "viewer_accepted": Subquery(
            RulesAcceptance.objects.filter(**mine).order_by("-version").values("version")[:1]
        ),
        "viewer_exclusion": Subquery(Exclusion.objects.filter(**mine).values("kind")[:1]),
        "viewer_is_entitled": Exists(Admission.objects.filter(**mine))
        | Exists(_invitations(user_id, competition))
        | Exists(_domains(user_id, competition)),
        "viewer_has_banners": Exists(_banners(user_id, competition)),
    }


def visible(user_id: int | None, prefix: str = "") -> Q:
    """Which of the rows annotated with `standing` a person may see; staff see all."""
    takes_part = Q(viewer_accepted__isnull=False) & Q(viewer_exclusion__isnull=True)
    let_in = Q(viewer_is_entitled=True) & (
        Q(viewer_exclusion__isnull=True) | Q(viewer_exclusion=Exclusion.Kind.REMOVED)
    )
    found = (
        Q(**{f"{prefix}visibility__in": [Visibility.PUBLIC, Visibility.UNLISTED]})
        | Q(viewer_is_cohost=True)
        | Q(viewer_is_judge=True)
        | takes_part
        | let_in
    )
    return found if user_id is None else found | Q(**{f"{prefix}host": user_id})


def _banners(user_id: int | None, competition: str) -> QuerySet[Announcement]:
    """What stands on the competition's pages and was not closed by the person."""
    closed = Announcement.dismissed_by.through.objects.filter(
        announcement=OuterRef("pk"), user=user_id
    )
    standing = Announcement.objects.standing(at=timezone.now())
    return standing.filter(~Exists(closed), competition=OuterRef(competition))


def _invitations(user_id: int | None, competition: str) -> QuerySet[Invitation]:
    """Open invitations to an address that is known to be the person's."""
    addresses = EmailAddress.objects.filter(user=user_id, verified=True)
    return Invitation.objects.waiting().filter(
        competition=OuterRef(competition), email__in=addresses.values(lower=Lower("email"))
    )


def _domains(user_id: int | None, competition: str) -> QuerySet[EmailDomain]:
    addresses = EmailAddress.objects.filter(
        user=user_id,
        verified=True,
        email__iendswith=Concat(Value("@"), OuterRef("domain")),
    )
    return EmailDomain.objects.filter(competition=OuterRef(competition)).filter(Exists(addresses))


def joined_by(user_id: int) -> CompetitionQuerySet:
    """The competitions that a person takes part in or was let into."""
    acceptances = RulesAcceptance.objects.filter(user=user_id).values("competition")
    admissions = Admission.objects.filter(user=user_id).values("competition")
    exclusions = Exclusion.objects.filter(user=user_id).values("competition")
    return Competition.objects.filter(Q(pk__in=acceptances) | Q(pk__in=admissions)).exclude(
        pk__in=exclusions
    )
