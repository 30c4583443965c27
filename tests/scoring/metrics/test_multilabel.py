"""The metrics of sets of labels against scikit-learn."""

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import MultiLabelBinarizer

from scoring.bootstrap import weights_of
from scoring.metrics import label_averages
from scoring.metrics.functions import load
from tests.scoring.metrics.cases import reordered
from tests.scoring.metrics.cases_classification import label_sets
from tests.scoring.metrics.quiet import quiet

seeds = st.integers(0, 2**32 - 1)
LABEL_AVERAGES = ["micro", "macro", "samples"]


def matrices(truth, answers):
    """The sets as indicators, a column for each label on either side."""
    binarizer = MultiLabelBinarizer().fit([text.split() for text in [*truth, *answers]])
    return [binarizer.transform([text.split() for text in texts]) for texts in (truth, answers)]


def label_cases():
    yield "multilabel_accuracy", {}, sklearn.metrics.accuracy_score, {}
    for average in LABEL_AVERAGES:
        options = {"average": average}
        theirs = {"average": average, "zero_division": 1}
        yield "multilabel_jaccard", options, sklearn.metrics.jaccard_score, theirs
        for beta in (0.5, 1.0, 2.0):
            yield (
                "multilabel_f_beta",
                {**options, "beta": beta},
                sklearn.metrics.fbeta_score,
                {**theirs, "beta": beta},
            )


LABEL_SET_CASES = list(label_cases())


@pytest.mark.parametrize(("name", "options", "reference", "theirs"), LABEL_SET_CASES)
@settings(max_examples=30, deadline=None)
@given(rows=st.integers(1, 30), seed=seeds)
def test_metrics_of_label_sets_equal_scikit_learn(name, options, reference, theirs, rows, seed):
    random = np.random.default_rng(seed)
    case = label_sets(random, rows)
    # scikit-learn takes a single column of indicators for something else.
    case.truth[0][0], case.prediction[0] = "cat dog", "dog wolf"
    expected = quiet(reference, *matrices(case.truth[0], case.prediction), **theirs)
    value = load(name).value(case.truth, case.prediction, **options)
    assert value == pytest.approx(expected, rel=1e-12, abs=1e-15)
    weights = random.integers(0, 4, rows)
    order = np.repeat(np.arange(rows), weights)
    if order.size:
        expected = load(name).value(
            reordered(case.truth, order), reordered(case.prediction, order), **options
        )
        value = load(name).value(
            case.truth, case.prediction, weights=weights.astype(float), **options
        )
        assert value == pytest.approx(expected, rel=1e-12, abs=1e-15)


@settings(max_examples=40, deadline=None)
@given(rows=st.integers(1, 30), seed=seeds)
def test_the_hamming_loss_of_label_sets_equals_scikit_learn(rows, seed):
    random = np.random.default_rng(seed)
    case = label_sets(random, rows)
    names = {name for text in case.truth[0] for name in text.split()}
    answers = [" ".join(set(text.split()) & names) for text in case.prediction]
    metric = load("multilabel_hamming_loss")
    value = metric.value(case.truth, answers, label_count=None)
    if len(names) < 2:
        return
    weights = random.random(rows) + 0.1
    theirs = matrices(case.truth[0], answers)
    assert value == pytest.approx(sklearn.metrics.hamming_loss(*theirs), rel=1e-12)
    value = metric.value(case.truth, answers, label_count=None, weights=weights)
    expected = sklearn.metrics.hamming_loss(*theirs, sample_weight=weights)
    assert value == pytest.approx(expected, rel=1e-9)
    wider = metric.value(case.truth, answers, label_count=len(names) * 2, weights=weights)
    assert wider == pytest.approx(expected / 2)


def test_labels_that_the_truth_has_nowhere_cost_a_row_no_more_than_everything():
    metric = load("multilabel_hamming_loss")
    answers = [" ".join(map(str, range(100))), "b"]
    assert metric.value((["a", "b"],), answers, label_count=None) == 0.5
    assert metric.value((["a", "b"],), answers, label_count=1) == 0.5


@pytest.mark.parametrize(("name", "options", "_", "__"), LABEL_SET_CASES)
def test_nothing_said_of_nothing_is_right(name, options, _, __):
    assert load(name).value((["", " "],), ["", ""], **options) == 1.0
    assert load(name).value((["", " "],), ["", "a"], **options) < 1.0


@pytest.mark.parametrize(("name", "options", "_", "__"), LABEL_SET_CASES)
def test_repeated_labels_and_their_order_do_not_matter(name, options, _, __):
    truth = ["a b", "c", ""]
    value = load(name).value((truth,), ["b", "d c", ""], **options)
    assert load(name).value((["b a a", "c", " "],), ["b  b", "c d c", ""], **options) == value


@pytest.mark.parametrize("name", ["multilabel_f_beta", "multilabel_jaccard"])
@pytest.mark.parametrize("average", LABEL_AVERAGES)
def test_replicates_of_label_sets_are_their_values_under_the_weights(name, average):
    metric, case = load(name), label_sets(np.random.default_rng(6), 40)
    options = {"average": average, **({"beta": 2.0} if name == "multilabel_f_beta" else {})}
    prepared = metric.prepare(case.truth)
    rows = np.arange(5, 33)
    found = metric.replicates(prepared, case.prediction, rows, 3, 24, **options)
    for value, drawn in zip(found, weights_of(rows, seed=3, count=24), strict=True):
        weights = np.zeros(40)
        weights[rows] = drawn
        expected = metric.value(case.truth, case.prediction, weights=weights, **options)
        assert value == pytest.approx(expected, rel=1e-6)


def test_too_many_labels_have_no_interval(monkeypatch):
    monkeypatch.setattr(label_averages, "MAX_LABELS", 3)
    metric, case = load("multilabel_jaccard"), label_sets(np.random.default_rng(6), 40)
    prepared, rows = metric.prepare(case.truth), np.arange(40)
    assert metric.replicates(prepared, case.prediction, rows, 3, 8, average="macro") is None
    with pytest.raises(ValueError, match="average"):
        metric.value(case.truth, case.prediction, average="weighted")
