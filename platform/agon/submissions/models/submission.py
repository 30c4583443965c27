"""What teams want scored, from its acceptance to its end."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agon.competitions.models import Phase
from agon.teams.models import Team
from scoring.contract import (
    Capability,
    ModelFormat,
    Owner,
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
    FILES = SubmissionKind.FILES.value, _("Files")


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
        runs = Q(kind__in=[SubmissionKind.MODEL.value, SubmissionKind.CODE.value])
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
    is_chosen = models.BooleanField(_("chosen for the private ranking"), default=False)
    is_late = models.BooleanField(_("late: scored and not ranked"), default=False)
    disqualified_at = models.DateTimeField(_("disqualified"), null=True, blank=True)
    disqualification = models.CharField(_("why it is disqualified"), max_length=500, blank=True)

    carried_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

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
            models.UniqueConstraint(
                fields=["phase", "carried_from"], name="carried_over_once_a_phase"
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
            models.Index(fields=["phase", "-created_at", "-id"], name="submission_newest"),
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
