"""A phase: what is scored, by which metrics, and within which limits."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agon.competitions.models.competition import Competition, Status
from scoring.contract import (
    Capability,
    Layout,
    Limits,
    MetricSpec,
    ModelInterface,
    SubmissionKind,
)
from scoring.metrics.descriptions import METRICS


@dataclass(frozen=True, slots=True)
class PhaseMetric:
    """A metric of a phase as its pages show it: a built-in one, or one of the host's own.

    Attributes:
        formula: LaTeX; empty for a metric of the host's own.
    """

    name: str
    title: str
    description: str
    higher_is_better: bool
    lower: float | None
    upper: float | None
    formula: str = ""


def random_seed() -> int:
    """What the weights of a phase's confidence intervals are made from, fixed for all of it."""
    return secrets.randbelow(2**31)


class Phase(models.Model):
    """What is scored: kinds of submission, metrics, limits and a window. One by default."""

    competition = models.ForeignKey(Competition, models.CASCADE, related_name="phases")
    name = models.CharField(_("name"), max_length=60, default="main")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    layout = models.JSONField(_("columns"))
    metrics = models.JSONField(_("metrics"))
    own_metrics = models.JSONField(_("metrics of the host's own"), default=dict, blank=True)
    kinds = models.JSONField(_("kinds of submission"), default=list)
    model = models.JSONField(_("what models must be like"), null=True, blank=True)
    seed = models.PositiveBigIntegerField(_("seed"), default=random_seed, editable=False)
    capability = models.CharField(
        _("needs"),
        max_length=10,
        choices=[(c.value, c.value) for c in Capability],
        default=Capability.CPU.value,
    )
    decimals = models.PositiveSmallIntegerField(
        _("decimals shown"), default=5, validators=[MaxValueValidator(12)]
    )
    opens_at = models.DateTimeField(_("opens"), null=True, blank=True)
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True)
    carries_best = models.BooleanField(
        _("starts with each team's best submission to the phase before"), default=False
    )
    carried_at = models.DateTimeField(_("carried over"), null=True, blank=True, editable=False)
    per_day = models.PositiveIntegerField(_("submissions a day"), null=True, blank=True)
    total = models.PositiveIntegerField(_("submissions in total"), null=True, blank=True)
    pending = models.PositiveIntegerField(_("submissions waiting at once"), default=3)
    file_bytes = models.PositiveBigIntegerField(
        _("largest file in bytes"), default=20 * 1024**2, validators=[MinValueValidator(1)]
    )
    seconds = models.PositiveIntegerField(
        _("seconds of scoring"), default=60, validators=[MinValueValidator(1)]
    )
    model_file_bytes = models.PositiveBigIntegerField(
        _("largest model or program in bytes"),
        default=200 * 1024**2,
        validators=[MinValueValidator(1)],
    )
    model_seconds = models.PositiveIntegerField(
        _("seconds of a model or program"), default=600, validators=[MinValueValidator(1)]
    )
    model_memory_bytes = models.PositiveBigIntegerField(
        _("memory of a model or program in bytes"),
        default=4 * 1024**3,
        validators=[MinValueValidator(1)],
    )
    final_count = models.PositiveSmallIntegerField(
        _("submissions that a team chooses for the private ranking"),
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
    )
    takes_late = models.BooleanField(
        _("takes late submissions, scored and not ranked"), default=False
    )
    results_at_once = models.BooleanField(
        _("opens the private board at the close, without waiting for a host"), default=True
    )
    results_published_at = models.DateTimeField(
        _("results published"), null=True, blank=True, editable=False
    )
    counts_rejected = models.BooleanField(_("a rejected file uses up a submission"), default=True)
    sample = models.FileField(_("sample submission"), upload_to="samples/%Y/", blank=True)
    sample_name = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["competition", "name"], name="phase_name_is_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.competition} · {self.name}"

    @property
    def layout_spec(self) -> Layout:
        return Layout.model_validate(self.layout)

    @property
    def metric_specs(self) -> tuple[MetricSpec, ...]:
        return tuple(MetricSpec.model_validate(metric) for metric in self.metrics)

    @property
    def submission_kinds(self) -> tuple[SubmissionKind, ...]:
        """What it takes, in the order in which the host named it."""
        return tuple(SubmissionKind(kind) for kind in self.kinds) or (SubmissionKind.PREDICTIONS,)

    @property
    def runs_code(self) -> bool:
        """Whether it takes anything that only runs in a sandbox."""
        return self.submission_kinds != (SubmissionKind.PREDICTIONS,)

    def needs_sandbox(self, kind: SubmissionKind) -> bool:
        """Whether scoring it runs anybody's code: the participant's, or a metric of the host's own."""
        return kind is not SubmissionKind.PREDICTIONS or bool(self.own_metrics)

    @property
    def model_interface(self) -> ModelInterface | None:
        return None if self.model is None else ModelInterface.model_validate(self.model)

    def limits_of(self, kind: SubmissionKind) -> Limits:
        """What one attempt at a submission of a kind may use."""
        if kind in {SubmissionKind.PREDICTIONS, SubmissionKind.FILES}:
            return Limits(seconds=self.seconds, file_bytes=self.file_bytes)
        return Limits(
            seconds=self.model_seconds,
            memory_bytes=self.model_memory_bytes,
            file_bytes=self.model_file_bytes,
        )

    def capability_of(self, kind: SubmissionKind) -> Capability:
        """Which workers take a submission of a kind; reading predictions needs no accelerator."""
        if kind in {SubmissionKind.PREDICTIONS, SubmissionKind.FILES}:
            return Capability.CPU
        return Capability(self.capability)

    def metric(self, name: str) -> PhaseMetric:
        """One of the phase's metrics, built-in or the host's own."""
        own = self.own_metrics.get(name)
        if own is not None:
            return PhaseMetric(name=name, **own)
        built_in = METRICS[name]
        return PhaseMetric(
            name=name,
            title=built_in.title,
            description=built_in.description,
            higher_is_better=built_in.higher_is_better,
            lower=built_in.lower,
            upper=built_in.upper,
            formula=built_in.formula,
        )

    @property
    def all_metrics(self) -> list[PhaseMetric]:
        """The first one ranks."""
        return [self.metric(metric["name"]) for metric in self.metrics]

    @property
    def primary_metric(self) -> PhaseMetric:
        """The metric that ranks."""
        return self.metric(self.metrics[0]["name"])

    @property
    def status(self) -> Status:
        now = timezone.now()
        opens = self.opens_at or self.competition.starts_at
        if opens and now < opens:
            return Status.UPCOMING
        if self.closes and now >= self.closes:
            return Status.ENDED
        return Status.OPEN

    @property
    def opens(self) -> datetime | None:
        return self.opens_at or self.competition.starts_at

    @property
    def closes(self) -> datetime | None:
        return self.closes_at or self.competition.ends_at

    @property
    def has_closed(self) -> bool:
        return self.status == Status.ENDED

    @property
    def shows_results(self) -> bool:
        """Whether everybody may see the private board; never of a phase that is open again."""
        if not self.has_closed:
            return False
        return self.results_at_once or self.results_published_at is not None

    def sort_key(self, value: float) -> float:
        """A number in which smaller is better, whatever the metric's direction."""
        return -value if self.primary_metric.higher_is_better else value
