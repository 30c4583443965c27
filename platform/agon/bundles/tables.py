"""What an archive of a competition holds: one short description a table, in the order of their keys.

Every field of a table goes along unless its description says otherwise, so a new field needs
nothing here. A new model needs one line, in `TABLES` or in `LEFT_OUT`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Field, FileField, ForeignKey, Model, Q
from django.db.models.query import QuerySet
from django.utils.translation import gettext_lazy as _

from agon.accounts.models import User
from agon.bundles.parts import Part
from agon.competitions import models as competitions
from agon.competitions.models.access import random_token
from agon.integrity import models as integrity
from agon.leaderboards import models as leaderboards
from agon.notebooks import models as notebooks
from agon.notifications import models as notifications
from agon.submissions import models as submissions
from agon.teams import models as teams

ENDED = [submissions.Rescore.State.PUBLISHED.value, submissions.Rescore.State.DISCARDED.value]


@dataclass(frozen=True, slots=True)
class Table:
    """How the rows of a model go along.

    Attributes:
        model: The model.
        path: From a row to its competition; empty for the competition itself.
        part: What has to be asked for to have it.
        only: Which rows; those in the midst of something stay behind.
        fresh: Fields that are made anew where it is taken in.
        people: Many-to-many fields that name people, taken along with them.
        dates: Moments that lie ahead, which a clone moves or clears.
        anew: Fields that a clone begins with.
        is_story: What happened, which a clone has not lived through.
    """

    model: type[Model]
    path: str
    part: Part
    only: Q = field(default_factory=Q)
    fresh: Mapping[str, Callable[[], Any]] = field(default_factory=dict)
    people: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    anew: Mapping[str, Any] = field(default_factory=dict)
    is_story: bool = False

    @property
    def name(self) -> str:
        return self.model._meta.label_lower

    def rows_of(self, competition: competitions.Competition) -> QuerySet[Any]:
        """The competition's rows, in the order in which they were made."""
        mine = Q(**{self.path or "pk": competition.pk})
        return self.model._base_manager.filter(mine, self.only).order_by("pk")

    @property
    def fields(self) -> list[Field[Any, Any]]:
        """What a row says, its key aside."""
        return [
            one
            for one in self.model._meta.concrete_fields
            if one.name not in self.fresh and not (one.primary_key and not one.is_relation)
        ]

    @property
    def files(self) -> list[FileField]:
        return [one for one in self.fields if isinstance(one, FileField)]

    def references(self) -> list[ForeignKey[Any, Any]]:
        """Keys into other tables of the archive; people aside."""
        return [
            one
            for one in self.fields
            if isinstance(one, ForeignKey) and one.related_model is not User
        ]


TABLES: tuple[Table, ...] = (
    Table(
        competitions.Competition,
        "",
        Part.SETTINGS,
        people=("cohosts", "judges"),
        dates=("starts_at", "ends_at", "entry_deadline", "merge_deadline"),
    ),
    Table(
        competitions.Phase,
        "competition",
        Part.SETTINGS,
        dates=("opens_at", "closes_at"),
        anew={"carried_at": None, "results_published_at": None},
    ),
    Table(competitions.Page, "competition", Part.SETTINGS),
    Table(competitions.PageVersion, "competition", Part.SETTINGS),
    Table(competitions.Picture, "competition", Part.SETTINGS),
    Table(competitions.DataFile, "competition", Part.SETTINGS),
    Table(competitions.Solution, "phase__competition", Part.SETTINGS),
    Table(competitions.InputsFile, "phase__competition", Part.SETTINGS),
    Table(competitions.MetricFile, "phase__competition", Part.SETTINGS),
    Table(competitions.ScoringProgram, "phase__competition", Part.SETTINGS),
    Table(competitions.EmailDomain, "competition", Part.PEOPLE),
    Table(
        competitions.Announcement,
        "competition",
        Part.PEOPLE,
        people=("dismissed_by",),
        is_story=True,
    ),
    Table(competitions.RulesAcceptance, "competition", Part.PEOPLE),
    Table(
        competitions.InvitationLink,
        "competition",
        Part.PEOPLE,
        fresh={"token": random_token},
        is_story=True,
    ),
    Table(
        competitions.Invitation,
        "competition",
        Part.PEOPLE,
        fresh={"token": random_token},
        is_story=True,
    ),
    Table(competitions.JoinRequest, "competition", Part.PEOPLE, is_story=True),
    Table(competitions.Admission, "competition", Part.PEOPLE),
    Table(competitions.Exclusion, "competition", Part.PEOPLE),
    Table(competitions.HostAction, "competition", Part.PEOPLE, is_story=True),
    Table(teams.Team, "competition", Part.TEAMS),
    Table(teams.Membership, "competition", Part.TEAMS),
    Table(teams.TeamInvitation, "team__competition", Part.TEAMS, is_story=True),
    Table(teams.MergeRequest, "competition", Part.TEAMS, is_story=True),
    Table(integrity.Case, "competition", Part.TEAMS),
    Table(integrity.Party, "case__competition", Part.TEAMS),
    Table(submissions.QuotaGrant, "phase__competition", Part.SUBMISSIONS),
    Table(submissions.Submission, "phase__competition", Part.SUBMISSIONS),
    Table(submissions.Rescore, "phase__competition", Part.SCORES, only=Q(state__in=ENDED)),
    Table(
        submissions.RescoreFile,
        "rescore__phase__competition",
        Part.SCORES,
        only=Q(rescore__state__in=ENDED),
    ),
    Table(
        submissions.RescoreItem,
        "rescore__phase__competition",
        Part.SCORES,
        only=Q(rescore__state__in=ENDED),
        fresh={"token": str},
    ),
    Table(
        submissions.Attempt,
        "submission__phase__competition",
        Part.SCORES,
        only=Q(ended_at__isnull=False),
        fresh={"token": secrets.token_urlsafe},
    ),
    Table(
        submissions.Score,
        "submission__phase__competition",
        Part.SCORES,
        only=Q(rescore__isnull=True) | Q(rescore__state__in=ENDED),
    ),
    Table(
        submissions.Replicates,
        "score__submission__phase__competition",
        Part.SCORES,
        only=Q(score__rescore__isnull=True) | Q(score__rescore__state__in=ENDED),
    ),
    Table(leaderboards.FinalStanding, "phase__competition", Part.SCORES, is_story=True),
    Table(notebooks.Notebook, "competition", Part.NOTEBOOKS),
    Table(notebooks.NotebookVersion, "notebook__competition", Part.NOTEBOOKS),
)

LEFT_OUT: Mapping[type[Model], Any] = {
    competitions.Preparation: _("says how a folder of this site is made ready"),
    leaderboards.Board: _("is made anew from the scores"),
    leaderboards.Entry: _("is made anew from the scores"),
    leaderboards.Baseline: _("is made anew from the scores"),
    leaderboards.Bucket: _("is made anew from the scores"),
    teams.TeamLink: _("is an address of this site, and a secret"),
    submissions.Worker: _("is a machine of this site"),
    integrity.Sighting: _("tells of people's browsers, and is forgotten after a while"),
    notifications.Notification: _("stays in the inbox of whom it told"),
    notifications.Preference: _("belongs to a person, not to a competition"),
    notifications.Webhook: _("holds a secret between this site and another"),
    notifications.Delivery: _("is a message of this site's webhooks"),
    notifications.DeliveryTry: _("is a message of this site's webhooks"),
}
"""What stays behind on purpose, and why."""


def tables_of(parts: frozenset[Part]) -> list[Table]:
    return [table for table in TABLES if table.part in parts]
