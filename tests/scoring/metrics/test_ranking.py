"""The metrics of rankings against scikit-learn and the formulas written row by row."""

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.metrics.functions import load
from scoring.metrics.hit_rate_at_k import hit_rate_at_k
from scoring.metrics.map_at_k import map_at_k
from scoring.metrics.mrr import mrr
from scoring.metrics.ndcg_at_k import ndcg_at_k
from scoring.metrics.recall_at_k import recall_at_k
from tests.scoring.metrics.cases import reordered
from tests.scoring.metrics.cases_ranking import BUILDERS, ITEMS, graded_rankings, rankings


def apk(actual, predicted, k):
    """As published with Kaggle's competitions (ml_metrics)."""
    score, hits = 0.0, 0.0
    for place, item in enumerate(predicted[:k]):
        if item in actual and item not in predicted[:place]:
            hits += 1.0
            score += hits / (place + 1.0)
    return score / min(len(actual), k)


def reciprocal_rank(actual, predicted, k):
    places = [place for place, item in enumerate(predicted[:k], 1) if item in actual]
    return 1 / places[0] if places else 0.0


def recall(actual, predicted, k):
    return len(set(actual) & set(predicted[:k])) / len(actual)


def hit(actual, predicted, k):
    return float(bool(set(actual) & set(predicted[:k])))


def graded(text):
    pairs = (item.rpartition(":") for item in text.split())
    return {name: float(grade) for name, _, grade in pairs}


def gain_of_row(actual, predicted, k, gain):
    """NDCG by scikit-learn, of scores made from the ranking, items that are not in it last."""
    grades = graded(actual)
    ranking = list(dict.fromkeys(predicted))
    catalogue = [*ranking, *(item for item in grades if item not in ranking), "none", "at all"]
    relevance = np.array([grades.get(item, 0.0) for item in catalogue])
    if gain == "exponential":
        relevance = 2**relevance - 1
    # Beyond the ranking scikit-learn must find nothing.
    cut = min(k, len(ranking))
    if cut == 0:
        return 0.0
    found = sklearn.metrics.dcg_score([relevance], [-np.arange(len(catalogue))], k=cut)
    best = sklearn.metrics.dcg_score([relevance], [relevance], k=k, ignore_ties=True)
    whole = sklearn.metrics.ndcg_score([relevance], [-np.arange(len(catalogue))], k=k)
    if k <= len(ranking):
        assert whole == pytest.approx(found / best)
    return found / best


ROWS = {"map_at_k": apk, "mrr": reciprocal_rank, "recall_at_k": recall, "hit_rate_at_k": hit}

every_metric = pytest.mark.parametrize("name", sorted(BUILDERS))
seeds = st.integers(0, 2**32 - 1)
places = st.integers(1, 14)


@pytest.mark.parametrize("name", sorted(ROWS))
@settings(max_examples=60, deadline=None)
@given(rows=st.integers(1, 30), k=places, seed=seeds)
def test_it_equals_the_formula_row_by_row(name, rows, k, seed):
    random = np.random.default_rng(seed)
    case = rankings(random, rows)
    # With repeats, and in other places.
    answers = [" ".join(random.choice([*text.split(), "b"], 8)) for text in case.prediction]
    expected = [
        ROWS[name](actual.split(), predicted.split(), k)
        for actual, predicted in zip(case.truth[0], answers, strict=True)
    ]
    metric = load(name)
    assert metric.value(case.truth, answers, k=k) == pytest.approx(np.mean(expected), rel=1e-12)
    weights = random.integers(0, 3, rows) + 0.5
    assert metric.value(case.truth, answers, k=k, weights=weights) == pytest.approx(
        np.average(expected, weights=weights), rel=1e-12
    )


@pytest.mark.parametrize("gain", ["linear", "exponential"])
@settings(max_examples=60, deadline=None)
@given(rows=st.integers(1, 20), k=places, seed=seeds)
def test_ndcg_equals_scikit_learn(gain, rows, k, seed):
    random = np.random.default_rng(seed)
    case = graded_rankings(random, rows)
    expected = [
        gain_of_row(actual, predicted.split(), k, gain)
        for actual, predicted in zip(case.truth[0], case.prediction, strict=True)
    ]
    value = ndcg_at_k(*case.truth, case.prediction, k=k, gain=gain)
    assert value == pytest.approx(np.mean(expected), rel=1e-12)


def test_ndcg_of_whole_rankings_equals_scikit_learn_on_a_matrix():
    random = np.random.default_rng(0)
    relevance = random.integers(0, 4, (50, len(ITEMS))).astype(float)
    relevance[:, 0] = 1.0
    scores = random.permuted(np.tile(np.arange(len(ITEMS)), (50, 1)), axis=1)
    truth = [
        " ".join(f"{item}:{grade:g}" for item, grade in zip(ITEMS, row, strict=True))
        for row in relevance
    ]
    answers = [" ".join(ITEMS[place] for place in np.argsort(-row)) for row in scores]
    for k in (1, 5, 12):
        assert ndcg_at_k(truth, answers, k=k, gain="linear") == pytest.approx(
            sklearn.metrics.ndcg_score(relevance, scores, k=k), rel=1e-12
        )


@settings(max_examples=30, deadline=None)
@given(rows=st.integers(1, 30), seed=seeds)
def test_with_one_relevant_item_and_whole_rankings_mrr_is_label_ranking_precision(rows, seed):
    random = np.random.default_rng(seed)
    scores = random.permuted(np.tile(np.arange(len(ITEMS)), (rows, 1)), axis=1)
    relevant = random.integers(0, len(ITEMS), rows)
    expected = sklearn.metrics.label_ranking_average_precision_score(
        np.eye(len(ITEMS))[relevant], scores
    )
    truth = [ITEMS[number] for number in relevant]
    answers = [" ".join(ITEMS[place] for place in np.argsort(-row)) for row in scores]
    assert mrr(truth, answers) == pytest.approx(expected, rel=1e-12)
    assert map_at_k(truth, answers, k=12) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("k", [1, 3])
def test_with_one_relevant_item_hit_rate_is_top_k_accuracy(k):
    random = np.random.default_rng(1)
    scores, labels = random.normal(size=(40, 5)), random.integers(0, 5, 40)
    answers = [" ".join(map(str, row)) for row in np.argsort(-scores)]
    expected = sklearn.metrics.top_k_accuracy_score(labels, scores, k=k, labels=range(5))
    truth = list(map(str, labels))
    assert hit_rate_at_k(truth, answers, k=k) == pytest.approx(expected)
    assert recall_at_k(truth, answers, k=k) == pytest.approx(expected)


@every_metric
@settings(max_examples=30, deadline=None)
@given(rows=st.integers(2, 30), seed=seeds)
def test_whole_weights_are_repeated_rows(name, rows, seed):
    random = np.random.default_rng(seed)
    case = BUILDERS[name](random, rows)
    weights = random.permutation(np.arange(rows) % 4)
    order = np.repeat(np.arange(rows), weights)
    expected = load(name).value(
        reordered(case.truth, order), reordered(case.prediction, order), **case.parameters
    )
    value = load(name).value(
        case.truth, case.prediction, weights=weights.astype(float), **case.parameters
    )
    assert value == pytest.approx(expected, rel=1e-12)


@every_metric
def test_sums_are_finished_together_as_one_by_one(name):
    random = np.random.default_rng(7)
    case, metric = BUILDERS[name](random, 20), load(name)
    rows = metric.rows(
        metric.prepare(case.truth, **case.parameters), case.prediction, **case.parameters
    )
    weights = random.integers(0, 3, (4, 20)).astype(float)
    together = metric.finish(weights @ rows, weights.sum(axis=-1), **case.parameters)
    for value, one in zip(together, weights, strict=True):
        alone = metric.value(case.truth, case.prediction, weights=one, **case.parameters)
        assert value == pytest.approx(alone, rel=1e-12)


@every_metric
def test_rows_without_relevant_items_are_left_out(name):
    metric, parameters = load(name), BUILDERS[name](np.random.default_rng(0), 1).parameters
    with_empty = metric.value((["", "a b", " "],), ["a", "b x", ""], **parameters)
    assert with_empty == metric.value((["a b"],), ["b x"], **parameters)
    assert np.isnan(metric.value((["", ""],), ["a", ""], **parameters))


@every_metric
def test_an_empty_ranking_is_worth_nothing(name):
    parameters = BUILDERS[name](np.random.default_rng(0), 1).parameters
    assert load(name).value((["a b", "c"],), ["", "  "], **parameters) == 0.0


@every_metric
def test_repeating_an_item_gains_nothing(name):
    parameters = BUILDERS[name](np.random.default_rng(0), 1).parameters
    metric = load(name)
    once = metric.value((["a b c"],), ["x a y z"], **parameters)
    assert metric.value((["a b c"],), ["x a a a"], **parameters) == once


def test_a_repeated_item_keeps_its_places():
    assert map_at_k(["a b"], ["a a b"], k=3) == pytest.approx((1 + 2 / 3) / 2)
    assert map_at_k(["a b"], ["a a b"], k=2) == 0.5


def test_a_relevant_item_that_is_named_twice_counts_once():
    assert map_at_k(["a a b"], ["a b"], k=5) == 1.0
    assert recall_at_k(["a a b"], ["a"], k=5) == 0.5


def test_more_relevant_items_than_places():
    assert map_at_k(["a b c d"], ["a b"], k=2) == 1.0
    assert recall_at_k(["a b c d"], ["a b"], k=2) == 0.5
    assert ndcg_at_k(["a b c d"], ["a b"], k=2) == 1.0


@every_metric
def test_no_rows_and_other_numbers_of_rows_are_refused(name):
    parameters = BUILDERS[name](np.random.default_rng(0), 1).parameters
    for truth, answers in (([], []), (["a"], []), (["a"], ["a", "b"])):
        with pytest.raises(ValueError):
            load(name).value((truth,), answers, **parameters)


def test_an_item_without_a_grade_has_grade_one_and_grade_zero_is_not_relevant():
    assert ndcg_at_k(["a b:2"], ["b a"], k=2) == ndcg_at_k(["a:1 b:2.0"], ["b a"], k=2) == 1.0
    assert ndcg_at_k(["a:0 b"], ["a b"], k=2) == pytest.approx(1 / np.log2(3))
    assert np.isnan(ndcg_at_k(["a:0"], ["a"], k=2))


def test_an_item_may_hold_colons_if_its_grade_follows():
    assert ndcg_at_k(["user:7:1"], ["user:7"], k=1) == 1.0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a:x", "no number"),
        ("a:", "no number"),
        ("user:7 b:c", "no number"),
        ("a:-1", "between"),
        ("a:nan", "between"),
        ("a:inf", "between"),
        ("a:1001", "between"),
        (":3", "without an item"),
        ("a:1 b a:2", "twice"),
    ],
)
def test_a_truth_that_cannot_be_read_is_told_with_its_row(text, reason):
    faults = load("ndcg_at_k").check_truth(["a:1", text, ""], k=5, gain="linear")
    assert [fault.row for fault in faults] == [1]
    assert reason in faults[0].reason
    with pytest.raises(ValueError, match="row 1"):
        ndcg_at_k(["a:1", text], ["a", "b"], k=5)


def test_grades_up_to_the_largest_stay_finite():
    truth = [" ".join(f"{item}:1000" for item in ITEMS)]
    assert ndcg_at_k(truth, [" ".join(ITEMS)], k=12) == pytest.approx(1.0, abs=1e-15)


@every_metric
def test_what_is_prepared_is_arrays_that_a_file_can_keep(name, tmp_path):
    case, metric = BUILDERS[name](np.random.default_rng(2), 9), load(name)
    np.savez(tmp_path / "kept.npz", **metric.prepare(case.truth, **case.parameters))
    with np.load(tmp_path / "kept.npz", allow_pickle=False) as kept:
        rows = metric.rows(dict(kept), case.prediction, **case.parameters)
    value = metric.finish(rows.sum(axis=0), np.float64(9), **case.parameters)
    assert value == metric.value(case.truth, case.prediction, **case.parameters)
