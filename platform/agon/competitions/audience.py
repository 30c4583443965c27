"""Who is told of what happens in a competition."""

from __future__ import annotations

from agon.accounts.models import User
from agon.competitions.models import Competition


def participants_of(competition: Competition) -> list[int]:
    """Who takes part, by their numbers: they have accepted the rules and were not shown out."""
    shown_out = competition.exclusions.values("user")
    joined = competition.acceptances.filter(user__is_active=True).exclude(user__in=shown_out)
    return list(joined.order_by("user_id").values_list("user_id", flat=True).distinct())


def hosts_of(competition: Competition, *, but: User | None = None) -> list[int]:
    """The host, the co-hosts and the judges, save for one who knows already."""
    people = [
        competition.host_id,
        *competition.cohosts.filter(is_active=True).values_list("pk", flat=True),
        *competition.judges.filter(is_active=True).values_list("pk", flat=True),
    ]
    return [pk for pk in dict.fromkeys(people) if but is None or pk != but.pk]
