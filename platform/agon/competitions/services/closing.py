"""How a competition closes, as its folder says it: who may enter until when, and what counts at the end.

What a folder does not say of it, the host may have set on the site, and it stays.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from agon.competitions.errors import CompetitionRefused
from agon.competitions.models import Competition, Phase
from scoring.definition import CompetitionDefinition, PhaseDefinition


def set_close(competition: Competition, definition: CompetitionDefinition) -> None:
    """Set entry, teams and what is given at the end; the caller saves."""
    competition.entry_deadline = definition.entry_until or competition.entry_deadline
    competition.merge_deadline = definition.teams.merge_until or competition.merge_deadline
    if "size" in definition.teams.model_fields_set:
        competition.team_size = definition.teams.size
    if "medals" in definition.results.model_fields_set:
        competition.gives_medals = definition.results.medals
    if "certificates" in definition.results.model_fields_set:
        competition.gives_certificates = definition.results.certificates


def set_close_of_phase(phase: Phase, definition: PhaseDefinition) -> None:
    """Set final and late submissions, and when results show; the caller saves."""
    said = definition.model_fields_set
    if "final_submissions" in said and definition.final_submissions != phase.final_count:
        if not may_change_finals(phase):
            raise CompetitionRefused(finals_are_fixed(phase))
        phase.final_count = definition.final_submissions
    if "late" in said:
        phase.takes_late = definition.late
    if "results" in said:
        phase.results_at_once = definition.results == "at_once"


def may_change_finals(phase: Phase) -> bool:
    """Teams choose by their number and the private board follows from it, so it holds from the start."""
    return phase.pk is None or not phase.submissions.exists()


def finals_are_fixed(phase: Phase) -> str:
    return _(
        "The number of final submissions of “%(phase)s” cannot change any more: teams have submitted by it."
    ) % {"phase": phase.name}
