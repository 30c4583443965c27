"""What hosts did to a competition: who, when, what, before and after."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agon.competitions.models.competition import Competition


class Verb(models.TextChoices):
    """What was done, as the log of a competition says it."""

    CREATED = "created", _("created the competition")
    CLONED = "cloned", _("cloned the competition")
    IMPORTED = "imported", _("imported the competition")
    EXPORTED = "exported", _("exported the competition")
    PUBLISHED = "published", _("published the competition")
    SETTINGS_CHANGED = "settings_changed", _("changed the settings")
    PAGE_EDITED = "page_edited", _("edited a page")
    DATES_MOVED = "dates_moved", _("moved dates")
    ANNOUNCED = "announced", _("made an announcement")
    ROLE_GIVEN = "role_given", _("gave a role")
    ROLE_TAKEN = "role_taken", _("took a role away")
    OWNERSHIP_TRANSFERRED = "ownership_transferred", _("handed the competition over")
    VISIBILITY_CHANGED = "visibility_changed", _("changed who can see it")
    ACCESS_CHANGED = "access_changed", _("changed who may join")
    INVITED = "invited", _("invited")
    INVITATION_REVOKED = "invitation_revoked", _("revoked an invitation")
    REQUEST_DECIDED = "request_decided", _("decided on a request to join")
    REMOVED = "removed", _("removed a participant")
    BANNED = "banned", _("banned a participant")
    LET_BACK = "let_back", _("let a participant back in")
    QUOTA_GRANTED = "quota_granted", _("granted submissions")
    RESCORED = "rescored", _("rescored")
    RESCORE_PUBLISHED = "rescore_published", _("published rescored results")
    RESCORE_DISCARDED = "rescore_discarded", _("threw rescored results away")
    DISQUALIFIED = "disqualified", _("disqualified")
    RESTORED = "restored", _("restored")
    ASKED = "asked", _("asked teams a question")
    DECIDED = "decided", _("decided on a question to teams")
    SOLUTION_CHANGED = "solution_changed", _("changed the solution")
    METRIC_CHANGED = "metric_changed", _("changed the metrics")
    TEAM_CHANGED = "team_changed", _("changed a team")
    RESULTS_PUBLISHED = "results_published", _("published the results")
    WINNER_VERIFIED = "winner_verified", _("verified a winner")
    WEBHOOK_CHANGED = "webhook_changed", _("changed a webhook")


class HostAction(models.Model):
    """A line of a competition's log. Never changed, never deleted while the competition is there.

    Attributes:
        subject: To what or whom, in words that outlive it: a team's name, a page, a submission.
        before: What was changed, as it was; by field.
        after: The same fields afterwards.
        reason: The host's own words, where they gave any.
    """

    competition = models.ForeignKey(Competition, models.CASCADE, related_name="host_actions")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="host_actions"
    )
    actor_name = models.CharField(_("who"), max_length=160)
    verb = models.CharField(_("what"), max_length=32, choices=Verb)
    subject = models.CharField(_("to what"), max_length=240, blank=True)
    before = models.JSONField(_("before"), default=dict, blank=True)
    after = models.JSONField(_("after"), default=dict, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["competition", "-at", "-id"], name="host_action_newest")]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.get_verb_display()} {self.subject}".strip()
