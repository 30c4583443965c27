"""Competitions on their way in, out or into a copy: what was asked for, and how far it is."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agon.competitions.models import Competition

LEASE = timedelta(minutes=5)
KEPT = timedelta(days=7)
"""For how long an archive may be downloaded."""


class TransferQuerySet(models.QuerySet["Transfer"]):
    def claimable(self) -> TransferQuerySet:
        """What waits, and what is said to run by a process that has fallen silent."""
        silent = models.Q(state=Transfer.State.RUNNING, heartbeat_at__lt=timezone.now() - LEASE)
        return self.filter(models.Q(state=Transfer.State.WAITING) | silent)


class Transfer(models.Model):
    """One export, import or clone, done by the preparation worker.

    Attributes:
        competition: What is exported or cloned.
        made: What an import or a clone has made.
        options: What was asked for, as the service that asks writes it.
        file: The archive: what was brought, or what was made.
        notes: What the asker should know of the outcome, in sentences.
    """

    class Kind(models.TextChoices):
        EXPORT = "export", _("Export")
        IMPORT = "import", _("Import")
        CLONE = "clone", _("Clone")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="transfers")
    competition = models.ForeignKey(
        Competition, models.CASCADE, null=True, related_name="transfers"
    )
    made = models.ForeignKey(Competition, models.SET_NULL, null=True, related_name="+")
    options = models.JSONField(default=dict)
    file = models.FileField(upload_to="bundles/%Y/", blank=True, max_length=200)
    file_name = models.CharField(_("file"), max_length=200, blank=True)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    step = models.CharField(max_length=200, blank=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    reasons = models.JSONField(_("reasons"), default=list)
    notes = models.JSONField(default=list)
    token = models.CharField(max_length=40, blank=True)
    runs = models.PositiveSmallIntegerField(default=0)
    requested_at = models.DateTimeField(_("asked for"), default=timezone.now)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("ended"), null=True)

    objects = TransferQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-id"]
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("bundles:transfer", args=[self.pk])

    @property
    def is_under_way(self) -> bool:
        return self.state in {self.State.WAITING, self.State.RUNNING}

    @property
    def percent(self) -> int | None:
        return None if not self.total else min(100 * self.done // self.total, 100)

    @property
    def badge(self) -> str:
        """The look of its state's badge."""
        return {"waiting": "queued", "done": "success"}.get(self.state, self.state)

    @property
    def kept_until(self) -> object:
        return None if self.finished_at is None else self.finished_at + KEPT
