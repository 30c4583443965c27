"""What each metric is, in plain values: the pages and the definition check read this.

Importing it loads neither numpy nor any metric; `scoring.metrics.functions` has the functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from scoring.errors import gettext_noop


class Answer(StrEnum):
    """What a metric expects in the submission's prediction column(s)."""

    LABEL = "label"
    NUMBER = "number"
    PROBABILITIES = "probabilities"


class ParameterType(StrEnum):
    """What a metric's parameter may hold."""

    LABELS = "labels"
    """A list of all integers or all texts, each once."""


@dataclass(frozen=True, slots=True)
class ParameterDescription:
    """One option of a metric. Every option has a default, so none must be given."""

    type: ParameterType
    description: str


@dataclass(frozen=True, slots=True)
class MetricDescription:
    """One metric as people and pages see it.

    Attributes:
        title: The name in running text.
        higher_is_better: The direction of improvement.
        lower: The smallest value possible; None where there is none.
        upper: The largest value possible; None where there is none.
        best: The value of a perfect file.
        answer: What the prediction column(s) must hold.
        formula: LaTeX, without delimiters.
        description: One sentence for participants.
        parameters: Name to description of each option.
    """

    title: str
    higher_is_better: bool
    lower: float | None
    upper: float | None
    best: float
    answer: Answer
    formula: str
    description: str
    parameters: Mapping[str, ParameterDescription] = field(default_factory=dict)


METRICS: dict[str, MetricDescription] = {
    "accuracy": MetricDescription(
        title=gettext_noop("Accuracy"),
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.LABEL,
        formula=r"\frac{1}{n} \sum_{i=1}^{n} \mathbf{1}[\hat{y}_i = y_i]",
        description=gettext_noop("The share of rows whose label is right."),
    ),
    "log_loss": MetricDescription(
        title=gettext_noop("Log loss"),
        higher_is_better=False,
        lower=0.0,
        upper=None,
        best=0.0,
        answer=Answer.PROBABILITIES,
        formula=r"-\frac{1}{n} \sum_{i=1}^{n} \ln \frac{p_{i, y_i}}{\sum_{k} p_{i, k}}",
        description=gettext_noop(
            "The mean negative logarithm of the probability given to the true class. "
            "Each probability must be between 0 and 1; the probabilities of a row are divided by "
            "their sum, and kept a hair away from 0 and 1 so that one wrong row can't cost "
            "infinitely much."
        ),
        parameters={
            "labels": ParameterDescription(
                ParameterType.LABELS,
                gettext_noop(
                    "The classes in the order of the prediction columns; 0, 1, 2, … by default. "
                    "With one prediction column there are two classes, and the column is the "
                    "probability of the second."
                ),
            ),
        },
    ),
    "macro_f1": MetricDescription(
        title=gettext_noop("Macro F1"),
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.LABEL,
        formula=(
            r"\frac{1}{|C|} \sum_{c \in C} "
            r"\frac{2\,\mathrm{TP}_c}{2\,\mathrm{TP}_c + \mathrm{FP}_c + \mathrm{FN}_c}"
        ),
        description=gettext_noop(
            "The harmonic mean of precision and recall of each class, averaged over the classes, "
            "so that a rare class counts as much as a common one."
        ),
    ),
    "rmse": MetricDescription(
        title=gettext_noop("Root mean squared error"),
        higher_is_better=False,
        lower=0.0,
        upper=None,
        best=0.0,
        answer=Answer.NUMBER,
        formula=r"\sqrt{\frac{1}{n} \sum_{i=1}^{n} (\hat{y}_i - y_i)^2}",
        description=gettext_noop(
            "The square root of the mean squared distance between prediction and truth; large "
            "errors weigh more than small ones."
        ),
    ),
}
