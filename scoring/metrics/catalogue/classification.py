"""Metrics of labels; the classification metrics of other answers are named here too."""

from __future__ import annotations

from collections.abc import Mapping

from scoring.errors import gettext_noop
from scoring.metrics.catalogue.multilabel import BETA, MULTILABEL
from scoring.metrics.catalogue.probabilities import PROBABILITIES
from scoring.metrics.description import (
    Answer,
    Example,
    Family,
    MetricDescription,
    ParameterDescription,
    ParameterType,
    Value,
)

_NO_PARAMETERS: Mapping[str, Value] = {}
_COLUMNS = (1, None)
"""One of labels, or one a class."""

_AVERAGE = ParameterDescription(
    ParameterType.CHOICE,
    gettext_noop(
        "What becomes one score: the positive class (binary), all classes' counts together "
        "(micro), the mean over classes (macro), or that mean with each class counting as often as "
        "it occurs (weighted)."
    ),
    default="binary",
    choices=("binary", "micro", "macro", "weighted"),
)
_LABELS = ParameterDescription(
    ParameterType.LABELS,
    gettext_noop(
        "Only where there is one prediction column a class: the classes in the order of the "
        "columns; 0, 1, 2, … by default."
    ),
)
_POSITIVE = ParameterDescription(
    ParameterType.LABEL,
    gettext_noop(
        "The label that the average “binary” looks at; by default the last of two. With more than "
        "two labels it must be given."
    ),
)


def _cats_and_dogs(value: float, parameters: Mapping[str, Value] = _NO_PARAMETERS) -> Example:
    """An example of four rows of which one cat is called a dog."""
    return Example(
        solution="id,label\n1,cat\n2,dog\n3,dog\n4,cat\n",
        submission="id,label\n1,cat\n2,dog\n3,dog\n4,dog\n",
        value=value,
        parameters=parameters,
    )


LABELS: dict[str, MetricDescription] = {
    "accuracy": MetricDescription(
        title=gettext_noop("Accuracy"),
        family=Family.CLASSIFICATION,
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.LABEL,
        formula=r"\frac{1}{n} \sum_{i=1}^{n} \mathbf{1}[\hat{y}_i = y_i]",
        description=gettext_noop("The share of rows whose label is right."),
        example=Example(
            solution="id,label\n1,cat\n2,dog\n3,dog\n4,cat\n",
            submission="id,label\n1,cat\n2,dog\n3,cat\n4,cat\n",
            value=0.75,
        ),
        parameters={"labels": _LABELS},
        columns=_COLUMNS,
    ),
    "balanced_accuracy": MetricDescription(
        title=gettext_noop("Balanced accuracy"),
        family=Family.CLASSIFICATION,
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.LABEL,
        formula=(
            r"\frac{1}{|C|} \sum_{c \in C} \frac{\mathrm{TP}_c}{\mathrm{TP}_c + \mathrm{FN}_c}"
        ),
        description=gettext_noop(
            "The share of right labels within each class, averaged over the classes, so that a "
            "rare class counts as much as a common one."
        ),
        example=_cats_and_dogs(0.75),
        parameters={"labels": _LABELS},
        columns=_COLUMNS,
    ),
    "cohen_kappa": MetricDescription(
        title=gettext_noop("Cohen's kappa"),
        family=Family.CLASSIFICATION,
        higher_is_better=True,
        lower=-1.0,
        upper=1.0,
        best=1.0,
        answer=Answer.LABEL,
        formula=r"1 - \frac{\sum_{i,j} w_{ij} O_{ij}}{\sum_{i,j} w_{ij} E_{ij}}",
        description=gettext_noop(
            "How much better than chance labels and truth agree: 1 is perfect, 0 is chance. With "
            "linear or quadratic weights a label costs more the further it is from the true one; "
            "a label that the truth has nowhere counts as above all others. It has no value where "
            "all rows have one and the same label and truth."
        ),
        example=Example(
            solution="id,label\n1,1\n2,2\n3,3\n4,3\n",
            submission="id,label\n1,1\n2,2\n3,2\n4,3\n",
            value=0.8,
            parameters={"weights": "quadratic"},
        ),
        parameters={
            "labels": _LABELS,
            "weights": ParameterDescription(
                ParameterType.CHOICE,
                gettext_noop(
                    "What a wrong label costs: always the same (none), how many labels it is off "
                    "(linear), or the square of that (quadratic). The labels are in ascending "
                    "order."
                ),
                default="none",
                choices=("none", "linear", "quadratic"),
            ),
        },
        columns=_COLUMNS,
    ),
    "f_beta": MetricDescription(
        title=gettext_noop("F-beta"),
        family=Family.CLASSIFICATION,
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.LABEL,
        formula=(
            r"\frac{(1 + \beta^2)\,\mathrm{TP}}{(1 + \beta^2)\,\mathrm{TP} + \beta^2\,\mathrm{FN} + \mathrm{FP}}"
        ),
        description=gettext_noop(
            "The harmonic mean of precision and recall, recall counting beta times as much as "
            "precision; with a beta of 1 it is the F1 score."
        ),
        example=_cats_and_dogs(0.9090909090909091, {"beta": 2.0}),
        parameters={"labels": _LABELS, "beta": BETA, "average": _AVERAGE, "positive": _POSITIVE},
        columns=_COLUMNS,
    ),
    "hamming_loss": MetricDescription(
        title=gettext_noop("Hamming loss"),
        family=Family.CLASSIFICATION,
        higher_is_better=False,
        lower=0.0,
        upper=1.0,
        best=0.0,
        answer=Answer.LABEL,
        formula=r"\frac{1}{n} \sum_{i=1}^{n} \mathbf{1}[\hat{y}_i \ne y_i]",
        description=gettext_noop("The share of rows whose label is wrong."),
        example=_cats_and_dogs(0.25),
        parameters={"labels": _LABELS},
        columns=_COLUMNS,
    ),
    "jaccard": MetricDescription(
        title=gettext_noop("Jaccard index"),
        family=Family.CLASSIFICATION,
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.LABEL,
        formula=r"\frac{\mathrm{TP}}{\mathrm{TP} + \mathrm{FP} + \mathrm{FN}}",
        description=gettext_noop(
            "The rows rightly predicted to be of a class, among those that are of it or predicted "
            "to be."
        ),
        example=_cats_and_dogs(0.6666666666666666),
        parameters={"labels": _LABELS, "average": _AVERAGE, "positive": _POSITIVE},
        columns=_COLUMNS,
    ),
    "macro_f1": MetricDescription(
        title=gettext_noop("Macro F1"),
        family=Family.CLASSIFICATION,
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
        example=Example(
            solution="id,label\n1,0\n2,0\n3,1\n4,1\n",
            submission="id,label\n1,0\n2,0\n3,1\n4,0\n",
            value=0.7333333333333334,
        ),
        parameters={"labels": _LABELS},
        columns=_COLUMNS,
    ),
    "matthews_correlation": MetricDescription(
        title=gettext_noop("Matthews correlation"),
        family=Family.CLASSIFICATION,
        higher_is_better=True,
        lower=-1.0,
        upper=1.0,
        best=1.0,
        answer=Answer.LABEL,
        formula=(
            r"\frac{n \sum_k c_k - \sum_k t_k p_k}"
            r"{\sqrt{n^2 - \sum_k t_k^2} \sqrt{n^2 - \sum_k p_k^2}}"
        ),
        description=gettext_noop(
            "The correlation of labels and truth: 1 is perfect, 0 is as good as guessing, and -1 "
            "is always wrong. It is 0 where all labels are the same."
        ),
        example=_cats_and_dogs(0.5773502691896258),
        parameters={"labels": _LABELS},
        columns=_COLUMNS,
    ),
    "precision": MetricDescription(
        title=gettext_noop("Precision"),
        family=Family.CLASSIFICATION,
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.LABEL,
        formula=r"\frac{\mathrm{TP}}{\mathrm{TP} + \mathrm{FP}}",
        description=gettext_noop(
            "The share of the rows predicted to be of a class that are of it; 0 if it is never "
            "predicted."
        ),
        example=_cats_and_dogs(0.6666666666666666),
        parameters={"labels": _LABELS, "average": _AVERAGE, "positive": _POSITIVE},
        columns=_COLUMNS,
    ),
    "recall": MetricDescription(
        title=gettext_noop("Recall"),
        family=Family.CLASSIFICATION,
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.LABEL,
        formula=r"\frac{\mathrm{TP}}{\mathrm{TP} + \mathrm{FN}}",
        description=gettext_noop(
            "The share of the rows of a class that are predicted to be of it."
        ),
        example=_cats_and_dogs(1.0),
        parameters={"labels": _LABELS, "average": _AVERAGE, "positive": _POSITIVE},
        columns=_COLUMNS,
    ),
}

CLASSIFICATION = {**LABELS, **PROBABILITIES, **MULTILABEL}
