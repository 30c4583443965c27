"""Webhooks: where a host's own systems are told, and what became of it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

FAULTS = {
    "not_https": _("The address does not begin with https://."),
    "name": _("The name of the host is not known."),
    "private": _("The address leads into a private network, which the site does not reach into."),
    "timeout": _("No answer within ten seconds."),
    "certificate": _("The certificate of the host is not valid."),
    "connection": _("The connection was refused or broke."),
}
"""Why a message did not get an answer."""


class Event(models.TextChoices):
    """What other systems can be told of."""

    SUBMISSION_SCORED = "submission.scored", _("A submission was scored")
    SUBMISSION_FAILED = "submission.failed", _("A submission was rejected or failed")
    TEAM_JOINED = "team.joined", _("Somebody joined a team")
    ANNOUNCEMENT = "announcement", _("An announcement was made")
    RESULTS_PUBLISHED = "results.published", _("The results were published")
    TEST = "test", _("A test")


class Webhook(models.Model):
    """An address of a host's own that is told of events.

    Attributes:
        secret: What each message is signed with; shown to the host once, when it is made.
    """

    competition = models.ForeignKey(
        "competitions.Competition", models.CASCADE, related_name="webhooks"
    )
    url = models.URLField(_("address"), max_length=500)
    secret = models.CharField(max_length=100)
    events = models.JSONField(_("events"), default=list)
    is_active = models.BooleanField(_("switched on"), default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["competition", "url"], name="one_webhook_an_address_and_competition"
            ),
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def event_labels(self) -> list[str]:
        return [str(event.label) for event in Event if event.value in self.events]

    @property
    def last_state_label(self) -> str:
        """What became of the newest message, where a query fetched that along."""
        state = getattr(self, "last_state", None)
        return str(DeliveryState(state).label) if state else ""


class DeliveryState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Being sent")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Given up")


class Delivery(models.Model):
    """One message to one webhook, from the event to its arrival or to the last try.

    Attributes:
        token: What the receiver knows it by: the same in each try, so doubles can be told.
        body: What is sent, byte for byte the same in each try.
        due_at: When the next try is due; while it is being sent, when the sender counts as dead.
    """

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    event = models.CharField(_("event"), max_length=40, choices=Event)
    body = models.TextField()
    state = models.CharField(
        _("state"), max_length=10, choices=DeliveryState, default=DeliveryState.WAITING
    )
    tried = models.PositiveSmallIntegerField(_("tries"), default=0)
    due_at = models.DateTimeField(_("next try"), default=timezone.now)
    created_at = models.DateTimeField(_("when"), default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["state", "due_at"], name="delivery_due"),
            models.Index(fields=["webhook", "-created_at", "-id"], name="delivery_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.event} · {self.webhook}"


class DeliveryTry(models.Model):
    """What one try came to.

    Attributes:
        status: The answer's status; None where there was no answer.
        fault: Why there was none, as a key of `FAULTS`; empty where there was one.
        answer: How the answer begins.
    """

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="tries")
    at = models.DateTimeField(_("when"), default=timezone.now)
    status = models.PositiveSmallIntegerField(_("answer"), null=True)
    fault = models.CharField(max_length=40, blank=True)
    answer = models.CharField(max_length=500, blank=True)
    seconds = models.FloatField(_("seconds"), default=0.0)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.delivery} · {self.status or self.fault}"

    @property
    def fault_text(self) -> str:
        """Why there was no answer, in words."""
        return str(FAULTS.get(self.fault, self.fault))
