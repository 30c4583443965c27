"""A competition, its phases, pages and files, and who accepted its rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scoring.contract import Capability, FileReference, Layout, Limits, MetricSpec
from scoring.metrics.descriptions import METRICS, MetricDescription

if TYPE_CHECKING:
    from agon.accounts.models import User

PRACTICALLY_UNLIMITED = 1_000_000


class Visibility(models.TextChoices):
    PUBLIC = "public", _("Public")
    UNLISTED = "unlisted", _("Unlisted: who has the link")
    PRIVATE = "private", _("Private: members only")


class Status(models.TextChoices):
    UPCOMING = "upcoming", _("Upcoming")
    OPEN = "open", _("Open")
    ENDED = "ended", _("Ended")


@dataclass(frozen=True, slots=True)
class Viewer:
    """How one person stands to a competition, fetched along with it to spare further queries."""

    user_id: int | None
    is_cohost: bool
    accepted_version: int | None


class CompetitionQuerySet(models.QuerySet["Competition"]):
    def listed(self) -> CompetitionQuerySet:
        return self.filter(visibility=Visibility.PUBLIC)

    def with_status(self, status: str, *, at: datetime) -> CompetitionQuerySet:
        """The competitions that are upcoming, open or ended at a moment."""
        if status == Status.UPCOMING:
            return self.filter(starts_at__gt=at)
        if status == Status.ENDED:
            return self.filter(ends_at__lte=at)
        return self.exclude(starts_at__gt=at).exclude(ends_at__lte=at)


class Competition(models.Model):
    """What a person enters."""

    slug = models.SlugField(
        _("address"),
        max_length=60,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]*$")],
    )
    title = models.CharField(_("title"), max_length=120)
    subtitle = models.CharField(_("subtitle"), max_length=240, blank=True)
    tags = models.JSONField(_("tags"), default=list, blank=True)
    visibility = models.CharField(
        _("visibility"), max_length=10, choices=Visibility, default=Visibility.PRIVATE
    )
    host = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="hosted", verbose_name=_("host")
    )
    cohosts = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="cohosted", blank=True, verbose_name=_("co-hosts")
    )
    cover = models.FileField(_("cover"), upload_to="covers/%Y/", blank=True)
    cover_alt = models.CharField(_("cover's text alternative"), max_length=240, blank=True)
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    rules_version = models.PositiveIntegerField(_("version of the rules"), default=1)
    participant_count = models.PositiveIntegerField(_("participants"), default=0, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = CompetitionQuerySet.as_manager()

    viewer: Viewer | None = None

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("competition")
        verbose_name_plural = _("competitions")
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True)
                | Q(ends_at__isnull=True)
                | Q(starts_at__lt=models.F("ends_at")),
                name="competition_ends_after_it_starts",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("competitions:overview", args=[self.slug])

    @property
    def cover_url(self) -> str:
        if not self.cover:
            return ""
        version = int(self.updated_at.timestamp())
        return f"{reverse('competitions:cover', args=[self.slug])}?v={version}"

    @property
    def status(self) -> Status:
        now = timezone.now()
        if self.starts_at and now < self.starts_at:
            return Status.UPCOMING
        if self.ends_at and now >= self.ends_at:
            return Status.ENDED
        return Status.OPEN

    def is_hosted_by(self, user: User) -> bool:
        if self.host_id == user.pk:
            return True
        if self.viewer is not None and self.viewer.user_id == user.pk:
            return self.viewer.is_cohost
        return self.cohosts.filter(pk=user.pk).exists()


class Phase(models.Model):
    """What is scored: kinds of submission, metrics, limits and a window. One by default."""

    competition = models.ForeignKey(Competition, models.CASCADE, related_name="phases")
    name = models.CharField(_("name"), max_length=60, default="main")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    layout = models.JSONField(_("columns"))
    metrics = models.JSONField(_("metrics"))
    kinds = models.JSONField(_("kinds of submission"), default=list)
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
    per_day = models.PositiveIntegerField(_("submissions a day"), null=True, blank=True)
    total = models.PositiveIntegerField(_("submissions in total"), null=True, blank=True)
    pending = models.PositiveIntegerField(_("submissions waiting at once"), default=3)
    file_bytes = models.PositiveBigIntegerField(
        _("largest file in bytes"), default=20 * 1024**2, validators=[MinValueValidator(1)]
    )
    seconds = models.PositiveIntegerField(
        _("seconds of scoring"), default=60, validators=[MinValueValidator(1)]
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
    def limits(self) -> Limits:
        return Limits(seconds=self.seconds, file_bytes=self.file_bytes)

    @property
    def primary_metric(self) -> MetricDescription:
        """The metric that ranks."""
        return METRICS[self.metrics[0]["name"]]

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

    def sort_key(self, value: float) -> float:
        """A number in which smaller is better, whatever the metric's direction."""
        return -value if self.primary_metric.higher_is_better else value


class Solution(models.Model):
    """A version of the hidden reference rows. Only scoring workers read the file."""

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="solutions")
    version = models.PositiveIntegerField(_("version"))
    file = models.FileField(upload_to="solutions/%Y/")
    name = models.CharField(max_length=120)
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveBigIntegerField(_("size"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["phase", "version"], name="solution_version_is_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.phase} · v{self.version}"

    def reference(self, url: str) -> FileReference:
        return FileReference(url=url, name=self.name, sha256=self.sha256, size=self.size)


class Page(models.Model):
    """A text of a competition, in Markdown."""

    class Name(models.TextChoices):
        OVERVIEW = "overview", _("Overview")
        EVALUATION = "evaluation", _("Evaluation")
        DATA = "data", _("Data")
        RULES = "rules", _("Rules")

    competition = models.ForeignKey(Competition, models.CASCADE, related_name="pages")
    name = models.CharField(max_length=20, choices=Name)
    text = models.TextField(_("text"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["competition", "name"], name="page_name_is_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.competition} · {self.get_name_display()}"


class DataFile(models.Model):
    """A file that participants may download."""

    competition = models.ForeignKey(Competition, models.CASCADE, related_name="data_files")
    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("description"), max_length=400, blank=True)
    file = models.FileField(upload_to="data/%Y/")
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveBigIntegerField(_("size"))
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["competition", "name"], name="data_file_name_is_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RulesAcceptance(models.Model):
    """Who accepted which version of the rules, and when. Never changed, never deleted."""

    competition = models.ForeignKey(Competition, models.CASCADE, related_name="acceptances")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="rules_acceptances"
    )
    version = models.PositiveIntegerField()
    accepted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["competition", "user", "version"], name="rules_are_accepted_once_a_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.competition} · v{self.version}"
