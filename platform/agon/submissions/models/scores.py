"""The scores of submissions: those that count, older versions, and what they are compared by."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from agon.submissions.models.submission import Submission
from scoring.contract import Split


class CurrentScores(models.Manager["Score"]):
    """Those that count: neither older versions nor what a rescore has not published."""

    def get_queryset(self) -> models.QuerySet[Score]:
        return super().get_queryset().filter(is_current=True)


class Score(models.Model):
    """One metric of a scored submission on one split, and what made it.

    `Score.objects` and `submission.scores` hold the scores that count. A query that joins scores to
    submissions asks for `is_current` itself. `Score.versions` holds all.

    Attributes:
        rescore: What made it, if not the submission's own scoring.
        replaced_by: The published rescore since which it counts no more.
    """

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="scores")
    rescore = models.ForeignKey("Rescore", models.CASCADE, null=True, related_name="scores")
    replaced_by = models.ForeignKey("Rescore", models.SET_NULL, null=True, related_name="+")
    is_current = models.BooleanField(default=True)
    metric = models.CharField(max_length=40)
    split = models.CharField(max_length=10, choices=[(s.value, s.value) for s in Split])
    value = models.FloatField()
    rows = models.PositiveIntegerField()
    signature = models.TextField()
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)

    objects = CurrentScores()
    versions = models.Manager["Score"]()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "metric", "split"],
                condition=Q(is_current=True),
                name="one_score_a_metric_and_split",
            ),
            models.UniqueConstraint(
                fields=["rescore", "submission", "metric", "split"],
                name="one_score_a_rescore_metric_and_split",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} ({self.split}): {self.value}"


class Replicates(models.Model):
    """The score's bootstrap replicates, from which any two submissions can be compared.

    They say as much as the score does, so they are as secret. A table of its own, so that nothing
    loads eight kilobytes a score by accident.
    """

    score = models.OneToOneField(Score, models.CASCADE, primary_key=True, related_name="replicates")
    values = models.BinaryField()

    class Meta:
        verbose_name_plural = "replicates"

    def __str__(self) -> str:
        return str(self.score)
