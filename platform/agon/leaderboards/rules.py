"""Who may see which board."""

from __future__ import annotations

from agon.competitions.models import Phase
from agon.competitions.rules import Reader, can_oversee
from scoring.contract import Split


def visible_splits(user: Reader, phase: Phase) -> list[Split]:
    """The one place that decides: the private board opens with the results, to hosts before it."""
    if phase.shows_results or can_oversee(user, phase.competition):
        return [Split.PUBLIC, Split.PRIVATE]
    return [Split.PUBLIC]
