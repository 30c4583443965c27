"""The metrics of scores and of probabilities against their references."""

from itertools import pairwise

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.bootstrap import weights_of
from scoring.metrics import roc_auc_multiclass
from scoring.metrics.functions import load
from tests.scoring.metrics.cases_classification import probabilities, scores
from tests.scoring.metrics.quiet import quiet

seeds = st.integers(0, 2**32 - 1)
SCHEMES = [(scheme, mean) for scheme in ("ovr", "ovo") for mean in ("macro", "weighted")]
SCHEME_NAMES = {"ovr": "one_vs_rest", "ovo": "one_vs_one"}
SCORE_REFERENCES = {
    "roc_auc": sklearn.metrics.roc_auc_score,
    "average_precision": sklearn.metrics.average_precision_score,
    "normalized_gini": lambda *args, **kwargs: (
        2 * sklearn.metrics.roc_auc_score(*args, **kwargs) - 1
    ),
}
every_score = pytest.mark.parametrize("name", sorted(SCORE_REFERENCES))


@every_score
@settings(max_examples=60, deadline=None)
@given(rows=st.integers(2, 80), levels=st.sampled_from([1, 2, 5, 10**6]), seed=seeds)
def test_metrics_of_scores_equal_scikit_learn(name, rows, levels, seed):
    random = np.random.default_rng(seed)
    truth = random.permutation(np.arange(rows) % random.integers(2, rows + 1) == 0).astype(int)
    answers = random.integers(0, levels, rows) / 7.0 - 1.0
    value = load(name).value(truth, answers)
    assert value == pytest.approx(SCORE_REFERENCES[name](truth, answers), rel=1e-12, abs=1e-15)
    weights = random.random(rows) * 10.0 ** random.integers(-200, 200)
    expected = SCORE_REFERENCES[name](truth, answers, sample_weight=weights / weights.max())
    value = load(name).value(truth, answers, weights=weights)
    assert value == pytest.approx(expected, rel=1e-9, abs=1e-12)


@every_score
@pytest.mark.parametrize(
    "answers",
    [
        [0.0, -0.0, 0.0, -0.0],
        [1e300, -1e300, 1e308, 0.0],
        [5e-324, 0.0, 1e-310, -5e-324],
        [1.0, np.nextafter(1.0, 2.0), 1.0, np.nextafter(1.0, 0.0)],
    ],
)
def test_only_the_order_of_scores_counts(name, answers):
    truth, answers = np.array([0, 1, 1, 0]), np.array(answers)
    ranks = np.unique(answers, return_inverse=True)[1].astype(float)
    assert load(name).value(truth, answers) == load(name).value(truth, ranks)


@every_score
def test_one_class_alone_has_no_order(name):
    answers = np.array([0.1, 0.2])
    assert np.isnan(load(name).value(np.zeros(2, dtype=int), answers))
    of_positives = load(name).value(np.ones(2, dtype=int), answers)
    assert of_positives == 1.0 if name == "average_precision" else np.isnan(of_positives)


@every_score
def test_a_constant_score_is_a_guess(name):
    truth = np.array([0, 1, 1, 0, 0])
    guess = {"roc_auc": 0.5, "normalized_gini": 0.0, "average_precision": 0.4}[name]
    for weights in (None, np.ones(5)):
        assert load(name).value(truth, np.full(5, 0.3), weights=weights) == pytest.approx(guess)


@every_score
def test_a_truth_that_is_not_zero_or_one_is_refused(name):
    for truth in ([0, 2], [-1, 1]):
        with pytest.raises(ValueError, match="0 or 1"):
            load(name).value(np.array(truth), np.array([0.1, 0.2]))


def test_an_auc_is_a_quotient_of_whole_numbers():
    case = scores(np.random.default_rng(0), 1_000)
    positive, negative = case.prediction[case.truth == 1], case.prediction[case.truth == 0]
    doubled = 2 * (positive[:, None] > negative).sum() + (positive[:, None] == negative).sum()
    expected = int(doubled) / (2 * positive.size * negative.size)
    assert load("roc_auc").value(case.truth, case.prediction) == expected


def guo(truth, answers, *, bins, sample_weight):
    """Expected calibration error as in the code of Guo et al., 2017, with weights."""
    confidences, predictions = answers.max(axis=1), answers.argmax(axis=1)
    bounds = np.linspace(0, 1, bins + 1)
    total = 0.0
    for low, high in pairwise(bounds):
        inside = (confidences > low) & (confidences <= high)
        own = sample_weight * inside
        if own.sum() > 0:
            accuracy = np.average(predictions == truth, weights=own)
            total += abs(np.average(confidences, weights=own) - accuracy) * own.sum()
    return total / sample_weight.sum()


def top_k(truth, answers, *, k, sample_weight):
    classes = np.arange(answers.shape[1])
    return sklearn.metrics.top_k_accuracy_score(
        truth, answers, k=k, labels=classes, sample_weight=sample_weight
    )


def brier(truth, answers, *, sample_weight):
    columns = answers if answers.shape[1] > 2 else answers[:, 1]
    return sklearn.metrics.brier_score_loss(
        truth, columns, labels=range(answers.shape[1]), sample_weight=sample_weight
    )


def cross_entropy(truth, answers, *, sample_weight):
    classes = range(answers.shape[1])
    return sklearn.metrics.log_loss(truth, answers, labels=classes, sample_weight=sample_weight)


ROW_CASES = [
    ("brier_score", 2, {}, brier),
    ("brier_score", 4, {}, brier),
    ("log_loss", 2, {}, cross_entropy),
    ("log_loss", 4, {}, cross_entropy),
    ("top_k_accuracy", 4, {"k": 1}, top_k),
    ("top_k_accuracy", 4, {"k": 3}, top_k),
    ("expected_calibration_error", 2, {"bins": 10}, guo),
    ("expected_calibration_error", 4, {"bins": 1}, guo),
    ("expected_calibration_error", 4, {"bins": 15}, guo),
]


@pytest.mark.parametrize(("name", "classes", "options", "reference"), ROW_CASES)
@settings(max_examples=40, deadline=None)
@given(rows=st.integers(1, 60), seed=seeds)
def test_metrics_of_probabilities_equal_their_references(
    name, classes, options, reference, rows, seed
):
    random = np.random.default_rng(seed)
    case = probabilities(random, rows, classes=classes)
    for weights in (np.ones(rows), random.random(rows), random.integers(1, 4, rows) * 1.0):
        expected = quiet(reference, case.truth, case.prediction, sample_weight=weights, **options)
        value = load(name).value(case.truth, case.prediction, weights=weights, **options)
        assert value == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("name", "classes", "options", "_"), ROW_CASES)
def test_rows_of_probabilities_are_divided_by_their_sum(name, classes, options, _):
    random = np.random.default_rng(4)
    truth = random.integers(0, classes, 40)
    answers = random.dirichlet(np.ones(classes), size=40)
    value = load(name).value(truth, answers * random.uniform(0.1, 1.0, (40, 1)), **options)
    assert value == pytest.approx(load(name).value(truth, answers, **options))


def test_a_certain_and_wrong_row_costs_much_but_not_infinitely():
    truth, answers = np.array([0, 1]), np.array([[0.0, 1.0], [0.0, 1.0]])
    expected = sklearn.metrics.log_loss(truth, answers)
    assert load("log_loss").value(truth, answers) == pytest.approx(expected)


def test_equal_probabilities_for_all_classes_name_only_k_of_them():
    truth, answers = np.arange(4), np.full((4, 4), 0.25)
    for k in (1, 2, 3, 4, 9):
        assert load("top_k_accuracy").value(truth, answers, k=k) == min(k, 4) / 4


@pytest.mark.parametrize(("scheme", "average"), SCHEMES)
@settings(max_examples=40, deadline=None)
@given(rows=st.integers(6, 60), seed=seeds)
def test_the_auc_of_classes_equals_scikit_learn(scheme, average, rows, seed):
    random = np.random.default_rng(seed)
    case = probabilities(random, rows, classes=3)
    options = {"scheme": SCHEME_NAMES[scheme], "average": average}
    expected = sklearn.metrics.roc_auc_score(
        case.truth, case.prediction, multi_class=scheme, average=average
    )
    value = load("roc_auc_multiclass").value(case.truth, case.prediction, **options)
    assert value == pytest.approx(expected, rel=1e-12)
    weights = np.concatenate([[1, 1, 1], random.integers(0, 3, rows - 3)])
    order = np.argsort(case.truth % 3, kind="stable")
    firsts = [np.flatnonzero(case.truth == number)[0] for number in range(3)]
    order = np.concatenate([firsts, np.setdiff1d(order, firsts)])
    again = np.repeat(order, weights)
    expected = sklearn.metrics.roc_auc_score(
        case.truth[again], case.prediction[again], multi_class=scheme, average=average
    )
    value = load("roc_auc_multiclass").value(
        case.truth[order], case.prediction[order], weights=weights.astype(float), **options
    )
    assert value == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("scheme", "average"), SCHEMES)
def test_replicates_of_the_auc_of_classes_are_its_values_under_their_weights(scheme, average):
    random, metric = np.random.default_rng(8), load("roc_auc_multiclass")
    case, rows = probabilities(random, 30), random.permutation(90)[:30]
    options = {"scheme": SCHEME_NAMES[scheme], "average": average}
    found = metric.replicates(case.truth, case.prediction, rows, 3, 24, **options)
    for value, weights in zip(found, weights_of(rows, seed=3, count=24), strict=True):
        expected = metric.value(
            case.truth, case.prediction, weights=weights.astype(float), **options
        )
        assert value == pytest.approx(expected, rel=1e-12)


def test_classes_that_do_not_occur_are_left_out_of_the_auc():
    metric = load("roc_auc_multiclass")
    case = probabilities(np.random.default_rng(9), 40, classes=3)
    wider = np.column_stack([case.prediction, np.zeros(40)])
    for scheme, average in SCHEMES:
        options = {"scheme": SCHEME_NAMES[scheme], "average": average}
        value = metric.value(case.truth, case.prediction, **options)
        assert metric.value(case.truth, wider, **options) == pytest.approx(value, rel=1e-12)
        assert np.isnan(metric.value(np.zeros(40, dtype=int), wider, **options))
    with pytest.raises(ValueError, match="scheme"):
        metric.value(case.truth, case.prediction, scheme="all", average="macro")


def test_the_auc_of_classes_of_many_rows_has_no_interval(monkeypatch):
    monkeypatch.setattr(roc_auc_multiclass, "MAX_REPLICATED", 100)
    case = probabilities(np.random.default_rng(9), 40)
    options = {"scheme": "one_vs_one", "average": "macro"}
    rows = np.arange(40)
    assert (
        load("roc_auc_multiclass").replicates(case.truth, case.prediction, rows, 1, 8, **options)
        is None
    )
