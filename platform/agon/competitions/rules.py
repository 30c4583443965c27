"""Who may do what with a competition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.utils import timezone

from agon.accounts.models import User
from agon.competitions import ways
from agon.competitions.models import (
    Competition,
    Exclusion,
    Joining,
    Phase,
    Status,
    Viewer,
    Visibility,
)

Reader = User | AnonymousUser


def can_manage(user: Reader, competition: Competition) -> bool:
    """Hosts, co-hosts and the site's staff."""
    if not isinstance(user, User) or not user.is_active:
        return False
    return user.is_staff or competition.is_hosted_by(user)


def can_host(user: Reader) -> bool:
    """Who may bring competitions to this site: everybody with an account, or its staff alone."""
    if not isinstance(user, User) or not user.is_active:
        return False
    return user.is_staff or settings.HOSTING == "everyone"


def can_oversee(user: Reader, competition: Competition) -> bool:
    """Who sees what hosts see: they, and the judges, who change nothing."""
    if can_manage(user, competition):
        return True
    return isinstance(user, User) and user.is_active and competition.is_judged_by(user)


def can_view(user: Reader, competition: Competition) -> bool:
    if competition.visibility in {Visibility.PUBLIC, Visibility.UNLISTED}:
        return True
    if can_oversee(user, competition):
        return True
    return is_participant(user, competition) or is_entitled(user, competition)


def viewer_of(user: Reader, competition: Competition) -> Viewer:
    """How the user stands to it: as it was fetched with the competition, else fetched now."""
    if competition.viewer is not None and competition.viewer.user_id == user.pk:
        return competition.viewer
    row = Competition.objects.annotate(**ways.standing(user.pk, "pk")).get(pk=competition.pk)
    return _viewer(user, row)


def newest_accepted(user: Reader, competition: Competition) -> int | None:
    """The newest version of the rules that the user has accepted, if they take part."""
    if not isinstance(user, User):
        return None
    viewer = viewer_of(user, competition)
    return None if viewer.exclusion else viewer.accepted_version


def is_participant(user: Reader, competition: Competition) -> bool:
    """Whether the user has ever accepted this competition's rules, and was not shown out."""
    return newest_accepted(user, competition) is not None


def is_banned(user: Reader, competition: Competition) -> bool:
    if not isinstance(user, User):
        return False
    return viewer_of(user, competition).exclusion == Exclusion.Kind.BANNED


def is_entitled(user: Reader, competition: Competition) -> bool:
    """Whether an invitation, a verified address or a host lets the user in, whoever else may join."""
    if not isinstance(user, User):
        return False
    viewer = viewer_of(user, competition)
    return viewer.is_entitled and viewer.exclusion != Exclusion.Kind.BANNED


def has_accepted_rules(user: Reader, competition: Competition) -> bool:
    """Whether the user has accepted the newest version of the rules."""
    return newest_accepted(user, competition) == competition.rules_version


def can_join(user: Reader, competition: Competition) -> bool:
    """Whether accepting the rules makes the user a participant: they may walk in, or were let in."""
    if not isinstance(user, User) or is_banned(user, competition):
        return False
    if can_manage(user, competition) or is_participant(user, competition):
        return True
    if competition.entry_is_over:
        return False
    is_open = competition.joining == Joining.OPEN and competition.visibility != Visibility.PRIVATE
    return is_open or is_entitled(user, competition)


def can_ask_to_join(user: Reader, competition: Competition) -> bool:
    """Whether the user may ask the hosts to let them in. To a private one only a link leads."""
    return (
        isinstance(user, User)
        and competition.joining == Joining.REQUEST
        and competition.visibility != Visibility.PRIVATE
        and not is_banned(user, competition)
        and not competition.entry_is_over
        and not can_join(user, competition)
    )


def can_download_data(user: Reader, competition: Competition) -> bool:
    if can_oversee(user, competition):
        return True
    started = competition.starts_at is None or competition.starts_at <= timezone.now()
    return started and has_accepted_rules(user, competition)


def get_phases_for(user: Reader, slug: str) -> Sequence[Phase]:
    """A competition's phases in their order, with the competition; 404 where the user may not see it.

    To those who may not see a competition it is as if it were not there.
    """
    found = Phase.objects.filter(competition__slug=slug).annotate(
        **ways.standing(user.pk, "competition")
    )
    if not (isinstance(user, User) and user.is_staff):
        found = found.filter(ways.visible(user.pk, "competition__"))
    phases = list(found.select_related("competition__host", "competition__preparation"))
    if not phases:
        raise Http404
    competition = phases[0].competition
    competition.viewer = _viewer(user, phases[0])
    for phase in phases:
        phase.competition = competition
    if not can_view(user, competition):
        raise Http404
    return phases


def chosen_phase(phases: Sequence[Phase], number: int | None = None) -> Phase:
    """The phase of that number, from 1; without one, the last that has opened, or else the first.

    Raises:
        Http404: There is no such phase.
    """
    if number is not None:
        if not 1 <= number <= len(phases):
            raise Http404
        return phases[number - 1]
    opened = [phase for phase in phases if phase.status != Status.UPCOMING]
    return opened[-1] if opened else phases[0]


def get_phase_for(user: Reader, slug: str, *, number: int | None = None) -> Phase:
    """One phase of a competition, as `get_phases_for` and `chosen_phase` find it."""
    return chosen_phase(get_phases_for(user, slug), number)


def get_competition_for(user: Reader, slug: str) -> Competition:
    return get_phase_for(user, slug).competition


def _viewer(user: Reader, row: Any) -> Viewer:
    """From a row that is annotated with `ways.standing`."""
    return Viewer(
        user_id=user.pk,
        is_cohost=row.viewer_is_cohost,
        is_judge=row.viewer_is_judge,
        accepted_version=row.viewer_accepted,
        is_entitled=row.viewer_is_entitled,
        exclusion=row.viewer_exclusion,
        has_banners=row.viewer_has_banners,
    )
