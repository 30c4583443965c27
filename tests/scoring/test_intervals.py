"""Intervals hold what they promise, agree with the closed forms, and compare submissions."""

import math

import numpy as np
import pytest
from scipy import stats

from scoring.contract import Split
from scoring.evaluation import Evaluator
from scoring.intervals import compare, packed, percentile_interval, unpacked
from scoring.metrics.functions import load


def replicates_of(name, truth, answers, *, seed=3):
    size = len(truth)
    evaluator = Evaluator(np.zeros(size, np.int8), {Split.PUBLIC: np.arange(size)}, seed)
    evaluation = evaluator.evaluate(load(name), truth, answers, parameters={}, known=2)
    return evaluation[Split.PUBLIC].replicates


def test_the_interval_is_the_middle_95_percent():
    assert percentile_interval(np.arange(1.0, 1000.0)) == pytest.approx((25.0, 975.0))


def test_undefined_replicates_are_left_out_and_too_many_give_no_interval():
    replicates = np.arange(1000.0)
    replicates[:50] = np.nan
    assert percentile_interval(replicates) is not None
    replicates[:51] = np.nan
    assert percentile_interval(replicates) is None
    assert percentile_interval(np.full(10, np.nan)) is None


def test_accuracy_agrees_with_the_binomial_distribution():
    random = np.random.default_rng(1)
    truth = random.integers(0, 2, 20_000)
    answers = np.where(random.random(20_000) < 0.9, truth, 1 - truth)
    replicates = replicates_of("accuracy", truth, answers)
    share = np.mean(truth == answers)
    closed = math.sqrt(share * (1 - share) / truth.size)
    # 1,024 replicates know a standard error to 2.2 %.
    assert replicates.std() == pytest.approx(closed, rel=0.08)
    low, high = percentile_interval(replicates)
    assert low == pytest.approx(share - 1.96 * closed, abs=0.3 * closed)
    assert high == pytest.approx(share + 1.96 * closed, abs=0.3 * closed)


def test_a_mean_of_rows_agrees_with_the_normal_distribution():
    random = np.random.default_rng(2)
    truth = random.integers(0, 2, 20_000)
    probability = np.clip(random.beta(2, 1, truth.size), 1e-6, 1 - 1e-6)
    answers = np.stack([1 - probability, probability]).T
    replicates = replicates_of("log_loss", truth, answers)
    losses = -np.log(answers[np.arange(truth.size), truth])
    assert replicates.mean() == pytest.approx(losses.mean(), abs=0.2 * replicates.std())
    assert replicates.std() == pytest.approx(losses.std() / math.sqrt(truth.size), rel=0.08)


@pytest.mark.parametrize("size", [100, 1000])
def test_the_interval_covers_the_truth_as_often_as_it_says(size):
    """An accuracy of 0.8 on 4,000 test sets each, whose share has an error of 0.34 %."""
    random = np.random.default_rng(size + 1)
    truth = np.zeros(size, dtype=np.int64)
    covered = 0
    for seed in range(4000):
        answers = (random.random(size) >= 0.8).astype(np.int64)
        low, high = percentile_interval(replicates_of("accuracy", truth, answers, seed=seed))
        covered += low <= 0.8 <= high
    assert 0.94 <= covered / 4000 <= 0.96


def test_the_interval_of_a_skewed_mean_covers_it_too():
    """Squared errors of a normal forecast are skewed; 500 rows are enough for 93.5 to 96 %."""
    random = np.random.default_rng(9)
    truth = np.zeros(500)
    covered = 0
    for seed in range(2000):
        low, high = percentile_interval(
            replicates_of("rmse", truth, random.normal(0, 1, 500), seed=seed)
        )
        covered += low <= 1.0 <= high
    assert 0.935 <= covered / 2000 <= 0.96


def test_a_paired_comparison_sees_what_two_intervals_do_not():
    random = np.random.default_rng(3)
    truth = random.integers(0, 2, 5000)
    weak = np.where(random.random(5000) < 0.90, truth, 1 - truth)
    # The better one repairs some of the weak one's errors and makes none of its own.
    strong = np.where(random.random(5000) < 0.05, truth, weak)
    better, worse = (replicates_of("accuracy", truth, answers) for answers in (strong, weak))
    assert percentile_interval(better)[0] < percentile_interval(worse)[1]
    comparison = compare(better, worse)
    assert comparison.is_distinct
    assert comparison.share_above > 0.99
    gains = (strong == truth).astype(float) - (weak == truth)
    error = gains.std() / math.sqrt(gains.size)
    assert comparison.low == pytest.approx(gains.mean() - 1.96 * error, abs=0.3 * error)


def test_equal_submissions_cannot_be_told_apart():
    truth = np.arange(300) % 2
    same = replicates_of("accuracy", truth, np.zeros(300, dtype=np.int64))
    comparison = compare(same, same)
    assert (comparison.low, comparison.high, comparison.share_above) == (0.0, 0.0, 0.5)
    assert not comparison.is_distinct


def test_chance_alone_is_rarely_called_a_difference():
    random = np.random.default_rng(4)
    truth = np.zeros(400, dtype=np.int64)
    distinct = 0
    for seed in range(1000):
        first, second = ((random.random(400) >= 0.7).astype(np.int64) for _ in range(2))
        distinct += compare(
            replicates_of("accuracy", truth, first, seed=seed),
            replicates_of("accuracy", truth, second, seed=seed),
        ).is_distinct
    assert stats.binomtest(distinct, 1000, 0.05).pvalue > 0.001


def test_a_vector_is_stored_in_eight_kilobytes_and_comes_back():
    vector = np.random.default_rng(6).random(1024)
    vector[3] = np.nan
    assert len(packed(vector)) == 8192
    np.testing.assert_array_equal(unpacked(packed(vector)), vector)
