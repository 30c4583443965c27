"""The metrics of numbers against scikit-learn, SciPy and formulas as published."""

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.bootstrap import weights_of
from scoring.metrics.functions import load
from scoring.metrics.median_absolute_error import median_absolute_error
from scoring.metrics.pearson import pearson
from scoring.metrics.pinball_loss import pinball_loss
from scoring.metrics.r2 import r2
from scoring.metrics.rmsle import rmsle
from scoring.metrics.shapes import RowMetric, as_columns
from scoring.metrics.smape import smape
from scoring.metrics.spearman import spearman
from scoring.metrics.wape import wape
from scoring.metrics.weighted_interval_score import weighted_interval_score
from tests.scoring.metrics.cases_regression import BUILDERS, LEVELS


def interval_scores(truth, answers, *, weights, quantiles):
    """Bracher et al. 2021, equations 1 and 2, row by row."""
    scores = []
    half = len(quantiles) // 2
    for y, row in zip(truth, answers, strict=True):
        total = abs(y - row[half]) / 2
        for level, low, high in zip(quantiles[:half], row, row[::-1], strict=False):
            alpha = 2 * level
            score = high - low
            score += 2 / alpha * (low - y) * (y < low) + 2 / alpha * (y - high) * (y > high)
            total += alpha / 2 * score
        scores.append(total / (half + 0.5))
    return np.average(scores, weights=weights)


def scaled_error(truth, answers, *, weights, scale):
    return np.average(np.abs(truth - answers) / scale, weights=weights)


def share_of_sum(truth, answers, *, weights):
    return np.sum(weights * np.abs(truth - answers)) / np.sum(weights * np.abs(truth))


def symmetric_share(truth, answers, *, weights):
    shares = [
        0.0 if y == p == 0 else abs(y - p) / ((abs(y) + abs(p)) / 2)
        for y, p in zip(truth, answers, strict=True)
    ]
    return np.average(shares, weights=weights)


def repeated(function):
    """A reference that knows no weights, which are whole numbers here."""

    def reference(truth, answers, *, weights):
        times = weights.astype(int)
        return function(np.repeat(truth, times), np.repeat(answers, times))

    return reference


def by_quantile(truth, answers, *, weights, quantiles):
    return np.mean(
        [
            sklearn.metrics.mean_pinball_loss(truth, column, alpha=level, sample_weight=weights)
            for level, column in zip(quantiles, answers.T, strict=True)
        ]
    )


def of_scikit_learn(function):
    return lambda truth, answers, *, weights: function(truth, answers, sample_weight=weights)


REFERENCES = {
    "mae": of_scikit_learn(sklearn.metrics.mean_absolute_error),
    "mape": of_scikit_learn(sklearn.metrics.mean_absolute_percentage_error),
    "mase": scaled_error,
    "median_absolute_error": repeated(sklearn.metrics.median_absolute_error),
    "mse": of_scikit_learn(sklearn.metrics.mean_squared_error),
    "pearson": repeated(lambda truth, answers: scipy.stats.pearsonr(truth, answers).statistic),
    "pinball_loss": by_quantile,
    "r2": of_scikit_learn(sklearn.metrics.r2_score),
    "rmse": of_scikit_learn(sklearn.metrics.root_mean_squared_error),
    "rmsle": of_scikit_learn(sklearn.metrics.root_mean_squared_log_error),
    "smape": symmetric_share,
    "spearman": repeated(lambda truth, answers: scipy.stats.spearmanr(truth, answers).statistic),
    "wape": share_of_sum,
    "weighted_interval_score": interval_scores,
}

every_metric = pytest.mark.parametrize("name", sorted(BUILDERS))
correlations = pytest.mark.parametrize("metric", [pearson, spearman])
seeds = st.integers(0, 2**32 - 1)


def test_each_metric_has_a_reference():
    assert set(REFERENCES) == set(BUILDERS)


@every_metric
@settings(max_examples=30, deadline=None)
@given(rows=st.integers(5, 60), seed=seeds)
def test_it_equals_its_reference(name, rows, seed):
    random = np.random.default_rng(seed)
    case = BUILDERS[name](random, rows)
    ones = np.ones(rows)
    expected = REFERENCES[name](case.truth, case.prediction, weights=ones, **case.parameters)
    value = load(name).value(case.truth, case.prediction, **case.parameters)
    assert value == pytest.approx(expected, rel=1e-9, abs=1e-13, nan_ok=True)


@every_metric
@settings(max_examples=30, deadline=None)
@given(rows=st.integers(8, 60), seed=seeds)
def test_whole_weights_are_repeated_rows(name, rows, seed):
    random = np.random.default_rng(seed)
    case = BUILDERS[name](random, rows)
    weights = random.permutation(np.arange(rows) % 4).astype(float)
    expected = REFERENCES[name](case.truth, case.prediction, weights=weights, **case.parameters)
    value = load(name).value(case.truth, case.prediction, weights=weights, **case.parameters)
    assert value == pytest.approx(expected, rel=1e-9, abs=1e-13, nan_ok=True)
    # Only their proportions count, whatever their size.
    tiny = load(name).value(
        case.truth, case.prediction, weights=weights * 1e-200, **case.parameters
    )
    assert tiny == pytest.approx(value, rel=1e-9, abs=1e-13, nan_ok=True)


@every_metric
def test_sums_are_finished_together_as_one_by_one(name):
    metric = load(name)
    if not isinstance(metric, RowMetric):
        return
    random = np.random.default_rng(7)
    case = BUILDERS[name](random, 40)
    rows = as_columns(metric.rows(case.truth, case.prediction, **case.parameters))
    weights = random.integers(0, 3, (5, 2, 40)).astype(float)
    together = metric.finish(weights @ rows, weights.sum(axis=-1), **case.parameters)
    assert together.shape == (5, 2)
    for place in np.ndindex(5, 2):
        alone = metric.value(case.truth, case.prediction, weights=weights[place], **case.parameters)
        assert together[place] == pytest.approx(alone, rel=1e-12)


@pytest.mark.parametrize("name", ["spearman", "median_absolute_error"])
def test_replicates_are_the_values_under_their_weights(name):
    random, metric = np.random.default_rng(8), load(name)
    case, rows = BUILDERS[name](random, 50), random.permutation(90)[:50]
    replicates = metric.replicates(case.truth, case.prediction, rows, 3, 24)
    expected = [
        metric.value(case.truth, case.prediction, weights=one.astype(float))
        for one in weights_of(rows, seed=3, count=24)
    ]
    assert replicates == pytest.approx(expected, rel=1e-12)


@every_metric
def test_all_weights_zero_is_undefined(name):
    case = BUILDERS[name](np.random.default_rng(1), 6)
    value = load(name).value(case.truth, case.prediction, weights=np.zeros(6), **case.parameters)
    assert np.isnan(value)


@every_metric
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused(name, wrong):
    case = BUILDERS[name](np.random.default_rng(1), 6)
    for broken in (case.truth, case.prediction):
        kept = broken[3].copy()
        broken[3] = wrong
        with pytest.raises(ValueError):
            load(name).value(case.truth, case.prediction, **case.parameters)
        broken[3] = kept


@every_metric
def test_no_rows_and_other_shapes_are_refused(name):
    case = BUILDERS[name](np.random.default_rng(1), 6)
    for truth, answers in (
        (case.truth[:0], case.prediction[:0]),
        (case.truth[:5], case.prediction),
        (case.truth, case.prediction[:1]),
    ):
        with pytest.raises(ValueError):
            load(name).value(truth, answers, **case.parameters)


@pytest.mark.parametrize("name", sorted(set(BUILDERS) - {"rmsle", "mape"}))
@pytest.mark.parametrize("size", [1e-100, 1e-30, 1e30, 1e100])
def test_huge_and_tiny_values_keep_their_digits(name, size):
    case = BUILDERS[name](np.random.default_rng(3), 30)
    ones = np.ones(30)
    expected = REFERENCES[name](
        case.truth * size, case.prediction * size, weights=ones, **case.parameters
    )
    value = load(name).value(case.truth * size, case.prediction * size, **case.parameters)
    assert value == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", ["pearson", "r2"])
@pytest.mark.parametrize("offset", [1e6, -1e9, 1e12])
def test_a_huge_offset_costs_no_digits(name, offset):
    random = np.random.default_rng(5)
    # Multiples of 2^-10, so that adding the offset is exact.
    truth = random.integers(0, 2**20, 500) / 2**10
    answers = truth + random.integers(0, 2**18, 500) / 2**10
    near = load(name).value(truth, answers)
    assert load(name).value(truth + offset, answers + offset) == pytest.approx(near, rel=1e-9)


@pytest.mark.parametrize("size", [5e-324, 1e-310, 1e-200, 1e200, 1e300])
def test_correlation_and_r2_have_no_scale(size):
    truth, answers = np.array([1.0, 2.0, 4.0, 8.0]), np.array([2.0, 1.0, 4.0, 16.0])
    for metric in (pearson, spearman, r2):
        assert metric(truth * size, answers * size) == pytest.approx(metric(truth, answers))


@pytest.mark.parametrize("constant", [0.0, 0.1, -1e300, 1e-300])
def test_constant_values_have_no_correlation(constant):
    same, other = np.full(1_000, constant), np.arange(1_000.0)
    for metric in (pearson, spearman):
        assert np.isnan(metric(same, other))
        assert np.isnan(metric(other, same))
    assert np.isnan(r2(same, other))
    assert np.isnan(r2(same, same))


def test_a_part_of_the_rows_that_is_constant_has_no_correlation():
    # As when the truth varies on the private split only.
    truth = np.concatenate([np.full(100_000, 0.1), np.random.default_rng(0).normal(size=150_000)])
    answers = np.random.default_rng(1).normal(size=250_000)
    weights = np.where(np.arange(250_000) < 100_000, 1.0, 0.0)
    for metric in (pearson, spearman, r2):
        assert np.isnan(metric(truth, answers, weights=weights))


def test_one_wild_value_among_the_other_rows_takes_no_digits():
    random = np.random.default_rng(2)
    truth, answers = random.normal(size=(2, 1_000))
    expected = scipy.stats.pearsonr(truth[1:], answers[1:]).statistic
    answers[0] = 1e15
    weights = np.ones(1_000)
    weights[0] = 0.0
    assert pearson(truth, answers, weights=weights) == pytest.approx(expected, rel=1e-9)


@correlations
def test_a_single_row_has_no_correlation(metric):
    assert np.isnan(metric(np.array([1.0]), np.array([2.0])))


@correlations
@settings(max_examples=50, deadline=None)
@given(rows=st.integers(2, 300), seed=seeds)
def test_correlation_stays_within_its_bounds_and_turns_with_the_sign(metric, rows, seed):
    truth = np.random.default_rng(seed).normal(size=rows)
    assert metric(truth, truth) == pytest.approx(1.0, abs=1e-14)
    assert metric(truth, truth) <= 1.0
    assert metric(truth, -truth) == pytest.approx(-1.0, abs=1e-14)
    assert metric(truth, -truth) >= -1.0


@pytest.mark.parametrize(
    ("truth", "answers"),
    [
        ([1, 1, 1, 2], [1, 2, 2, 2]),
        ([1, 1, 2, 2], [2, 2, 1, 1]),
        ([0.0, -0.0, 1.0], [1.0, 2.0, 3.0]),
        ([3, 3, 3, 3, 1], [1, 5, 5, 2, 1]),
    ],
)
def test_equal_values_share_a_rank(truth, answers):
    truth, answers = np.array(truth, dtype=float), np.array(answers, dtype=float)
    expected = scipy.stats.spearmanr(truth, answers).statistic
    assert spearman(truth, answers) == pytest.approx(expected, rel=1e-12)


def test_ranks_take_weights_of_any_size():
    random = np.random.default_rng(4)
    truth, answers = random.integers(0, 9, (2, 50)).astype(float)
    weights = random.integers(1, 5, 50).astype(float)
    assert spearman(truth, answers, weights=weights * 0.1) == pytest.approx(
        spearman(truth, answers, weights=weights), rel=1e-12
    )


def test_an_even_number_of_rows_has_its_median_between_two():
    zeros, answers = np.zeros(4), np.array([1.0, 2.0, 4.0, 9.0])
    assert median_absolute_error(zeros, answers) == 3.0
    assert median_absolute_error(zeros, answers, weights=np.full(4, 0.1)) == 3.0
    assert median_absolute_error(zeros, answers, weights=np.array([1.0, 1.0, 0.0, 2.0])) == 5.5
    assert median_absolute_error(zeros, answers, weights=np.array([1.0, 1.0, 1.0, 9.0])) == 9.0


def test_mape_of_a_true_zero_is_that_of_scikit_learn():
    truth, answers = np.array([0.0, 0.0, 1e-20]), np.array([0.0, 2.0, 1e-20])
    assert load("mape").value(truth, answers) == sklearn.metrics.mean_absolute_percentage_error(
        truth, answers
    )


def test_nothing_at_all_costs_smape_nothing_and_a_wrong_sign_costs_it_most():
    assert smape(np.zeros(3), np.zeros(3)) == 0.0
    assert smape(np.array([1.0, 1e-300]), np.array([-1.0, -1e300])) == 2.0


def test_wape_has_no_value_where_every_truth_is_zero():
    assert np.isnan(wape(np.zeros(2), np.ones(2)))
    assert np.isnan(wape(np.zeros(2), np.zeros(2)))


@pytest.mark.parametrize("value", [-1.0, -1.0000001, -1e300])
def test_rmsle_has_no_value_at_minus_one_and_says_which_row(value):
    fine, wrong = np.array([0.0, 1.0, 2.0]), np.array([0.0, value, 2.0])
    for truth, answers in ((fine, wrong), (wrong, fine), (wrong, wrong)):
        assert np.isnan(rmsle(truth, answers))
    metric = load("rmsle")
    assert [fault.row for fault in metric.check(wrong)] == [1]
    assert metric.check(fine) == []
    assert rmsle(fine, np.array([0.0, np.nextafter(-1.0, 0.0), 2.0])) > 0.0


@pytest.mark.parametrize("scale", [0.0, -1.0, np.nan])
def test_mase_needs_a_scale_above_zero(scale):
    with pytest.raises(ValueError, match="scale"):
        load("mase").value(np.zeros(2), np.ones(2), scale=scale)


def test_one_quantile_may_come_as_a_plain_column():
    truth, answers = np.random.default_rng(0).normal(size=(2, 20))
    expected = sklearn.metrics.mean_pinball_loss(truth, answers, alpha=0.9)
    assert pinball_loss(truth, answers, quantiles=[0.9]) == pytest.approx(expected, rel=1e-12)
    assert pinball_loss(truth, answers[:, None], quantiles=[0.9]) == pytest.approx(expected)
    assert weighted_interval_score(truth, answers, quantiles=[0.5]) == pytest.approx(
        np.abs(truth - answers).mean()
    )


@settings(max_examples=30, deadline=None)
@given(seed=seeds)
def test_crossing_quantiles_cost_the_same_by_intervals_as_by_quantiles(seed):
    truth = np.random.default_rng(seed).normal(size=8)
    answers = np.random.default_rng(seed + 1).normal(size=(8, 5))
    expected = interval_scores(truth, answers, weights=np.ones(8), quantiles=LEVELS)
    assert weighted_interval_score(truth, answers, quantiles=LEVELS) == pytest.approx(expected)


@pytest.mark.parametrize("levels", [[0.1, 0.9], [0.1, 0.5, 0.8], [0.5, 0.1, 0.9], [0.9, 0.5, 0.1]])
def test_the_interval_score_needs_a_median_in_the_middle_of_its_quantiles(levels):
    with pytest.raises(ValueError, match="symmetric"):
        weighted_interval_score(np.zeros(2), np.zeros((2, len(levels))), quantiles=levels)


@pytest.mark.parametrize("levels", [[0.0], [1.0], [-0.1], [np.nan], [0.5, 0.9]])
def test_a_quantile_lies_between_zero_and_one_and_has_its_column(levels):
    with pytest.raises(ValueError):
        pinball_loss(np.zeros(2), np.zeros((2, 1)), quantiles=levels)
