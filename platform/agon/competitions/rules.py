"""Who may do what with a competition."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Subquery
from django.http import Http404
from django.utils import timezone

from agon.accounts.models import User
from agon.competitions.models import Competition, Phase, RulesAcceptance, Viewer, Visibility

Reader = User | AnonymousUser


def can_manage(user: Reader, competition: Competition) -> bool:
    """Hosts, co-hosts and the site's staff."""
    if not isinstance(user, User) or not user.is_active:
        return False
    return user.is_staff or competition.is_hosted_by(user)


def can_view(user: Reader, competition: Competition) -> bool:
    if competition.visibility in {Visibility.PUBLIC, Visibility.UNLISTED}:
        return True
    return can_manage(user, competition) or is_participant(user, competition)


def newest_accepted(user: Reader, competition: Competition) -> int | None:
    """The newest version of the rules that the user has accepted, if any."""
    if not isinstance(user, User):
        return None
    if competition.viewer is not None and competition.viewer.user_id == user.pk:
        return competition.viewer.accepted_version
    versions = competition.acceptances.filter(user=user).order_by("-version")
    return versions.values_list("version", flat=True).first()


def is_participant(user: Reader, competition: Competition) -> bool:
    """Whether the user has ever accepted this competition's rules."""
    return newest_accepted(user, competition) is not None


def has_accepted_rules(user: Reader, competition: Competition) -> bool:
    """Whether the user has accepted the newest version of the rules."""
    return newest_accepted(user, competition) == competition.rules_version


def can_join(user: Reader, competition: Competition) -> bool:
    """Ways into a private competition are invitations; joining in the open is for the others."""
    return isinstance(user, User) and can_view(user, competition)


def can_download_data(user: Reader, competition: Competition) -> bool:
    if can_manage(user, competition):
        return True
    started = competition.starts_at is None or competition.starts_at <= timezone.now()
    return started and has_accepted_rules(user, competition)


def get_phase_for(user: Reader, slug: str) -> Phase:
    """The competition's main phase with the competition; 404 where the user may not see it.

    To those who may not see a competition it is as if it were not there.
    """
    acceptances = RulesAcceptance.objects.filter(
        competition=OuterRef("competition"), user=user.pk
    ).order_by("-version")
    cohosts = Competition.cohosts.through.objects.filter(
        competition=OuterRef("competition"), user=user.pk
    )
    phase = (
        Phase.objects.filter(competition__slug=slug)
        .select_related("competition__host", "competition__preparation")
        .annotate(
            viewer_is_cohost=Exists(cohosts),
            viewer_accepted=Subquery(acceptances.values("version")[:1]),
        )
        .first()
    )
    if phase is None:
        raise Http404
    phase.competition.viewer = Viewer(
        user_id=user.pk,
        is_cohost=phase.viewer_is_cohost,
        accepted_version=phase.viewer_accepted,
    )
    if not can_view(user, phase.competition):
        raise Http404
    return phase


def get_competition_for(user: Reader, slug: str) -> Competition:
    return get_phase_for(user, slug).competition
