"""A competition, its phases, pages and files, who accepted its rules, and how its data is made."""

from agon.competitions.models.access import (
    Admission,
    EmailDomain,
    Exclusion,
    Invitation,
    InvitationLink,
    JoinRequest,
)
from agon.competitions.models.actions import HostAction, Verb
from agon.competitions.models.competition import (
    Competition,
    CompetitionQuerySet,
    Joining,
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
    ScoringProgram,
    Solution,
)
from agon.competitions.models.phase import Phase, PhaseMetric, random_seed
from agon.competitions.models.preparation import Preparation
from agon.competitions.models.texts import Announcement, AnnouncementQuerySet, PageVersion

__all__ = [
    "Admission",
    "Announcement",
    "AnnouncementQuerySet",
    "Competition",
    "CompetitionQuerySet",
    "DataFile",
    "EmailDomain",
    "Exclusion",
    "HostAction",
    "InputsFile",
    "Invitation",
    "InvitationLink",
    "JoinRequest",
    "Joining",
    "MetricFile",
    "Page",
    "PageVersion",
    "Phase",
    "PhaseMetric",
    "Picture",
    "Preparation",
    "RulesAcceptance",
    "ScoringProgram",
    "Solution",
    "Status",
    "Verb",
    "Viewer",
    "Visibility",
    "random_seed",
]
