"""A competition, its phases, pages and files, who accepted its rules, and how its data is made."""

from agon.competitions.models.competition import (
    Competition,
    CompetitionQuerySet,
    RulesAcceptance,
    Status,
    Viewer,
    Visibility,
)
from agon.competitions.models.files import (
    DataFile,
    InputsFile,
    MetricFile,
    Page,
    Picture,
    Solution,
)
from agon.competitions.models.phase import Phase, PhaseMetric, random_seed
from agon.competitions.models.preparation import Preparation

__all__ = [
    "Competition",
    "CompetitionQuerySet",
    "DataFile",
    "InputsFile",
    "MetricFile",
    "Page",
    "Phase",
    "PhaseMetric",
    "Picture",
    "Preparation",
    "RulesAcceptance",
    "Solution",
    "Status",
    "Viewer",
    "Visibility",
    "random_seed",
]
