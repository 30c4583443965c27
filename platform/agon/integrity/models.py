"""What hosts ask teams about, what they answered, and from which browsers submissions came."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agon.competitions.models import Competition
from agon.teams.models import Team


class Ground(models.TextChoices):
    """What gave rise to a question."""

    IDENTICAL = "identical", _("The same file")
    ALIKE = "alike", _("Nearly the same mistakes")
    BURST = "burst", _("Many submissions at once")
    LOCKSTEP = "lockstep", _("Submissions in step")
    BROWSER = "browser", _("One browser")
    OTHER = "other", _("Something else")


class Sighting(models.Model):
    """A browser that somebody submitted from, as a keyed hash that says nothing of the browser itself.

    It tells only whether two people used the same one, and is forgotten after a while.
    """

    competition = models.ForeignKey(Competition, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    browser = models.CharField(max_length=64)
    count = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["competition", "browser", "user"], name="one_sighting_a_person_and_browser"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.competition}"


class Case(models.Model):
    """A question of the hosts to one team or several, who answer each for themselves.

    Attributes:
        evidence: What the desk said when the question was asked, in words.
        decision: How it was closed, told to the teams; empty while it is open.
    """

    competition = models.ForeignKey(Competition, models.CASCADE, related_name="cases")
    ground = models.CharField(_("because of"), max_length=12, choices=Ground)
    question = models.TextField(_("question"), max_length=2000)
    evidence = models.TextField(_("evidence"), blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    opened_at = models.DateTimeField(_("asked"), default=timezone.now)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    decision = models.TextField(_("decision"), max_length=2000, blank=True)

    class Meta:
        ordering = ["-opened_at", "-id"]
        verbose_name = _("question to teams")
        verbose_name_plural = _("questions to teams")

    def __str__(self) -> str:
        return f"{self.competition} · {self.get_ground_display()}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def get_absolute_url(self) -> str:
        """The hosts' page of it."""
        return reverse("integrity:case", args=[self.competition.slug, self.pk])


class Party(models.Model):
    """A team that is asked, and what it answered."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="parties")
    team = models.ForeignKey(Team, models.CASCADE, related_name="parties")
    answer = models.TextField(_("answer"), max_length=4000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "team"], name="a_team_is_asked_once_a_case"),
        ]

    def __str__(self) -> str:
        return f"{self.case} · {self.team}"
