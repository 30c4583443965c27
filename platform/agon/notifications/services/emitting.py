"""Telling hosts' own systems."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from agon.notifications.models import Delivery, Event, Webhook


def emit(*, competition_id: int, event: Event | str, document: Mapping[str, Any]) -> None:
    """Tell the webhooks of a competition that something happened; part of the same transaction.

    Args:
        competition_id: The competition that it happened in.
        event: What happened, such as `Event.TEAM_JOINED` or `"team.joined"`.
        document: What the receiver is told of it, as JSON: numbers, names, addresses, times. Hosts
            read it, so it may hold what hosts may see and nothing of other competitions.
    """
    event = Event(event)
    hooks = Webhook.objects.filter(competition=competition_id, is_active=True)
    Delivery.objects.bulk_create(
        delivery_of(hook, event, document) for hook in hooks if event.value in hook.events
    )


def delivery_of(hook: Webhook, event: Event, document: Mapping[str, Any]) -> Delivery:
    """The message to one webhook, not saved yet."""
    delivery = Delivery(webhook=hook, event=event)
    content = {
        "id": str(delivery.token),
        "event": event.value,
        "at": timezone.now(),
        "data": dict(document),
    }
    delivery.body = json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False)
    return delivery
