"""The attempts at scoring a submission, and the workers that make them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from agon.competitions.models import InputsFile, Solution
from agon.submissions.models.submission import Submission
from scoring.contract import Abilities, Capability, Stage


class Attempt(models.Model):
    """One try at scoring a submission. Whoever knows the token is the attempt; nobody else.

    `basis` is the published rescore whose solution and metrics it uses, where there is one; a result
    by older ones counts no more.

    An attempt is sent (its message is in the broker, or was lost), then running (a worker has
    it: from its first heartbeat on, the lease ticks), then ended. A submission has at most one
    attempt that has not ended; what an ended one still says has no effect.
    """

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    token = models.CharField(max_length=64, unique=True)
    solution = models.ForeignKey(Solution, models.PROTECT, related_name="+")
    basis = models.ForeignKey("Rescore", models.SET_NULL, null=True, related_name="+")
    inputs = models.ForeignKey(InputsFile, models.PROTECT, null=True, related_name="+")
    capability = models.CharField(max_length=10, choices=[(c.value, c.value) for c in Capability])
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    rings = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    lease_expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    stage = models.CharField(max_length=12, blank=True, choices=[(s.value, s.value) for s in Stage])
    progress = models.FloatField(null=True)
    worker = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=12, blank=True)
    seconds = models.JSONField(default=dict)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "number"], name="attempt_number_is_unique"
            ),
            models.UniqueConstraint(
                fields=["submission"],
                condition=Q(ended_at__isnull=True),
                name="one_live_attempt_a_submission",
            ),
        ]
        indexes = [
            models.Index(
                fields=["lease_expires_at"], condition=Q(ended_at__isnull=True), name="attempt_live"
            ),
            models.Index(fields=["-ended_at"], name="attempt_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.submission} · attempt {self.number}"


class Worker(models.Model):
    """A scoring worker that has said that it is there."""

    name = models.CharField(max_length=200, unique=True)
    capability = models.CharField(max_length=10, choices=[(c.value, c.value) for c in Capability])
    abilities = models.JSONField(default=dict)
    first_seen_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def can_do(self) -> Abilities:
        """What it said that it can do."""
        return Abilities.model_validate(self.abilities)
