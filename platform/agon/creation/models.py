"""A competition in the making."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agon.competitions.models import Competition


class Draft(models.Model):
    """What a host has answered so far, step by step; nobody else sees it.

    `answers` holds the cleaned answers of each step under the step's name, in the words of
    `competition.yaml` wherever it has a word for them.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    answers = models.JSONField(_("answers"), default=dict)
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
        title = self.answers.get("basics", {}).get("title")
        return str(title or _("A competition without a title yet"))
