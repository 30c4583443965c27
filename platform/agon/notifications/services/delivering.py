"""Delivering messages to webhooks: tried again with growing pauses, and logged try by try."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Min
from django.utils import timezone

from agon.notifications.models import (
    Delivery,
    DeliveryState,
    DeliveryTry,
    Event,
    Webhook,
)
from agon.notifications.posting import Outcome, post
from agon.notifications.services.emitting import delivery_of

PAUSES = [
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
]
"""How long to wait after each try; after the one that follows the last, it is given up."""

CLAIM = timedelta(minutes=1)
AT_ONCE = 8
KEPT = timedelta(days=30)
GONE = 410


def deliver_due() -> int:
    """Send what is due, some at a time and side by side; gives how many were tried."""
    claimed = _claim(timezone.now())
    if not claimed:
        return 0
    # The threads talk to the network only; the database is this thread's alone.
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        outcomes = list(pool.map(_post, claimed))
    for delivery, outcome in zip(claimed, outcomes, strict=True):
        _record(delivery, outcome)
    return len(claimed)


def _claim(now: datetime) -> list[Delivery]:
    """Due ones, ours alone for a while, of as many webhooks as there are: none shuts out another.

    Those of a sender that died are due again.
    """
    due = Delivery.objects.filter(
        state__in=[DeliveryState.WAITING, DeliveryState.SENDING],
        due_at__lte=now,
        webhook__is_active=True,
    )
    hooks = due.order_by().values("webhook").annotate(first=Min("due_at")).order_by("first")
    hook_ids = [hook["webhook"] for hook in hooks[:AT_ONCE]]
    claimed: list[Delivery] = []
    for hook_id in hook_ids:
        oldest = due.filter(webhook=hook_id).select_related("webhook").order_by("due_at", "pk")
        share = max(1, AT_ONCE // len(hook_ids))
        claimed += [one for one in oldest[:share] if _take(one, now)]
    return claimed


def _take(delivery: Delivery, now: datetime) -> bool:
    """False when another sender has it."""
    taken = Delivery.objects.filter(
        pk=delivery.pk, state=delivery.state, due_at=delivery.due_at
    ).update(state=DeliveryState.SENDING, due_at=now + CLAIM, tried=F("tried") + 1)
    delivery.tried += 1
    return bool(taken)


def _post(delivery: Delivery) -> Outcome:
    hook = delivery.webhook
    return post(url=hook.url, secret=hook.secret, token=str(delivery.token), body=delivery.body)


@transaction.atomic
def _record(delivery: Delivery, outcome: Outcome) -> None:
    now = timezone.now()
    mine = Delivery.objects.filter(
        pk=delivery.pk, state=DeliveryState.SENDING, tried=delivery.tried
    )
    if not mine.exists():  # the webhook was deleted meanwhile, or another sender took over
        return
    DeliveryTry.objects.create(
        delivery=delivery,
        at=now,
        status=outcome.status,
        fault=outcome.fault,
        answer=outcome.answer,
        seconds=outcome.seconds,
    )
    if outcome.arrived:
        mine.update(state=DeliveryState.DELIVERED, ended_at=now)
    elif outcome.status == GONE:
        mine.update(state=DeliveryState.FAILED, ended_at=now)
        Webhook.objects.filter(pk=delivery.webhook_id).update(is_active=False)
    elif delivery.tried > len(PAUSES) or delivery.event == Event.TEST:
        mine.update(state=DeliveryState.FAILED, ended_at=now)
    else:
        pause = PAUSES[delivery.tried - 1]
        mine.update(state=DeliveryState.WAITING, due_at=now + pause)
        _hold_others(delivery, now)


def _hold_others(delivery: Delivery, now: datetime) -> None:
    """What else waits for a receiver that does not answer would only take the room of others."""
    soon = now + PAUSES[0]
    Delivery.objects.filter(
        webhook=delivery.webhook_id, state=DeliveryState.WAITING, due_at__lt=soon
    ).update(due_at=soon)


def send_test(*, webhook: Webhook) -> Delivery:
    """A message that tells nothing, so that a host sees whether it arrives. Tried once."""
    delivery = delivery_of(webhook, Event.TEST, {"message": "It works."})
    delivery.save()
    return delivery


def send_again(*, delivery: Delivery) -> bool:
    """Try it again now, with all its pauses before it; False while it is being sent."""
    return bool(
        Delivery.objects.filter(pk=delivery.pk)
        .exclude(state=DeliveryState.SENDING)
        .update(state=DeliveryState.WAITING, due_at=timezone.now(), ended_at=None, tried=0)
    )


def forget_old_deliveries() -> int:
    """Drop what ended long ago."""
    ended = Delivery.objects.filter(ended_at__lt=timezone.now() - KEPT)
    dropped, _by_model = ended.delete()
    return dropped
