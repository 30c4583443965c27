"""Two submissions side by side: where they differ, and whether that is more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from agon.common.scores import interval_texts, score_text
from agon.competitions.models import PhaseMetric
from agon.submissions.comparison import Difference, Replicated, difference, vector
from agon.submissions.models import Replicates, State, Submission
from agon.submissions.scores import ShownValue, scores_of
from scoring.contract import Split


@dataclass(frozen=True, slots=True)
class Pair:
    """One metric on one split, the first submission's number minus the second's.

    Attributes:
        difference: None where the two do not compare, and then `reason` says why.
    """

    metric: PhaseMetric
    split: Split
    ranks: bool
    first: ShownValue
    second: ShownValue
    difference: Difference | None
    reason: str = ""

    @property
    def value(self) -> str:
        text = score_text(self.first.value - self.second.value, self.first.decimals)
        return text if text.startswith("-") else f"+{text}"

    @property
    def interval(self) -> tuple[str, str] | None:
        if self.difference is None:
            return None
        return interval_texts(self.difference.low, self.difference.high, self.first.decimals)

    @property
    def first_is_better(self) -> float:
        """The percentage of replicates in which the first one is better."""
        return self._percentage(above=self.metric.higher_is_better)

    @property
    def second_is_better(self) -> float:
        return self._percentage(above=not self.metric.higher_is_better)

    def _percentage(self, *, above: bool) -> float:
        if self.difference is None:
            return 0.0
        return 100 * (self.difference.above if above else self.difference.below)

    @property
    def first_wins(self) -> bool:
        """Which is the better one, where the difference is more than chance."""
        return self.difference is not None and (
            (self.difference.low > 0) is self.metric.higher_is_better
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two submissions by every metric and split that both have and the reader may see."""

    first: Submission
    second: Submission
    pairs: Sequence[Pair]
    reason: str = ""

    @property
    def leading(self) -> list[Pair]:
        """By the metric that ranks, for each split."""
        return [pair for pair in self.pairs if pair.ranks]


def compare(first: Submission, second: Submission, *, private_visible: bool) -> Comparison:
    """Compare by the stored replicates; nothing is scored again and no file is read."""
    if reason := _why_not(first, second):
        return Comparison(first, second, [], reason)
    replicated = _replicates(first, second, private_visible=private_visible)
    seconds = {
        (shown.metric.name, value.score.split): value
        for shown in scores_of(second, private_visible=private_visible)
        for value in shown.values
    }
    pairs = []
    for shown in scores_of(first, private_visible=private_visible):
        for value in shown.values:
            key = (shown.metric.name, value.score.split)
            other = seconds.get(key)
            if other is None:
                continue
            found, reason = _difference(
                replicated.get((first.pk, *key)), replicated.get((second.pk, *key))
            )
            split = Split(value.score.split)
            pairs.append(Pair(shown.metric, split, shown.ranks, value, other, found, reason))
    return Comparison(first, second, pairs)


def _why_not(first: Submission, second: Submission) -> str:
    if first.pk == second.pk:
        return _("This is one and the same submission. Pick two different ones.")
    if first.phase_id != second.phase_id:
        return _("The two belong to different phases, which are scored by different rules.")
    for submission in (first, second):
        if submission.state != State.SCORED:
            return _("Submission %(number)d has no score, so there is nothing to compare.") % {
                "number": submission.number
            }
    return ""


def _replicates(
    *submissions: Submission, private_visible: bool
) -> dict[tuple[int, str, str], Replicated]:
    """The vectors by submission, metric and split; private ones are not even fetched unseen."""
    stored = Replicates.objects.filter(score__submission__in=submissions, score__is_current=True)
    if not private_visible:
        stored = stored.filter(score__split=Split.PUBLIC.value)
    return {
        (row.score.submission_id, row.score.metric, row.score.split): Replicated(
            row.score.signature, vector(row.values)
        )
        for row in stored.select_related("score")
    }


def _difference(
    first: Replicated | None, second: Replicated | None
) -> tuple[Difference | None, str]:
    if first is None or second is None:
        return None, _("There are no intervals for this metric, so chance can't be judged.")
    if not first.is_comparable_with(second):
        return None, _(
            "The two were scored under different conditions: another solution, other parameters or another seed. Their numbers do not compare."
        )
    found = difference(first.values, second.values)
    if found is None:
        return None, _("The metric has too often no value in random parts of this test set.")
    return found, ""
