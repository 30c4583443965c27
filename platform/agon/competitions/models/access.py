"""Ways into a competition, who was let in by them, and who was shown out."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agon.competitions.models.competition import Competition


def random_token() -> str:
    """What nobody guesses: 144 bits."""
    return secrets.token_urlsafe(18)


class InvitationLinkQuerySet(models.QuerySet["InvitationLink"]):
    def usable(self, *, at: datetime) -> InvitationLinkQuerySet:
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=at),
            Q(max_uses__isnull=True) | Q(uses__lt=F("max_uses")),
            revoked_at__isnull=True,
        )


class InvitationLink(models.Model):
    """An address that lets in whoever has it, for as long and as often as the host says.

    Attributes:
        needs_approval: Whoever has it may only ask; a host decides.
    """

    competition = models.ForeignKey(Competition, models.CASCADE, related_name="invitation_links")
    token = models.CharField(max_length=40, unique=True, default=random_token)
    note = models.CharField(_("note"), max_length=80, blank=True)
    needs_approval = models.BooleanField(_("a host approves each person"), default=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    max_uses = models.PositiveIntegerField(_("how many people"), null=True, blank=True)
    uses = models.PositiveIntegerField(_("used"), default=0)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = InvitationLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.note or f"#{self.pk}"

    @property
    def state(self) -> str:
        """`on`, or why it lets nobody in: `revoked`, `expired`, `used_up`."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at is not None and self.expires_at <= timezone.now():
            return "expired"
        if self.max_uses is not None and self.uses >= self.max_uses:
            return "used_up"
        return "on"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def waiting(self) -> InvitationQuerySet:
        """Neither accepted nor revoked."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True)


class Invitation(models.Model):
    """One person, invited by e-mail. The token goes to that address and nowhere else.

    Whoever brings the token has read the letter, so the address is theirs: hosts never see it.

    Attributes:
        name: The person's name as the host's roster has it.
        reference: What the host's roster calls the person, such as a student number.
        language: What the letter is written in.
        mail_due_at: When the letter is due next; while it is being sent, since when.
    """

    class Mail(models.TextChoices):
        WAITING = "waiting", _("Waiting to be sent")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        LOST = "lost", _("Could not be sent")

    competition = models.ForeignKey(Competition, models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail"), max_length=254)
    name = models.CharField(_("name"), max_length=80, blank=True)
    reference = models.CharField(_("reference"), max_length=80, blank=True)
    token = models.CharField(max_length=40, unique=True, default=random_token)
    language = models.CharField(max_length=10, default=settings.LANGUAGE_CODE)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(_("invited"), default=timezone.now)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    mail_state = models.CharField(max_length=10, choices=Mail, default=Mail.WAITING)
    mail_due_at = models.DateTimeField(default=timezone.now)
    mail_tries = models.PositiveSmallIntegerField(default=0)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["competition", "email"], name="one_invitation_an_address"
            ),
        ]
        indexes = [
            models.Index(
                fields=["mail_due_at"],
                condition=Q(mail_state__in=["waiting", "sending"]),
                name="invitation_letter_due",
            ),
            models.Index(fields=["email"], name="invitation_by_address"),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def state(self) -> str:
        """`accepted`, `revoked` or `waiting`."""
        if self.accepted_at is not None:
            return "accepted"
        return "revoked" if self.revoked_at is not None else "waiting"


class EmailDomain(models.Model):
    """Who has a verified address there may join."""

    competition = models.ForeignKey(Competition, models.CASCADE, related_name="email_domains")
    domain = models.CharField(_("domain"), max_length=253)

    class Meta:
        ordering = ["domain"]
        constraints = [
            models.UniqueConstraint(fields=["competition", "domain"], name="domain_is_named_once"),
        ]

    def __str__(self) -> str:
        return self.domain


class JoinRequest(models.Model):
    """Somebody asks to be let in, and answers the host's questions.

    Attributes:
        answers: Question and answer, in the host's order, as they were when it was asked.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")

    competition = models.ForeignKey(Competition, models.CASCADE, related_name="join_requests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="join_requests")
    link = models.ForeignKey(
        InvitationLink, models.SET_NULL, null=True, blank=True, related_name="requests"
    )
    answers = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reason = models.TextField(_("reason"), blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["competition", "user"],
                condition=Q(state="waiting"),
                name="one_waiting_request_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.competition}"


class Admission(models.Model):
    """Somebody whom a way in has let in; accepting the rules makes a participant of them."""

    class Way(models.TextChoices):
        LINK = "link", _("by a link")
        INVITATION = "invitation", _("by an invitation")
        REQUEST = "request", _("asked, and was accepted")
        HOST = "host", _("let back in")

    competition = models.ForeignKey(Competition, models.CASCADE, related_name="admissions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="admissions")
    way = models.CharField(max_length=12, choices=Way)
    link = models.ForeignKey(
        InvitationLink, models.SET_NULL, null=True, blank=True, related_name="admissions"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["competition", "user"], name="one_admission_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.competition}"


class Exclusion(models.Model):
    """Somebody who takes part no longer, whatever rules they accepted.

    Who was removed may come in again by any way that is open to them; who is banned may not, until
    a host lets them back.
    """

    class Kind(models.TextChoices):
        REMOVED = "removed", _("Removed")
        BANNED = "banned", _("Banned")

    competition = models.ForeignKey(Competition, models.CASCADE, related_name="exclusions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="exclusions")
    kind = models.CharField(max_length=10, choices=Kind)
    reason = models.TextField(_("reason"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["competition", "user"], name="one_exclusion_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.competition}"
