"""Metrics of scores and probabilities."""

from __future__ import annotations

from scoring.errors import gettext_noop
from scoring.metrics.description import (
    Answer,
    Example,
    Family,
    MetricDescription,
    ParameterDescription,
    ParameterType,
)

MAX_BINS = 1_000
MAX_PLACES = 10_000

_POSITIVE = ParameterDescription(
    ParameterType.LABEL,
    gettext_noop("The label that a high score stands for."),
    default=1,
)
_LABELS = ParameterDescription(
    ParameterType.LABELS,
    gettext_noop(
        "The classes in the order of the prediction columns; 0, 1, 2, … by default. "
        "With one prediction column there are two classes, and the column is the "
        "probability of the second."
    ),
)


def _scores(value: float) -> Example:
    """An example of four rows of which two are in the wrong order."""
    return Example(
        solution="id,label\n1,0\n2,0\n3,1\n4,1\n",
        submission="id,score\n1,0.1\n2,0.4\n3,0.35\n4,0.8\n",
        value=value,
        prediction=("score",),
    )


def _probabilities(value: float) -> Example:
    """An example of two rows of two classes."""
    return Example(
        solution="id,label\n1,0\n2,1\n",
        submission="id,p0,p1\n1,0.5,0.5\n2,0.25,0.75\n",
        value=value,
        prediction=("p0", "p1"),
    )


PROBABILITIES: dict[str, MetricDescription] = {
    "average_precision": MetricDescription(
        title=gettext_noop("Average precision"),
        family=Family.CLASSIFICATION,
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.SCORE,
        formula=r"\sum_k (R_k - R_{k-1}) P_k",
        description=gettext_noop(
            "The mean, over the positive rows, of the share of positives among the rows that "
            "score at least as high. Only the order of the scores counts; it suits data with few "
            "positives. It has no value where there is no positive row."
        ),
        example=_scores(0.8333333333333333),
        parameters={"positive": _POSITIVE},
        takes_weights=True,
    ),
    "brier_score": MetricDescription(
        title=gettext_noop("Brier score"),
        family=Family.CLASSIFICATION,
        higher_is_better=False,
        lower=0.0,
        upper=2.0,
        best=0.0,
        answer=Answer.PROBABILITIES,
        formula=(
            r"\frac{1}{n} \sum_{i=1}^{n} \sum_{k} \left( p_{i, k} - \mathbf{1}[y_i = k] \right)^2"
        ),
        description=gettext_noop(
            "The mean squared distance of the probabilities from 1 for the true class and 0 for "
            "the others; the probabilities of a row are divided by their sum. With two classes it "
            "is half of that, so at most 1; with more, at most 2."
        ),
        example=_probabilities(0.15625),
        parameters={"labels": _LABELS},
        takes_weights=True,
        columns=(1, None),
    ),
    "expected_calibration_error": MetricDescription(
        title=gettext_noop("Expected calibration error"),
        family=Family.CLASSIFICATION,
        higher_is_better=False,
        lower=0.0,
        upper=1.0,
        best=0.0,
        answer=Answer.PROBABILITIES,
        formula=r"\sum_{b} \frac{n_b}{n} \left| \mathrm{acc}_b - \mathrm{conf}_b \right|",
        description=gettext_noop(
            "How far confidence is from accuracy: the rows are put into bins by their highest "
            "probability, and the mean of that is compared with the share of right rows in each "
            "bin. It says nothing of how many rows are right."
        ),
        example=_probabilities(0.375),
        parameters={
            "labels": _LABELS,
            "bins": ParameterDescription(
                ParameterType.INTEGER,
                gettext_noop("How many bins of equal width there are."),
                default=15,
                minimum=1,
                maximum=MAX_BINS,
            ),
        },
        takes_weights=True,
        columns=(1, None),
    ),
    "log_loss": MetricDescription(
        title=gettext_noop("Log loss"),
        family=Family.CLASSIFICATION,
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
        example=Example(
            solution="id,label\n1,0\n2,1\n",
            submission="id,p0,p1\n1,0.5,0.5\n2,0.25,0.75\n",
            value=0.490414626505863,
            prediction=("p0", "p1"),
        ),
        parameters={"labels": _LABELS},
        takes_weights=True,
        columns=(1, None),
    ),
    "normalized_gini": MetricDescription(
        title=gettext_noop("Normalised Gini"),
        family=Family.CLASSIFICATION,
        higher_is_better=True,
        lower=-1.0,
        upper=1.0,
        best=1.0,
        answer=Answer.SCORE,
        formula=r"2 \, \mathrm{AUC} - 1",
        description=gettext_noop(
            "The ROC-AUC on a scale where guessing gives 0: 1 is the perfect order of the rows, "
            "and -1 the reverse. Only the order of the scores counts. It has no value where one "
            "of the two classes does not occur."
        ),
        example=_scores(0.5),
        parameters={"positive": _POSITIVE},
        takes_weights=True,
    ),
    "roc_auc": MetricDescription(
        title=gettext_noop("ROC-AUC"),
        family=Family.CLASSIFICATION,
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.SCORE,
        formula=(
            r"\frac{1}{n_1 n_0} \sum_{i: y_i = 1} \sum_{j: y_j = 0} "
            r"\left( \mathbf{1}[s_i > s_j] + \frac{1}{2} \mathbf{1}[s_i = s_j] \right)"
        ),
        description=gettext_noop(
            "The share of pairs of a positive and a negative row in which the positive one has the "
            "higher score; a tie counts one half. Only the order of the scores counts, and 0.5 is "
            "what guessing gives. It has no value where one of the two classes does not occur."
        ),
        example=_scores(0.75),
        parameters={"positive": _POSITIVE},
        takes_weights=True,
    ),
    "roc_auc_multiclass": MetricDescription(
        title=gettext_noop("Multi-class ROC-AUC"),
        family=Family.CLASSIFICATION,
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.PROBABILITIES,
        formula=r"\frac{1}{|C|} \sum_{c \in C} \mathrm{AUC}(c, \bar{c})",
        description=gettext_noop(
            "The mean of the ROC-AUC of each class against the rest, or of each class against "
            "each other one. Only the order of the probabilities of a class counts, so they need "
            "not be right, only higher where the class is likelier. Classes that do not occur are "
            "left out; it has no value where fewer than two do."
        ),
        example=Example(
            solution="id,label\n1,0\n2,1\n3,2\n4,2\n",
            submission=(
                "id,p0,p1,p2\n1,0.7,0.2,0.1\n2,0.2,0.4,0.4\n3,0.3,0.5,0.2\n4,0.1,0.3,0.6\n"
            ),
            value=0.8055555555555555,
            prediction=("p0", "p1", "p2"),
        ),
        parameters={
            "labels": _LABELS,
            "scheme": ParameterDescription(
                ParameterType.CHOICE,
                gettext_noop(
                    "Whether each class is compared with the rest of the rows, or with each other "
                    "class."
                ),
                default="one_vs_rest",
                choices=("one_vs_rest", "one_vs_one"),
            ),
            "average": ParameterDescription(
                ParameterType.CHOICE,
                gettext_noop(
                    "Whether each comparison counts the same (macro), or as much as its classes "
                    "have rows (weighted)."
                ),
                default="macro",
                choices=("macro", "weighted"),
            ),
        },
        takes_weights=True,
        columns=(1, None),
    ),
    "top_k_accuracy": MetricDescription(
        title=gettext_noop("Top-k accuracy"),
        family=Family.CLASSIFICATION,
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.PROBABILITIES,
        formula=r"\frac{1}{n} \sum_{i=1}^{n} \mathbf{1}[y_i \in \mathrm{top}_k(p_i)]",
        description=gettext_noop(
            "The share of rows whose true class is among the k with the highest probability. Of "
            "equal probabilities the later column goes first."
        ),
        example=Example(
            solution="id,label\n1,0\n2,1\n",
            submission="id,p0,p1,p2\n1,0.2,0.3,0.5\n2,0.2,0.3,0.5\n",
            value=0.5,
            prediction=("p0", "p1", "p2"),
            parameters={"k": 2},
        ),
        parameters={
            "labels": _LABELS,
            "k": ParameterDescription(
                ParameterType.INTEGER,
                gettext_noop(
                    "How many classes a row may name; with as many as there are, every file is "
                    "perfect."
                ),
                default=5,
                minimum=1,
                maximum=MAX_PLACES,
            ),
        },
        takes_weights=True,
        columns=(1, None),
    ),
}
