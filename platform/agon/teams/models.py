"""Everybody competes as a team, of one by default."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agon.competitions.models import Competition


class Team(models.Model):
    """Who stands on a competition's leaderboard."""

    competition = models.ForeignKey(Competition, models.CASCADE, related_name="teams")
    name = models.CharField(_("name"), max_length=80)
    is_host_baseline = models.BooleanField(_("the host's baseline"), default=False)
    disqualified_at = models.DateTimeField(_("disqualified"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["id"]
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        constraints = [
            models.UniqueConstraint(fields=["competition", "name"], name="team_name_is_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person in a team; in one team a competition."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    competition = models.ForeignKey(Competition, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["competition", "user"], name="one_team_a_person_and_competition"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.team}"
