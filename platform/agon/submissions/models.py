"""Submissions, the attempts at scoring them, and their scores."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agon.competitions.models import InputsFile, Phase, Solution
from agon.teams.models import Team
from scoring.contract import (
    Abilities,
    Capability,
    ModelFormat,
    Owner,
    Split,
    Stage,
    SubmissionKind,
)


class State(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    SCORED = "scored", _("Scored")
    REJECTED = "rejected", _("Rejected")
    FAILED = "failed", _("Failed")
    CANCELED = "canceled", _("Canceled")


UNFINISHED = (State.QUEUED, State.RUNNING)


class Kind(models.TextChoices):
    """`scoring.contract.SubmissionKind` for people."""

    PREDICTIONS = SubmissionKind.PREDICTIONS.value, _("Predictions")
    MODEL = SubmissionKind.MODEL.value, _("Model")
    CODE = SubmissionKind.CODE.value, _("Program")


class Format(models.TextChoices):
    """`scoring.contract.ModelFormat` for people."""

    ONNX = ModelFormat.ONNX.value, "ONNX"
    TORCHSCRIPT = ModelFormat.TORCHSCRIPT.value, "TorchScript"
    TORCH_EXPORT = ModelFormat.TORCH_EXPORT.value, "torch.export"
    SAFETENSORS = ModelFormat.SAFETENSORS.value, "safetensors"
    SKOPS = ModelFormat.SKOPS.value, "skops (scikit-learn)"


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def unfinished(self) -> SubmissionQuerySet:
        return self.filter(state__in=UNFINISHED)

    def scored(self) -> SubmissionQuerySet:
        return self.filter(state=State.SCORED)

    def for_workers(self, capability: Capability) -> SubmissionQuerySet:
        """Those that workers of a kind take: `Submission.capability` in the database's terms."""
        runs = ~Q(kind=SubmissionKind.PREDICTIONS.value)
        on_gpu = Q(phase__capability=Capability.GPU.value) & runs
        return self.filter(on_gpu if capability is Capability.GPU else ~on_gpu)

    def counted(self) -> SubmissionQuerySet:
        """Those that use up quota."""
        return self.filter(counted=True)


class Submission(models.Model):
    """A file that a team wants scored, from its acceptance to its end."""

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="submissions")
    team = models.ForeignKey(Team, models.CASCADE, related_name="submissions")
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="submissions"
    )
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.PREDICTIONS)
    format = models.CharField(_("format"), max_length=16, choices=Format, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    file = models.FileField(upload_to="submissions/%Y/%m/%d/", max_length=200)
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveBigIntegerField(_("size"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    counted = models.BooleanField(_("uses up quota"), default=True)
    created_at = models.DateTimeField(_("submitted"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    owner = models.CharField(
        _("whose fault"), max_length=12, blank=True, choices=[(o.value, o.value) for o in Owner]
    )
    problems = models.JSONField(_("reasons"), default=list, blank=True)
    public_score = models.FloatField(_("public score"), null=True, blank=True)
    private_score = models.FloatField(_("private score"), null=True, blank=True)
    public_key = models.FloatField(null=True, editable=False)

    objects = SubmissionQuerySet.as_manager()

    low: float | None = None
    high: float | None = None
    """The interval of its ranking score, where a query fetched that along."""

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        constraints = [
            models.UniqueConstraint(
                fields=["phase", "team", "number"], name="number_in_team_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="submission_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(UNFINISHED), finished_at__isnull=True)
                | (~Q(state__in=list(UNFINISHED)) & Q(finished_at__isnull=False)),
                name="submission_is_finished_when_its_state_says_so",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.SCORED)
                | Q(public_score__isnull=False)
                | Q(private_score__isnull=False),
                name="scored_submission_has_a_score",
            ),
        ]
        indexes = [
            models.Index(fields=["team", "phase", "-created_at"], name="submission_of_team"),
            models.Index(
                fields=["phase", "team", "public_key", "created_at", "id"],
                condition=Q(state="scored"),
                name="submission_best_of_team",
            ),
            models.Index(
                fields=["created_at"],
                condition=Q(state__in=["queued", "running"]),
                name="submission_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team} #{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("submissions:detail", args=[self.phase.competition.slug, self.pk])

    @property
    def is_finished(self) -> bool:
        return self.state not in UNFINISHED

    @property
    def submission_kind(self) -> SubmissionKind:
        return SubmissionKind(self.kind)

    @property
    def capability(self) -> Capability:
        """Which workers take it."""
        return self.phase.capability_of(self.submission_kind)

    @property
    def runtime(self) -> str:
        """What a worker must have to run it, as `Abilities.runtimes` names it; empty for predictions."""
        if self.kind == Kind.PREDICTIONS:
            return ""
        return self.format if self.kind == Kind.MODEL else "python"


class Attempt(models.Model):
    """One try at scoring a submission. Whoever knows the token is the attempt; nobody else.

    An attempt is sent (its message is in the broker, or was lost), then running (a worker has
    it: from its first heartbeat on, the lease ticks), then ended. A submission has at most one
    attempt that has not ended; what an ended one still says has no effect.
    """

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    token = models.CharField(max_length=64, unique=True)
    solution = models.ForeignKey(Solution, models.PROTECT, related_name="+")
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


class Score(models.Model):
    """One metric of a scored submission on one split, and what made it."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="scores")
    metric = models.CharField(max_length=40)
    split = models.CharField(max_length=10, choices=[(s.value, s.value) for s in Split])
    value = models.FloatField()
    rows = models.PositiveIntegerField()
    signature = models.TextField()
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "metric", "split"], name="one_score_a_metric_and_split"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} ({self.split}): {self.value}"


class Replicates(models.Model):
    """The score's bootstrap replicates, from which any two submissions can be compared.

    They say as much as the score does, so they are as secret. A table of its own, so that nothing
    loads eight kilobytes a score by accident.
    """

    score = models.OneToOneField(Score, models.CASCADE, primary_key=True, related_name="replicates")
    values = models.BinaryField()

    class Meta:
        verbose_name_plural = "replicates"

    def __str__(self) -> str:
        return str(self.score)


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
