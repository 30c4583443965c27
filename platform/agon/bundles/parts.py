"""What one may choose to have in an archive."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _


class Part(models.TextChoices):
    SETTINGS = "settings", _("Pages, data, solution, pictures and settings")
    PEOPLE = "people", _("People: who takes part, invitations, announcements and the log")
    TEAMS = "teams", _("Teams")
    SUBMISSIONS = "submissions", _("Submissions with their files")
    SCORES = "scores", _("Scores and their history")
    NOTEBOOKS = "notebooks", _("Notebooks")


NEEDS: dict[Part, tuple[Part, ...]] = {
    Part.TEAMS: (Part.PEOPLE,),
    Part.SUBMISSIONS: (Part.TEAMS,),
    Part.SCORES: (Part.SUBMISSIONS,),
}
"""What has no meaning without another."""


def with_needed(parts: Iterable[str]) -> frozenset[Part]:
    """The parts with all that they need; the settings always."""
    found = {Part.SETTINGS}
    waiting = [Part(part) for part in parts]
    while waiting:
        part = waiting.pop()
        found.add(part)
        waiting += [one for one in NEEDS.get(part, ()) if one not in found]
    return frozenset(found)
