"""What hosts write while a competition runs: earlier texts of its pages, and announcements."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agon.competitions.models.competition import Competition
from agon.competitions.models.files import Page


class PageVersion(models.Model):
    """A text that a page has or had. Kept by the page's name, so that it outlives an emptied page.

    Attributes:
        author: Who saved it; None for the site itself, and for texts that were there before.
        note: What the change was about, in the author's words.
    """

    competition = models.ForeignKey(Competition, models.CASCADE, related_name="page_versions")
    name = models.CharField(max_length=20, choices=Page.Name)
    number = models.PositiveIntegerField(_("version"))
    text = models.TextField(_("text"), blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    author_name = models.CharField(_("who"), max_length=160)
    note = models.CharField(_("what has changed"), max_length=200, blank=True)
    saved_at = models.DateTimeField(_("saved"), default=timezone.now)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["competition", "name", "number"], name="page_version_is_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.competition} · {self.get_name_display()} · v{self.number}"


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def standing(self, *, at: datetime) -> AnnouncementQuerySet:
        """Those whose banner is shown at a moment."""
        return self.filter(
            Q(shown_until__isnull=True) | Q(shown_until__gt=at), has_banner=True, withdrawn_at=None
        )

    def readable(self) -> AnnouncementQuerySet:
        """Those that were not taken back."""
        return self.filter(withdrawn_at=None)


class Announcement(models.Model):
    """What hosts tell everybody: a banner, a line in the inbox, and a letter to those who want it.

    Attributes:
        shown_until: When its banner goes; None for never.
        withdrawn_at: When it was taken back; it is then shown to hosts alone.
        dismissed_by: Who has closed its banner.
    """

    competition = models.ForeignKey(Competition, models.CASCADE, related_name="announcements")
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("text"), max_length=5000, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    author_name = models.CharField(_("who"), max_length=160)
    has_banner = models.BooleanField(_("banner"), default=True)
    shown_until = models.DateTimeField(_("banner until"), null=True, blank=True)
    told = models.PositiveIntegerField(_("people told"), default=0)
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    withdrawn_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    dismissed_by = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", blank=True)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        address = reverse("competitions:announcements", args=[self.competition.slug])
        return f"{address}#announcement-{self.pk}"

    @property
    def is_standing(self) -> bool:
        """Whether its banner is shown to those who have not closed it."""
        expired = self.shown_until is not None and self.shown_until <= timezone.now()
        return self.has_banner and self.withdrawn_at is None and not expired
