"""Metrics of sets of labels."""

from __future__ import annotations

from collections.abc import Mapping

from scoring.errors import gettext_noop
from scoring.metrics.description import (
    Answer,
    Example,
    Family,
    MetricDescription,
    ParameterDescription,
    ParameterType,
    Value,
)

MAX_LABELS = 1_000_000

BETA = ParameterDescription(
    ParameterType.NUMBER,
    gettext_noop("How many times as much recall counts as precision."),
    default=1.0,
    minimum=0.01,
    maximum=100.0,
)
_AVERAGE = ParameterDescription(
    ParameterType.CHOICE,
    gettext_noop(
        "What is counted together: all labels of all rows (micro), each label, of which the mean "
        "is taken (macro), or each row, of which the mean is taken (samples)."
    ),
    default="macro",
    choices=("micro", "macro", "samples"),
)
_NO_PARAMETERS: Mapping[str, Value] = {}


def _labels(value: float, parameters: Mapping[str, Value] = _NO_PARAMETERS) -> Example:
    """An example of two rows of which one has a label too many."""
    return Example(
        solution="id,labels\n1,cat dog\n2,bird\n",
        submission="id,labels\n1,dog cat\n2,bird cat\n",
        value=value,
        target=("labels",),
        prediction=("labels",),
        parameters=parameters,
    )


MULTILABEL: dict[str, MetricDescription] = {
    "multilabel_accuracy": MetricDescription(
        title=gettext_noop("Multi-label accuracy"),
        family=Family.CLASSIFICATION,
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.SEQUENCE,
        formula=r"\frac{1}{n} \sum_{i=1}^{n} \mathbf{1}[\hat{Y}_i = Y_i]",
        description=gettext_noop(
            "The share of rows with exactly the right labels. A row's labels are separated by "
            "spaces, their order does not matter, and a row may have none."
        ),
        example=_labels(0.5),
        takes_weights=True,
    ),
    "multilabel_f_beta": MetricDescription(
        title=gettext_noop("Multi-label F-beta"),
        family=Family.CLASSIFICATION,
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.SEQUENCE,
        formula=r"\frac{(1 + \beta^2) |Y \cap \hat{Y}|}{\beta^2 |Y| + |\hat{Y}|}",
        description=gettext_noop(
            "The harmonic mean of precision and recall of the labels, recall counting beta times "
            "as much as precision. Where nothing is true and nothing is predicted it is 1. A "
            "row's labels are separated by spaces, their order does not matter, and a row may "
            "have none."
        ),
        example=_labels(0.8333333333333334, {"average": "samples"}),
        parameters={"beta": BETA, "average": _AVERAGE},
        takes_weights=True,
    ),
    "multilabel_hamming_loss": MetricDescription(
        title=gettext_noop("Multi-label Hamming loss"),
        family=Family.CLASSIFICATION,
        higher_is_better=False,
        lower=0.0,
        upper=1.0,
        best=0.0,
        answer=Answer.SEQUENCE,
        formula=(
            r"\frac{1}{n L} \sum_{i=1}^{n} \left( |Y_i \setminus \hat{Y}_i| + |\hat{Y}_i \setminus Y_i| \right)"
        ),
        description=gettext_noop(
            "How many labels are missing or too many, as a share of the number of rows times the "
            "number of labels; a row costs at most 1. A row's labels are separated by spaces, "
            "their order does not matter, and a row may have none."
        ),
        example=_labels(0.16666666666666666),
        parameters={
            "label_count": ParameterDescription(
                ParameterType.INTEGER,
                gettext_noop(
                    "How many labels there are; as many as the solution has by default, and never "
                    "fewer."
                ),
                minimum=1,
                maximum=MAX_LABELS,
            )
        },
        takes_weights=True,
    ),
    "multilabel_jaccard": MetricDescription(
        title=gettext_noop("Multi-label Jaccard index"),
        family=Family.CLASSIFICATION,
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.SEQUENCE,
        formula=r"\frac{|Y \cap \hat{Y}|}{|Y \cup \hat{Y}|}",
        description=gettext_noop(
            "The labels that are right, among those that are true or predicted. Where nothing is "
            "true and nothing is predicted it is 1. A row's labels are separated by spaces, their "
            "order does not matter, and a row may have none."
        ),
        example=_labels(0.75, {"average": "samples"}),
        parameters={"average": _AVERAGE},
        takes_weights=True,
    ),
}
