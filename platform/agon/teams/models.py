"""Everybody competes as a team, of one by default."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agon.competitions.models import Competition


def random_token() -> str:
    """What an invitation's address holds, for those who have it to come in."""
    return secrets.token_urlsafe(24)


class Team(models.Model):
    """Who stands on a competition's leaderboard."""

    competition = models.ForeignKey(Competition, models.CASCADE, related_name="teams")
    name = models.CharField(_("name"), max_length=80)
    captain = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("captain"),
    )
    is_host_baseline = models.BooleanField(_("the host's baseline"), default=False)
    merged_into = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="absorbed",
        editable=False,
        verbose_name=_("merged into"),
    )
    disqualified_at = models.DateTimeField(_("disqualified"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["id"]
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        constraints = [
            models.UniqueConstraint("competition", Lower("name"), name="team_name_is_unique"),
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


class TeamLink(models.Model):
    """The address by which whoever a team gives it to comes in; a team has one, renewed at will."""

    team = models.OneToOneField(Team, models.CASCADE, related_name="link")
    token = models.CharField(max_length=64, unique=True, default=random_token, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return str(self.team)


class TeamInvitation(models.Model):
    """A person whom a team has asked in; open until it is answered or taken back.

    Asked by an e-mail address, the row holds the address alone, whether or not there is an account
    behind it: so the team does not learn whose it is before they answer.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Taken back")

    team = models.ForeignKey(Team, models.CASCADE, related_name="invitations")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="team_invitations",
    )
    address = models.EmailField(blank=True, default="")
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "user"],
                condition=Q(state="open"),
                name="one_open_invitation_a_team_and_person",
            ),
            models.UniqueConstraint(
                fields=["team", "address"],
                condition=Q(state="open") & ~Q(address=""),
                name="one_open_invitation_a_team_and_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team} · {self.person}"

    @property
    def person(self) -> str:
        """Whom the team has asked, as the team wrote it."""
        return self.address or str(self.user)


class MergeRequest(models.Model):
    """One team's wish to become one with another; open until it is answered or taken back.

    The team that is asked goes on, under its name, with everything that the other one had. What is
    left of the other one is its name and where it went.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Taken back")

    competition = models.ForeignKey(Competition, models.CASCADE, related_name="+")
    asking = models.ForeignKey(Team, models.CASCADE, related_name="merges_asked")
    asked = models.ForeignKey(Team, models.CASCADE, related_name="merges_offered")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["asking", "asked"],
                condition=Q(state="open"),
                name="one_open_merge_request_a_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asking} → {self.asked}"
