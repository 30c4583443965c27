"""The files and texts of a competition: hidden ones for the workers, the others for people."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agon.competitions.models.competition import Competition
from agon.competitions.models.phase import Phase
from scoring.contract import FileReference


class HiddenFile(models.Model):
    """A file of a phase that only scoring workers read."""

    name = models.CharField(max_length=120)
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveBigIntegerField(_("size"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True

    def reference(self, url: str) -> FileReference:
        return FileReference(url=url, name=self.name, sha256=self.sha256, size=self.size)


class Solution(HiddenFile):
    """A version of the hidden reference rows."""

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="solutions")
    version = models.PositiveIntegerField(_("version"))
    file = models.FileField(upload_to="solutions/%Y/")

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["phase", "version"], name="solution_version_is_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.phase} · v{self.version}"


class InputsFile(HiddenFile):
    """A version of the test inputs that models and programs are given."""

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="inputs_files")
    version = models.PositiveIntegerField(_("version"))
    file = models.FileField(upload_to="inputs/%Y/")

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["phase", "version"], name="inputs_version_is_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.phase} · v{self.version}"


class MetricFile(HiddenFile):
    """The file of a metric of the host's own; `metric` is what the phase's metrics call it."""

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="metric_files")
    metric = models.CharField(max_length=40)
    file = models.FileField(upload_to="metrics/%Y/")

    class Meta:
        ordering = ["metric"]
        constraints = [
            models.UniqueConstraint(fields=["phase", "metric"], name="one_file_a_metric"),
        ]

    def __str__(self) -> str:
        return f"{self.phase} · {self.metric}"


class ScoringProgram(HiddenFile):
    """The host's own program that scores submissions of files in place of the built-in metrics."""

    phase = models.OneToOneField(Phase, models.CASCADE, related_name="scoring_program")
    command = models.CharField(_("command"), max_length=1000)
    file = models.FileField(upload_to="programs/%Y/")

    def __str__(self) -> str:
        return f"{self.phase} · {self.command}"


class Page(models.Model):
    """A text of a competition, in Markdown."""

    class Name(models.TextChoices):
        OVERVIEW = "overview", _("Overview")
        EVALUATION = "evaluation", _("Evaluation")
        DATA = "data", _("Data")
        RULES = "rules", _("Rules")
        PRIZES = "prizes", _("Prizes")
        FAQ = "faq", _("Questions and answers")

    competition = models.ForeignKey(Competition, models.CASCADE, related_name="pages")
    name = models.CharField(max_length=20, choices=Name)
    text = models.TextField(_("text"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["competition", "name"], name="page_name_is_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.competition} · {self.get_name_display()}"


class Picture(models.Model):
    """A picture at the end of a page, such as samples of the data or a chart of its classes."""

    class Place(models.TextChoices):
        DATA = "data", _("Data")
        OVERVIEW = "overview", _("Overview")

    competition = models.ForeignKey(Competition, models.CASCADE, related_name="pictures")
    name = models.CharField(_("name"), max_length=120)
    page = models.CharField(_("page"), max_length=20, choices=Place, default=Place.DATA)
    alt = models.CharField(_("text alternative"), max_length=400)
    caption = models.CharField(_("caption"), max_length=400, blank=True)
    file = models.FileField(upload_to="pictures/%Y/")
    sha256 = models.CharField("SHA-256", max_length=64)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["competition", "name"], name="picture_name_is_unique"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        """The address changes with the content, so a browser may keep what it has."""
        address = reverse("competitions:picture", args=[self.competition.slug, self.pk])
        return f"{address}?v={self.sha256[:12]}"


class DataFile(models.Model):
    """A file that participants may download."""

    competition = models.ForeignKey(Competition, models.CASCADE, related_name="data_files")
    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("description"), max_length=400, blank=True)
    file = models.FileField(upload_to="data/%Y/")
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveBigIntegerField(_("size"))
    columns = models.JSONField(_("columns"), default=list, blank=True)
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
