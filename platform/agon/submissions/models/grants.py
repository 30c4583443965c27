"""Submissions that hosts gave teams on top of what everybody has."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agon.competitions.models import Phase
from agon.teams.models import Team


class QuotaGrant(models.Model):
    """Further submissions for a team, with the host's reason.

    They count towards the total at once, and are used on any day that has used up its own. So they
    never run out by themselves.
    """

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="grants")
    team = models.ForeignKey(Team, models.CASCADE, related_name="grants")
    count = models.PositiveIntegerField(
        _("submissions"), validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    reason = models.CharField(_("reason"), max_length=500)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.team} +{self.count}"
