"""Every write to competitions."""

from agon.competitions.services.actions import record_action
from agon.competitions.services.joining import accept_rules
from agon.competitions.services.loading import declare_competition, load_competition
from agon.competitions.services.preparing import announce_folders, request_preparation

__all__ = [
    "accept_rules",
    "announce_folders",
    "declare_competition",
    "load_competition",
    "record_action",
    "request_preparation",
]
