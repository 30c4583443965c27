"""What teams are called."""

from __future__ import annotations

import unicodedata

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.competitions.models import Competition
from agon.notifications.models import Kind
from agon.notifications.services import notify
from agon.teams import queries, rules
from agon.teams.errors import TeamRefused
from agon.teams.models import Team
from agon.teams.services.locking import lock_team
from agon.teams.services.lookalikes import has_invisible, look_alike
from agon.teams.services.making import ensure_team

LONGEST = 80


def clean_name(name: str) -> str:
    """The name in one way of writing it: compatible characters made one, and single spaces.

    Raises:
        TeamRefused: It is empty, too long, or has characters that cannot be seen.
    """
    cleaned = " ".join(unicodedata.normalize("NFKC", name).split())
    if not cleaned:
        raise TeamRefused(_("Give the team a name."))
    if len(cleaned) > LONGEST:
        raise TeamRefused(
            _("The name is too long; at most %(limit)d characters.") % {"limit": LONGEST}
        )
    if not cleaned.isprintable() or has_invisible(cleaned):
        raise TeamRefused(_("The name has characters that cannot be seen. Leave them out."))
    return cleaned


def create_team(*, user: User, competition: Competition, name: str) -> Team:
    """A person's team of one under a name of its own, for others to be asked in."""
    with transaction.atomic():
        rules.check_takes_part(user, competition)
        rules.check_open(competition, at=timezone.now())
        team = ensure_team(user=user, competition=competition)
        return rename(actor=user, team=team, name=name)


def rename(*, actor: User, team: Team, name: str) -> Team:
    """Call the team something else; the others in it are told.

    Names may change at any time, so that a team can keep its own: only its captain does it.
    """
    with transaction.atomic():
        team = lock_team(team.pk)
        rules.check_captain(actor, team)
        return change_name(actor=actor, team=team, name=name)


def change_name(*, actor: User, team: Team, name: str) -> Team:
    """The part that hosts share: guards of the name alone; the team's row is locked."""
    cleaned = clean_name(name)
    old = team.name
    if cleaned == old:
        return team
    others = Team.objects.filter(competition=team.competition_id).exclude(pk=team.pk)
    for other in others.order_by().values_list("name", flat=True):
        if look_alike(cleaned, other):
            raise TeamRefused(_name_is_taken(other))
    team.name = cleaned
    try:
        with transaction.atomic():
            team.save(update_fields=["name"])
    except IntegrityError as error:
        raise TeamRefused(_name_is_taken(cleaned)) from error
    told = queries.member_ids(team) - {actor.pk}
    notify(
        kind=Kind.TEAM_CHANGED,
        recipients=told,
        competition_id=team.competition_id,
        values={"what": "renamed", "team": team.name, "old": old, "person": str(actor)},
        path=queries.address_of(team),
    )
    return team


def _name_is_taken(name: str) -> str:
    return _("Another team is called “%(name)s”. Choose another name.") % {"name": name}
