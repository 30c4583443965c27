"""Scoring a phase's submissions anew, beside what stands, until a host publishes it or throws it away."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from agon.competitions.models import Phase, Solution
from agon.competitions.models.files import HiddenFile
from agon.submissions.models.submission import Submission
from scoring.contract import MetricSpec, Owner


class Rescore(models.Model):
    """A batch that scores submissions anew; at most one of a phase is open at a time.

    Attributes:
        whole: It is about every submission of the phase, those that come meanwhile included.
        changes: It brings a solution or metrics of its own, which become the phase's when it is
            published.
        metrics: The phase's metrics from then on; None where they stay.
        own_metrics: The same for what describes metrics of the host's own.
        command: The command of the scoring program that it brings; empty where it brings none.
        solution: What it scores by, where it brings no solution; once published, what it brought.
        problems: Why it stopped by itself.
        ready_at: When everything that was there at its start had been scored.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        STOPPED = "stopped", _("Stopped")
        READY = "ready", _("Ready to publish")
        PUBLISHED = "published", _("Published")
        DISCARDED = "discarded", _("Thrown away")

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="rescores")
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=500)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RUNNING)
    whole = models.BooleanField(default=True)
    changes = models.BooleanField(default=False)
    metrics = models.JSONField(null=True)
    own_metrics = models.JSONField(null=True)
    command = models.CharField(max_length=1000, blank=True)
    solution = models.ForeignKey(Solution, models.PROTECT, related_name="+")
    problems = models.JSONField(default=list)
    summary = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("started"), default=timezone.now)
    ready_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("rescoring")
        verbose_name_plural = _("rescorings")
        constraints = [
            models.UniqueConstraint(
                fields=["phase"],
                condition=Q(state__in=["running", "stopped", "ready"]),
                name="one_open_rescore_a_phase",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.phase} · {self.reason}"

    def get_absolute_url(self) -> str:
        return reverse("submissions:rescore", args=[self.phase.competition.slug, self.pk])

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @cached_property
    def phase_afterwards(self) -> Phase:
        """The phase as it would be once this is published; never saved."""
        phase = Phase.objects.select_related("competition").get(pk=self.phase_id)
        if self.metrics is not None:
            phase.metrics = self.metrics
        if self.own_metrics is not None:
            phase.own_metrics = self.own_metrics
        return phase

    @property
    def ranking(self) -> MetricSpec:
        return self.phase_afterwards.metric_specs[0]


PROGRAM = "$program"
"""What a scoring program's file has in place of a metric's name; no metric can be called so."""

OPEN_STATES = (Rescore.State.RUNNING, Rescore.State.STOPPED, Rescore.State.READY)


class RescoreFile(HiddenFile):
    """What a rescore brings along: a solution (`metric` is empty), a metric's file, or a program."""

    rescore = models.ForeignKey(Rescore, models.CASCADE, related_name="files")
    metric = models.CharField(max_length=40, blank=True)
    file = models.FileField(upload_to="rescores/%Y/")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rescore", "metric"], name="one_file_a_rescore_metric"),
        ]

    def __str__(self) -> str:
        return f"{self.rescore} · {self.metric or self.name}"


class RescoreItem(models.Model):
    """One submission in a rescore. Whoever knows the token is its present try; nobody else.

    What is called old is what the submission was when the rescore was published.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("In the queue")
        RUNNING = "running", _("Running")
        SCORED = "scored", _("Scored")
        REJECTED = "rejected", _("Rejected")
        FAILED = "failed", _("Failed")

    rescore = models.ForeignKey(Rescore, models.CASCADE, related_name="items")
    submission = models.ForeignKey(Submission, models.CASCADE, related_name="rescores")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    token = models.CharField(max_length=64, blank=True)
    queued_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    rings = models.PositiveSmallIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True)
    worker = models.CharField(max_length=200, blank=True)
    finished_at = models.DateTimeField(null=True)
    owner = models.CharField(max_length=12, blank=True, choices=[(o.value, o.value) for o in Owner])
    problems = models.JSONField(default=list)
    public_score = models.FloatField(null=True)
    private_score = models.FloatField(null=True)
    public_key = models.FloatField(null=True)
    old_state = models.CharField(max_length=10, blank=True)
    old_public_score = models.FloatField(null=True)
    old_private_score = models.FloatField(null=True)
    old_problems = models.JSONField(default=list)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rescore", "submission"], name="a_submission_once_a_rescore"
            ),
        ]
        indexes = [
            models.Index(fields=["rescore", "state", "id"], name="rescore_item_state"),
            models.Index(fields=["token"], condition=~Q(token=""), name="rescore_item_token"),
            models.Index(
                fields=["state", "lease_expires_at"],
                condition=Q(state__in=["sent", "running"]),
                name="rescore_item_in_flight",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rescore} · {self.submission}"


IN_FLIGHT = (RescoreItem.State.SENT, RescoreItem.State.RUNNING)
UNFINISHED_ITEMS = (RescoreItem.State.WAITING, *IN_FLIGHT)
