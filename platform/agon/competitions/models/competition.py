"""A competition and who stands how to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from agon.accounts.models import User


class Visibility(models.TextChoices):
    PUBLIC = "public", _("Public")
    UNLISTED = "unlisted", _("Unlisted: who has the link")
    PRIVATE = "private", _("Private: members only")


class Joining(models.TextChoices):
    """How those who see a competition come to take part, besides by invitation."""

    OPEN = "open", _("Open: whoever sees it may join")
    REQUEST = "request", _("By request: a host approves each person")
    INVITED = "invited", _("By invitation only")


class Status(models.TextChoices):
    UPCOMING = "upcoming", _("Upcoming")
    OPEN = "open", _("Open")
    ENDED = "ended", _("Ended")


@dataclass(frozen=True, slots=True)
class Viewer:
    """How one person stands to a competition, fetched along with it to spare further queries.

    Attributes:
        accepted_version: The newest rules that they accepted, if they take part.
        is_entitled: An invitation, a verified address or a host has let them in.
        exclusion: How they were shown out, if they were.
        has_banners: An announcement stands that they have not closed.
    """

    user_id: int | None
    is_cohost: bool
    is_judge: bool
    accepted_version: int | None
    is_entitled: bool = False
    exclusion: str | None = None
    has_banners: bool = True


class CompetitionQuerySet(models.QuerySet["Competition"]):
    def listed(self) -> CompetitionQuerySet:
        return self.filter(visibility=Visibility.PUBLIC).with_preparation()

    def with_preparation(self) -> CompetitionQuerySet:
        """What a card shows, in the same query."""
        return self.select_related("preparation")

    def with_status(self, status: str, *, at: datetime) -> CompetitionQuerySet:
        """The competitions that are upcoming, open or ended at a moment."""
        if status == Status.UPCOMING:
            return self.filter(starts_at__gt=at)
        if status == Status.ENDED:
            return self.filter(ends_at__lte=at)
        return self.exclude(starts_at__gt=at).exclude(ends_at__lte=at)


class Competition(models.Model):
    """What a person enters."""

    slug = models.SlugField(
        _("address"),
        max_length=60,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]*$")],
    )
    title = models.CharField(_("title"), max_length=120)
    subtitle = models.CharField(_("subtitle"), max_length=240, blank=True)
    tags = models.JSONField(_("tags"), default=list, blank=True)
    visibility = models.CharField(
        _("visibility"), max_length=10, choices=Visibility, default=Visibility.PRIVATE
    )
    joining = models.CharField(
        _("who may join"), max_length=10, choices=Joining, default=Joining.OPEN
    )
    join_questions = models.JSONField(_("questions to those who ask"), default=list, blank=True)
    host = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="hosted", verbose_name=_("host")
    )
    cohosts = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="cohosted", blank=True, verbose_name=_("co-hosts")
    )
    judges = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="judged", blank=True, verbose_name=_("judges")
    )
    cover = models.FileField(_("cover"), upload_to="covers/%Y/", blank=True)
    cover_alt = models.CharField(_("cover's text alternative"), max_length=240, blank=True)
    licence_name = models.CharField(_("licence of the data"), max_length=120, blank=True)
    licence_url = models.URLField(_("where the licence is written"), max_length=300, blank=True)
    citation = models.TextField(_("how to cite the data"), max_length=2000, blank=True)
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    entry_deadline = models.DateTimeField(_("last moment to enter"), null=True, blank=True)
    merge_deadline = models.DateTimeField(_("last moment to merge teams"), null=True, blank=True)
    team_size = models.PositiveSmallIntegerField(
        _("people in a team at most"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    gives_medals = models.BooleanField(_("gives medals"), default=False)
    gives_certificates = models.BooleanField(_("gives certificates"), default=True)
    rules_version = models.PositiveIntegerField(_("version of the rules"), default=1)
    participant_count = models.PositiveIntegerField(_("participants"), default=0, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = CompetitionQuerySet.as_manager()

    viewer: Viewer | None = None

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("competition")
        verbose_name_plural = _("competitions")
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True)
                | Q(ends_at__isnull=True)
                | Q(starts_at__lt=models.F("ends_at")),
                name="competition_ends_after_it_starts",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("competitions:overview", args=[self.slug])

    @property
    def cover_url(self) -> str:
        if not self.cover:
            return ""
        version = int(self.updated_at.timestamp())
        return f"{reverse('competitions:cover', args=[self.slug])}?v={version}"

    @property
    def status(self) -> Status:
        now = timezone.now()
        if self.starts_at and now < self.starts_at:
            return Status.UPCOMING
        if self.ends_at and now >= self.ends_at:
            return Status.ENDED
        return Status.OPEN

    @property
    def entry_is_over(self) -> bool:
        """Whether nobody new may take part. After the end, late submitters come in where they are taken."""
        if self.entry_deadline is None or timezone.now() < self.entry_deadline:
            return False
        return self.status != Status.ENDED or not self.phases.filter(takes_late=True).exists()

    @property
    def is_prepared(self) -> bool:
        """Whether its data is there; one that was made without a folder of the site's always is."""
        preparation = getattr(self, "preparation", None)
        return preparation is None or preparation.is_prepared

    def is_hosted_by(self, user: User) -> bool:
        if self.host_id == user.pk:
            return True
        if self.viewer is not None and self.viewer.user_id == user.pk:
            return self.viewer.is_cohost
        return self.cohosts.filter(pk=user.pk).exists()

    def is_judged_by(self, user: User) -> bool:
        if self.viewer is not None and self.viewer.user_id == user.pk:
            return self.viewer.is_judge
        return self.judges.filter(pk=user.pk).exists()


class RulesAcceptance(models.Model):
    """Who accepted which version of the rules, and when. Never changed, never deleted."""

    competition = models.ForeignKey(Competition, models.CASCADE, related_name="acceptances")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="rules_acceptances"
    )
    version = models.PositiveIntegerField()
    accepted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["competition", "user", "version"], name="rules_are_accepted_once_a_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.competition} · v{self.version}"
