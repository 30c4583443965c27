"""Notebooks that people share in a competition, and their versions."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agon.competitions.models import Competition
from agon.submissions.models import Submission


class Licence(models.TextChoices):
    """By its SPDX identifier; what the licences themselves are called is the same everywhere."""

    APACHE = "Apache-2.0", "Apache 2.0"
    MIT = "MIT", "MIT"
    BSD = "BSD-3-Clause", "BSD 3-Clause"
    CC_BY = "CC-BY-4.0", "CC BY 4.0"
    CC_ZERO = "CC0-1.0", "CC0 1.0"


class NotebookQuerySet(models.QuerySet["Notebook"]):
    def shown(self) -> NotebookQuerySet:
        """Those that no host has hidden."""
        return self.filter(hidden_at__isnull=True)


class Notebook(models.Model):
    """A notebook of one author in one competition."""

    competition = models.ForeignKey(Competition, models.CASCADE, related_name="notebooks")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="notebooks"
    )
    title = models.CharField(_("title"), max_length=120)
    slug = models.SlugField(_("address"), max_length=80)
    model = models.CharField(_("model"), max_length=120, blank=True)
    licence = models.CharField(
        _("licence"), max_length=20, choices=Licence, default=Licence.APACHE.value
    )
    submission = models.ForeignKey(
        Submission,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="notebooks",
        verbose_name=_("the submission that it made"),
    )
    seconds = models.PositiveIntegerField(_("seconds that it took"), null=True, blank=True)
    is_official = models.BooleanField(_("pinned by the hosts"), default=False)
    origin = models.CharField(_("baseline"), max_length=80, blank=True, editable=False)
    """What a baseline is known by, whatever its title becomes; empty for everything else."""
    hidden_at = models.DateTimeField(_("hidden"), null=True, blank=True)
    hidden_reason = models.CharField(_("why it is hidden"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("published"), default=timezone.now)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now)

    objects = NotebookQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at", "-id"]
        verbose_name = _("notebook")
        verbose_name_plural = _("notebooks")
        constraints = [
            models.UniqueConstraint(
                fields=["competition", "slug"], name="notebook_address_is_unique"
            ),
            models.UniqueConstraint(
                fields=["competition", "origin"],
                condition=~Q(origin=""),
                name="one_notebook_a_baseline",
            ),
        ]
        indexes = [
            models.Index(fields=["competition", "-updated_at"], name="notebook_newest"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("notebooks:detail", args=[self.competition.slug, self.slug])

    @property
    def is_hidden(self) -> bool:
        return self.hidden_at is not None


class NotebookVersion(models.Model):
    """A notebook's file as it was uploaded once; never changed."""

    notebook = models.ForeignKey(Notebook, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("number"))
    file = models.FileField(upload_to="notebooks/%Y/%m/%d/", max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveIntegerField(_("size"))
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now)

    class Meta:
        ordering = ["-number"]
        verbose_name = _("version of a notebook")
        verbose_name_plural = _("versions of notebooks")
        constraints = [
            models.UniqueConstraint(
                fields=["notebook", "number"], name="notebook_version_is_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notebook} · {self.number}"
