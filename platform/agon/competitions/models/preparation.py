"""How far the data of a competition's folder is made, and what keeps it from being made."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agon.competitions.models.competition import Competition

PATIENCE = timedelta(minutes=1)
"""How long a preparation waits while nothing else runs before its page asks after the worker."""


class PreparationQuerySet(models.QuerySet["Preparation"]):
    def alive(self) -> PreparationQuerySet:
        """Those that run, and whose process has lately given a sign of life."""
        since = timezone.now() - timedelta(seconds=settings.PREPARATION_LEASE_SECONDS)
        return self.filter(state=Preparation.State.RUNNING, heartbeat_at__gte=since)

    def dead(self) -> PreparationQuerySet:
        """Those that are said to run, but whose process has fallen silent."""
        return self.filter(state=Preparation.State.RUNNING).exclude(
            pk__in=self.model.objects.alive()
        )


class Preparation(models.Model):
    """The making of a competition's data from its folder, by one process at a time.

    `prepared_at` says when the site's data was last brought up to date: until then the competition
    is not yet prepared. A later run that waits, runs or fails leaves the data as it was.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        FAILED = "failed", _("Failed")
        READY = "ready", _("Ready")

    class Cause(models.TextChoices):
        """Whose business a failure is."""

        NONE = "", _("None")
        NETWORK = "network", _("No network")
        SCRIPT = "script", _("The folder's prepare.py")
        FOLDER = "folder", _("The competition's folder")
        PLATFORM = "platform", _("The platform")

    competition = models.OneToOneField(Competition, models.CASCADE, related_name="preparation")
    folder = models.CharField(_("folder"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    step = models.CharField(_("step"), max_length=200, blank=True)
    done = models.PositiveBigIntegerField(_("done"), default=0)
    total = models.PositiveBigIntegerField(_("of"), null=True, blank=True)
    cause = models.CharField(_("cause"), max_length=10, choices=Cause, blank=True, default="")
    reason = models.TextField(_("reason"), blank=True)
    runs = models.PositiveSmallIntegerField(_("runs since it was asked for"), default=0)
    token = models.CharField(max_length=40, blank=True)
    files = models.JSONField(_("files to come"), default=list, blank=True)
    known = models.JSONField(_("what was read last"), default=dict, blank=True)
    requested_at = models.DateTimeField(_("asked for"), default=timezone.now)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    finished_at = models.DateTimeField(_("ended"), null=True, blank=True)
    prepared_at = models.DateTimeField(_("prepared"), null=True, blank=True)

    objects = PreparationQuerySet.as_manager()

    class Meta:
        ordering = ["requested_at", "id"]
        verbose_name = _("preparation")
        verbose_name_plural = _("preparations")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="running") | ~Q(token=""),
                name="a_running_preparation_has_a_token",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.competition}: {self.get_state_display()}"

    @property
    def is_prepared(self) -> bool:
        return self.prepared_at is not None

    @property
    def is_under_way(self) -> bool:
        return self.state in {self.State.WAITING, self.State.RUNNING}

    @property
    def has_failed(self) -> bool:
        return self.state == self.State.FAILED

    @property
    def percent(self) -> int | None:
        """Of the present step; None while nobody knows how much there is to do."""
        return None if not self.total else min(100 * self.done // self.total, 100)

    @property
    def badge(self) -> str:
        """The look of its state's badge."""
        return {"waiting": "queued", "ready": "success"}.get(self.state, self.state)

    @property
    def version(self) -> str:
        """Changes with whatever a page shows of it."""
        shown = (
            self.pk,
            self.state,
            self.step,
            self.percent,
            self.cause,
            self.reason,
            self.is_overdue,
        )
        return "|".join(str(part) for part in (*shown, self.prepared_at))

    @property
    def is_overdue(self) -> bool:
        """It has waited for so long that its worker may not be running."""
        waits = self.state == self.State.WAITING
        return waits and self.requested_at < timezone.now() - PATIENCE
