"""What people are told: in their inbox, and by e-mail if they want it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What it is about; people switch e-mail on and off by these."""

    SCORED = "scored", _("A submission was scored")
    REJECTED = "rejected", _("A submission was rejected")
    FAILED = "failed", _("A submission failed")
    BROKEN = "broken", _("A competition that you host cannot be scored")
    TEAM_INVITATION = "team_invitation", _("Invitations to teams")
    TEAM_CHANGED = "team_changed", _("Changes in your team")
    MEMBERSHIP = "membership", _("Your access to a competition")
    JOIN_REQUEST = "join_request", _("Requests to join a competition that you host")
    ANNOUNCEMENT = "announcement", _("Announcements")
    DATES = "dates", _("Dates that were moved")
    DEADLINE = "deadline", _("Deadlines")
    RESCORED = "rescored", _("Scores that have changed")
    DISQUALIFICATION = "disqualification", _("Disqualifications")
    INTEGRITY = "integrity", _("Questions of the hosts to you")
    RESULTS = "results", _("Results")


class MailState(models.TextChoices):
    """How far a notification's letter is."""

    NEW = "new", _("Not looked at yet")
    WAITING = "waiting", _("Waiting for its time")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    UNWANTED = "unwanted", _("Not wanted")
    LOST = "lost", _("Given up")


class Notification(models.Model):
    """One thing that one person is told.

    Attributes:
        values: What the sentence of its kind is filled with; the sentence itself is made when it is
            read, in the reader's language.
        path: The page that it leads to.
        key: Makes telling twice impossible: a person gets one of each kind and key. Empty: no limit.
        mail_due_at: When its letter is due next; while it is being sent, since when.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications"
    )
    kind = models.CharField(_("about"), max_length=20, choices=Kind)
    competition = models.ForeignKey(
        "competitions.Competition", models.CASCADE, null=True, related_name="+"
    )
    values = models.JSONField(default=dict)
    path = models.CharField(max_length=300, blank=True)
    key = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(_("when"), default=timezone.now)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    mail_state = models.CharField(
        _("e-mail"), max_length=10, choices=MailState, default=MailState.NEW
    )
    mail_due_at = models.DateTimeField(default=timezone.now)
    mail_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "kind", "key"],
                condition=~Q(key=""),
                name="told_once_a_kind_and_key",
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "-created_at", "-id"], name="notification_newest"),
            models.Index(
                fields=["recipient"], condition=Q(read_at=None), name="notification_unread"
            ),
            models.Index(fields=["mail_state", "mail_due_at"], name="notification_mail_due"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.recipient}"
