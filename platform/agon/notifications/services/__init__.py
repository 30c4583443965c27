"""Every write to notifications, and to what hosts' own systems are told."""

from agon.notifications.services.emitting import emit
from agon.notifications.services.telling import notify

__all__ = ["emit", "notify"]
