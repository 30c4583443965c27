"""A competition in the making: what its host has answered, the files, and runs of the last check."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agon.competitions.models import Competition

LEASE = timedelta(minutes=5)


class Draft(models.Model):
    """What a host has answered so far, step by step; nobody else sees it.

    `answers` holds the cleaned answers of each step under the step's name.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    answers = models.JSONField(_("answers"), default=dict)
    seed = models.PositiveIntegerField(default=0, editable=False)
    competition = models.OneToOneField(
        Competition, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("begun"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-updated_at", "-id"]
        verbose_name = _("draft of a competition")
        verbose_name_plural = _("drafts of competitions")

    def __str__(self) -> str:
        title = self.step("basics").get("title")
        return str(title or _("A competition without a title yet"))

    def step(self, name: str) -> dict[str, Any]:
        found = self.answers.get(name)
        return found if isinstance(found, dict) else {}

    @property
    def fingerprint(self) -> str:
        """What the answers and files are, so that a check of others is known to be out of date."""
        files = [
            (file.role, file.name, file.sha256)
            for file in self.files.filter(completed_at__isnull=False).order_by("pk")
        ]
        told = json.dumps([self.answers, files], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()


class DraftFile(models.Model):
    """A file of a draft. One that comes in pieces has as much as `received` says.

    Attributes:
        wanted_sha256: What the sender says that the whole will be; empty where they can't tell.
        about: What a look at it has found, for a solution.
    """

    class Role(models.TextChoices):
        SOLUTION = "solution", _("Solution")
        SAMPLE = "sample", _("Sample submission")
        DATA = "data", _("Data for participants")
        METRIC = "metric", _("Metric of your own")

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="files")
    role = models.CharField(max_length=10, choices=Role)
    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("description"), max_length=400, blank=True)
    file = models.FileField(upload_to="drafts/%Y/", max_length=200, blank=True)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    received = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    wanted_sha256 = models.CharField(max_length=64, blank=True)
    about = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    touched_at = models.DateTimeField(default=timezone.now, editable=False)
    completed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["role", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "role"],
                condition=~Q(role="data") & Q(completed_at__isnull=False),
                name="one_file_a_role_but_data",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Piece(models.Model):
    """A stretch of a file that comes in pieces, kept as an object of the storage."""

    of = models.ForeignKey(DraftFile, models.CASCADE, related_name="pieces")
    offset = models.PositiveBigIntegerField()
    size = models.PositiveIntegerField()
    file = models.FileField(upload_to="drafts/pieces/", max_length=200)

    class Meta:
        ordering = ["offset"]
        constraints = [
            models.UniqueConstraint(fields=["of", "offset"], name="one_piece_a_place"),
        ]

    def __str__(self) -> str:
        return f"{self.of} +{self.offset}"


class RunQuerySet(models.QuerySet["Run"]):
    def claimable(self) -> RunQuerySet:
        """What waits, and what is said to run by a process that has fallen silent."""
        silent = Q(state=Run.State.RUNNING, heartbeat_at__lt=timezone.now() - LEASE)
        return self.filter(Q(state=Run.State.WAITING) | silent)


class Run(models.Model):
    """The last check of a draft, or its publication, done by the preparation worker.

    Attributes:
        fingerprint: Of what the draft was when it was asked for.
        report: What it found, as `scoring.trials` says it; for a publication, the sentences of a refusal.
    """

    class Kind(models.TextChoices):
        CHECK = "check", _("Check")
        PUBLISH = "publish", _("Publication")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        PASSED = "passed", _("Passed")
        FAILED = "failed", _("Failed")

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="runs")
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    fingerprint = models.CharField(max_length=64)
    report = models.JSONField(default=dict)
    token = models.CharField(max_length=64, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["draft"],
                condition=Q(state__in=["waiting", "running"]),
                name="one_run_of_a_draft_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draft} · {self.kind}"

    @property
    def is_under_way(self) -> bool:
        return self.state in {Run.State.WAITING, Run.State.RUNNING}


def new_token() -> str:
    return secrets.token_urlsafe(24)
