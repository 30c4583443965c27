"""A competition, its phases, pages and files, and who accepted its rules."""

from agon.competitions.models.competition import (
    Competition,
    CompetitionQuerySet,
    RulesAcceptance,
    Status,
    Viewer,
    Visibility,
)
from agon.competitions.models.files import DataFile, InputsFile, MetricFile, Page, Solution
from agon.competitions.models.phase import Phase, PhaseMetric, random_seed

__all__ = [
    "Competition",
    "CompetitionQuerySet",
    "DataFile",
    "InputsFile",
    "MetricFile",
    "Page",
    "Phase",
    "PhaseMetric",
    "RulesAcceptance",
    "Solution",
    "Status",
    "Viewer",
    "Visibility",
    "random_seed",
]
