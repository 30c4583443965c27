"""Every write to teams."""

from agon.teams.services.hosting import rename_by_host, take_out_by_host
from agon.teams.services.inviting import (
    decline,
    invite,
    invite_address,
    renew_link,
    switch_link_off,
    withdraw,
)
from agon.teams.services.making import ensure_baseline, ensure_team
from agon.teams.services.membership import (
    hand_over,
    join,
    join_by_link,
    leave,
    remove_member,
)
from agon.teams.services.naming import create_team, rename

__all__ = [
    "create_team",
    "decline",
    "ensure_baseline",
    "ensure_team",
    "hand_over",
    "invite",
    "invite_address",
    "join",
    "join_by_link",
    "leave",
    "remove_member",
    "rename",
    "rename_by_host",
    "renew_link",
    "switch_link_off",
    "take_out_by_host",
    "withdraw",
]
