"""What people are told and how, and what other systems of hosts are told."""

from agon.notifications.models.letters import Preference, Timing
from agon.notifications.models.notification import Kind, MailState, Notification
from agon.notifications.models.webhooks import (
    Delivery,
    DeliveryState,
    DeliveryTry,
    Event,
    Webhook,
)

__all__ = [
    "Delivery",
    "DeliveryState",
    "DeliveryTry",
    "Event",
    "Kind",
    "MailState",
    "Notification",
    "Preference",
    "Timing",
    "Webhook",
]
