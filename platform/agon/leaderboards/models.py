"""The kept leaderboard: a team's current best, and how many stand in each stretch of the board.

`Entry.key` is the score with the sign that makes smaller better, so one comparison of
(key, reached_at, team) orders every board whatever its metric's direction. `Bucket`s partition
a board by key into stretches of at most about a thousand entries: a rank is the sum of the better
buckets plus a count inside one, so it costs the same at a million teams as at a thousand.
Entries, buckets and the board's totals change in the transaction that records the score. `Baseline`s
of the hosts stand apart, so that nothing that is counted counts them.

`Board.ties` are the stretches of the first hundred entries whose members can't be told apart on
this test set. What that takes is known to `submissions`, which hands them over; they are kept with
the submissions that they were found among, so that they are looked for only when those change.
"""

from __future__ import annotations

import sys

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agon.competitions.models import Phase
from agon.teams.models import Team
from scoring.contract import Split

LOWEST = -sys.float_info.max
"""No key of a finite score is below it; the lower end of a board's first bucket."""

SPLITS = [(split.value, split.value) for split in Split]


class Board(models.Model):
    """One split of a phase. Its row is the lock under which its entries and buckets change."""

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="boards")
    split = models.CharField(max_length=10, choices=SPLITS)
    teams = models.PositiveIntegerField(default=0)
    version = models.PositiveBigIntegerField(default=0)
    top = models.JSONField(default=list)
    ties = models.JSONField(default=list)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["phase", "split"], name="one_board_a_phase_and_split"),
        ]

    def __str__(self) -> str:
        return f"{self.phase} · {self.split}"


class Placed(models.Model):
    """A score's place in the order of one board."""

    key = models.FloatField()
    value = models.FloatField()
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    reached_at = models.DateTimeField()
    submission = models.ForeignKey("submissions.Submission", models.CASCADE, related_name="+")
    submission_count = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True


class Entry(Placed):
    """A team's place on one board."""

    board = models.ForeignKey(Board, models.CASCADE, related_name="entries")
    team = models.ForeignKey(Team, models.CASCADE, related_name="entries")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["board", "team"], name="one_entry_a_team_and_board"),
        ]
        indexes = [
            models.Index(fields=["board", "key", "reached_at", "team"], name="entry_rank"),
        ]

    def __str__(self) -> str:
        return f"{self.board} · {self.team}"


class Baseline(Placed):
    """A host's baseline on one board: shown at its score, and neither ranked nor counted.

    There are a few of them at most, so a page reads them all and sets them between its entries.
    """

    board = models.ForeignKey(Board, models.CASCADE, related_name="baselines")
    team = models.ForeignKey(Team, models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["board", "team"], name="one_place_a_baseline_and_board"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.board} · {self.team}"


class Bucket(models.Model):
    """How many entries of a board have a key of at least `lower` and below the next bucket's."""

    board = models.ForeignKey(Board, models.CASCADE, related_name="buckets")
    lower = models.FloatField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["board", "lower"], name="one_bucket_a_board_and_key"),
        ]

    def __str__(self) -> str:
        return f"{self.board} · from {self.lower}"


class Medal(models.TextChoices):
    GOLD = "gold", _("Gold")
    SILVER = "silver", _("Silver")
    BRONZE = "bronze", _("Bronze")


class FinalStanding(models.Model):
    """Where a team ended: written once, when the hosts publish the results of a phase.

    Nothing that happens to boards, teams or scores afterwards changes it; only the hosts do, who
    publish anew.
    """

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="final_standings")
    team = models.ForeignKey(Team, models.CASCADE, related_name="final_standings")
    rank = models.PositiveIntegerField(_("rank"))
    public_rank = models.PositiveIntegerField(_("rank on the public rows"), null=True, blank=True)
    value = models.FloatField(_("score"))
    public_value = models.FloatField(_("public score"), null=True, blank=True)
    submission = models.ForeignKey(
        "submissions.Submission", models.SET_NULL, null=True, related_name="+"
    )
    submission_count = models.PositiveIntegerField(_("submissions"), default=1)
    medal = models.CharField(_("medal"), max_length=6, choices=Medal, blank=True)
    verified_at = models.DateTimeField(_("verified as a winner"), null=True, blank=True)
    verification = models.CharField(_("how it was verified"), max_length=500, blank=True)

    class Meta:
        ordering = ["phase", "rank", "team"]
        constraints = [
            models.UniqueConstraint(fields=["phase", "team"], name="one_final_place_a_team"),
        ]

    def __str__(self) -> str:
        return f"{self.phase} · {self.rank}. {self.team}"
