"""The metrics of labels against scikit-learn, and what all metrics of the family do with sums."""

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.metrics.functions import load
from scoring.metrics.shapes import ConfusionMetric, RowMetric, TallyMetric, tally
from tests.scoring.metrics.cases_classification import BUILDERS, labels
from tests.scoring.metrics.quiet import quiet

seeds = st.integers(0, 2**32 - 1)
AVERAGES = ["binary", "micro", "macro", "weighted"]


def with_averages(name, function):
    """A case for each average, of two classes and of more."""
    for average in AVERAGES:
        few = {"average": average, "pos_label": 1, "zero_division": 0}
        yield name, 2, {"average": average, "positive": None}, function, few
        if average != "binary":
            yield name, 5, {"average": average, "positive": None}, function, {**few, "pos_label": 1}


def f_beta_cases():
    for beta in (0.0, 0.5, 1.0, 2.0):
        for name, classes, ours, function, theirs in with_averages(
            "f_beta", sklearn.metrics.fbeta_score
        ):
            yield name, classes, {**ours, "beta": beta}, function, {**theirs, "beta": beta}


LABEL_CASES = [
    ("accuracy", 5, {}, sklearn.metrics.accuracy_score, {}),
    ("macro_f1", 5, {}, sklearn.metrics.f1_score, {"average": "macro", "zero_division": 0}),
    ("balanced_accuracy", 5, {}, sklearn.metrics.balanced_accuracy_score, {}),
    ("matthews_correlation", 5, {}, sklearn.metrics.matthews_corrcoef, {}),
    ("matthews_correlation", 2, {}, sklearn.metrics.matthews_corrcoef, {}),
    ("hamming_loss", 5, {}, sklearn.metrics.hamming_loss, {}),
    *with_averages("precision", sklearn.metrics.precision_score),
    *with_averages("recall", sklearn.metrics.recall_score),
    *with_averages("jaccard", sklearn.metrics.jaccard_score),
    *f_beta_cases(),
]


@pytest.mark.parametrize(("name", "classes", "options", "reference", "theirs"), LABEL_CASES)
@settings(max_examples=25, deadline=None)
@given(rows=st.integers(1, 60), seed=seeds)
def test_metrics_of_labels_equal_scikit_learn(
    name, classes, options, reference, theirs, rows, seed
):
    random = np.random.default_rng(seed)
    # Any of the classes may be missing on either side.
    truth = random.integers(0, classes, rows)
    answers = np.where(random.random(rows) < 0.4, truth, random.integers(0, classes, rows))
    value = load(name).value(truth, answers, known=classes, **options)
    assert value == pytest.approx(quiet(reference, truth, answers, **theirs), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(
    ("weights", "theirs"), [("none", None), ("linear",) * 2, ("quadratic",) * 2]
)
@settings(max_examples=40, deadline=None)
@given(rows=st.integers(1, 60), classes=st.integers(1, 6), seed=seeds)
def test_kappa_equals_scikit_learn(weights, theirs, rows, classes, seed):
    random = np.random.default_rng(seed)
    truth, answers = random.integers(0, classes, (2, rows))
    expected = quiet(
        sklearn.metrics.cohen_kappa_score,
        truth,
        answers,
        weights=theirs,
        labels=np.arange(max(truth.max(), answers.max()) + 1),
    )
    value = load("cohen_kappa").value(truth, answers, weights=weights)
    assert value == pytest.approx(expected, rel=1e-12, abs=1e-14, nan_ok=True)


@pytest.mark.parametrize(
    ("truth", "answers"),
    [
        ([0, 0, 1], [2, 2, 2]),
        ([0], [0]),
        ([0], [1]),
        ([1, 1, 1, 2], [1, 1, 1, 1]),
        ([0, 1, 2, 3], [3, 2, 1, 0]),
        ([0, 1, 10**6, 0], [10**6, 1, 10**6, 0]),
    ],
)
@pytest.mark.parametrize(
    ("name", "options", "reference", "theirs"),
    [(name, o, r, t) for name, classes, o, r, t in LABEL_CASES if classes == 5],
)
def test_odd_labels_are_those_of_scikit_learn(name, options, reference, theirs, truth, answers):
    truth, answers = np.array(truth), np.array(answers)
    value = load(name).value(truth, answers, **options)
    assert value == pytest.approx(quiet(reference, truth, answers, **theirs), abs=1e-15)


@pytest.mark.parametrize("name", ["precision", "recall", "f_beta", "jaccard"])
def test_the_positive_class_may_be_any_and_must_be_named_among_three(name):
    truth, answers = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 1, 2, 2])
    reference = {
        "precision": sklearn.metrics.precision_score,
        "recall": sklearn.metrics.recall_score,
        "f_beta": sklearn.metrics.f1_score,
        "jaccard": sklearn.metrics.jaccard_score,
    }[name]
    options = {"beta": 1.0} if name == "f_beta" else {}
    metric = load(name)
    of_each = reference(truth, answers, average=None)
    for positive in range(3):
        value = metric.value(truth, answers, average="binary", positive=positive, **options)
        assert value == pytest.approx(of_each[positive])
    assert np.isnan(metric.value(truth, answers, average="binary", positive=None, **options))
    with pytest.raises(ValueError, match="average"):
        metric.value(truth, answers, average="samples", positive=None, **options)


def test_an_answer_that_the_solution_has_not_is_never_the_positive_class():
    truth, answers = np.array([0, 0, 1, 1]), np.array([2, 0, 1, 2])
    value = load("recall").value(truth, answers, known=2, average="binary", positive=None)
    assert value == 0.5


def test_a_correlation_of_rare_classes_keeps_its_digits():
    truth = np.zeros(3_000_000, dtype=np.int64)
    truth[:3] = 1
    answers = truth.copy()
    answers[2:4] = [0, 1]
    # By hand: TP 2, FN 1, FP 1, TN 2,999,996.
    expected = (2 * 2_999_996 - 1) / (3 * 2_999_997)
    assert load("matthews_correlation").value(truth, answers) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "name", [name for name in BUILDERS if isinstance(load(name), TallyMetric | ConfusionMetric)]
)
def test_counts_are_finished_together_as_one_by_one(name):
    random, metric = np.random.default_rng(3), load(name)
    cases = [BUILDERS[name](random, 30) for _ in range(6)]
    if isinstance(metric, ConfusionMetric):
        pairs = [case.truth * 6 + case.prediction for case in cases]
        counts = np.array([np.bincount(cells, minlength=36) for cells in pairs]).astype(float)
        together = metric.finish(counts.reshape(2, 3, 6, 6), **cases[0].parameters)
    else:
        known = int(cases[0].truth.max()) + 1
        # A class more than there are, so that all have the same number.
        tallies = [tally(case.truth, case.prediction, known=7) for case in cases]
        stacked = {
            key: np.array([getattr(one, key) for one in tallies]).reshape(2, 3, 7)
            for key in ("hits", "truths", "predictions")
        }
        together = metric.finish(type(tallies[0])(known=known, **stacked), **cases[0].parameters)
    assert together.shape == (2, 3)
    for value, case in zip(together.ravel(), cases, strict=True):
        alone = metric.value(case.truth, case.prediction, **case.parameters)
        assert value == pytest.approx(alone, rel=1e-12)


def test_perfect_labels_of_any_beta_are_one_to_the_last_digit():
    case = labels(np.random.default_rng(2), 37)
    for beta in np.linspace(0.0, 3.0, 301):
        options = {"beta": float(beta), "average": "macro", "positive": None}
        assert load("f_beta").value(case.truth, case.truth, **options) == 1.0


@pytest.mark.parametrize(
    "name", [name for name in BUILDERS if not isinstance(load(name), TallyMetric | ConfusionMetric)]
)
def test_all_weights_zero_is_undefined(name):
    case = BUILDERS[name](np.random.default_rng(1), 9)
    value = load(name).value(case.truth, case.prediction, weights=np.zeros(9), **case.parameters)
    assert np.isnan(value)


@pytest.mark.parametrize("name", [name for name in BUILDERS if isinstance(load(name), RowMetric)])
def test_sums_are_finished_together_as_one_by_one(name):
    random, metric = np.random.default_rng(7), load(name)
    case = BUILDERS[name](random, 30)
    truth = case.truth if metric.prepare is None else metric.prepare(case.truth, **case.parameters)
    rows = metric.rows(truth, case.prediction, **case.parameters).reshape(30, -1)
    weights = random.integers(0, 3, (5, 2, 30)).astype(float)
    together = metric.finish(weights @ rows, weights.sum(axis=-1), **case.parameters)
    assert together.shape == (5, 2)
    for place in np.ndindex(5, 2):
        alone = metric.value(case.truth, case.prediction, weights=weights[place], **case.parameters)
        assert together[place] == pytest.approx(alone, rel=1e-12)
