"""A submission's scores as pages show them, with intervals and signatures, and their replicates."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from agon.common.scores import interval_texts, score_text
from agon.competitions.models import PhaseMetric
from agon.submissions.comparison import Replicated, vector
from agon.submissions.models import Replicates, Score, Submission
from scoring.contract import Split, SubmissionKind

DEFAULT_PHASE = "main"
_ENGINE = re.compile(r"\bagon:([^|]*)")


@dataclass(frozen=True)
class ShownValue:
    """One number with what surrounds it."""

    score: Score
    decimals: int

    @property
    def value(self) -> float:
        return self.score.value

    @property
    def text(self) -> str:
        return score_text(self.score.value, self.decimals)

    @cached_property
    def interval(self) -> tuple[str, str] | None:
        return interval_texts(self.score.low, self.score.high, self.decimals)

    @property
    def signature(self) -> str:
        return self.score.signature

    @property
    def short_signature(self) -> str:
        """What tells apart most scores that do not compare: metric, split, rows and engine."""
        engine = _ENGINE.search(self.score.signature)
        parts = [self.score.metric, self.score.split, f"rows:{self.score.rows}"]
        return "|".join([*parts, f"agon:{engine[1]}"] if engine else parts)


@dataclass(frozen=True, slots=True)
class ShownScore:
    """One metric; private values only for those who may see them."""

    metric: PhaseMetric
    public: ShownValue | None
    private: ShownValue | None
    ranks: bool

    @property
    def values(self) -> list[ShownValue]:
        return [value for value in (self.public, self.private) if value is not None]


def scores_of(submission: Submission, *, private_visible: bool) -> list[ShownScore]:
    """A row for each metric, in the phase's order; private values only for those who may see them."""
    phase = submission.phase
    found = {
        (score.metric, score.split): ShownValue(score, phase.decimals)
        for score in submission.scores.all()
        if private_visible or score.split == Split.PUBLIC.value
    }
    shown = [
        ShownScore(
            metric=metric,
            public=found.get((metric.name, Split.PUBLIC.value)),
            private=found.get((metric.name, Split.PRIVATE.value)),
            ranks=number == 0,
        )
        for number, metric in enumerate(phase.all_metrics)
    ]
    return [score for score in shown if score.values]


def scoring_command(submission: Submission) -> str:
    """What makes the same scores and signatures again, for whoever has the solution.

    Nothing for a model or a program: those run in the sandbox of a worker first.
    """
    if submission.submission_kind is not SubmissionKind.PREDICTIONS:
        return ""
    phase = submission.phase
    name = submission.file_name
    arguments = [
        *("python", "-m", "scoring", "score", f"competitions/{phase.competition.slug}"),
        f"./{name}" if name.startswith("-") else name,
        *(("--phase", phase.name) if phase.name != DEFAULT_PHASE else ()),
        *("--solution", "solution.csv", "--seed", str(phase.seed), "--signature"),
    ]
    return shlex.join(arguments)


def replicates_of(
    submission_ids: Iterable[int], *, metric: str, split: str
) -> dict[int, Replicated]:
    """The stored replicates of some submissions, in one query."""
    rows = Replicates.objects.filter(
        score__submission__in=list(submission_ids),
        score__metric=metric,
        score__split=split,
        score__is_current=True,
    ).values_list("score__submission_id", "score__signature", "values")
    return {
        submission_id: Replicated(signature, vector(values))
        for submission_id, signature, values in rows
    }
