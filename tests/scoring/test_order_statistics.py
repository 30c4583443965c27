"""Replicates of ordered scores are the scores of repeated rows."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import average_precision_score, roc_auc_score

from scoring.bootstrap import weights_of
from scoring.order_statistics import (
    MAX_RANKED,
    auc_replicates,
    average_precision_replicates,
    median_replicates,
    spearman_replicates,
)

SEED, COUNT = 21, 40
SIZES = [(4, 3), (60, 1), (60, 5), (200, 10_000)]


def repeated(rows):
    """For each replicate the rows as often as its weights say."""
    weights = weights_of(rows, seed=SEED, count=COUNT)
    return [np.repeat(np.arange(rows.size), one) for one in weights]


@pytest.mark.parametrize(("size", "levels"), SIZES)
@pytest.mark.parametrize(
    ("ours", "reference"),
    [(auc_replicates, roc_auc_score), (average_precision_replicates, average_precision_score)],
)
def test_scores_of_a_binary_truth(size, levels, ours, reference):
    random = np.random.default_rng(size + levels)
    truth = (random.random(size) < 0.4).astype(np.int64)
    truth[:2] = [0, 1]
    scores = random.integers(0, levels, size) / 3.0 + 0.1 * (levels > 5) * truth
    rows = np.sort(random.choice(10 * size, size, replace=False))
    found = ours(truth, scores, rows, SEED, COUNT)
    for again, value in zip(repeated(rows), found, strict=True):
        if len(set(truth[again])) < 2:
            is_undefined = np.isnan(value) or (reference is average_precision_score)
            assert is_undefined
        else:
            assert value == pytest.approx(reference(truth[again], scores[again]), rel=1e-12)


@pytest.mark.parametrize(("size", "levels"), [(1, 1), *SIZES])
def test_medians(size, levels):
    random = np.random.default_rng(size)
    values = random.integers(0, levels, size) / 7.0
    rows = np.arange(size) + 5
    found = median_replicates(values, rows, SEED, COUNT)
    for again, value in zip(repeated(rows), found, strict=True):
        expected = np.median(values[again]) if again.size else np.nan
        assert value == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(("size", "levels"), SIZES)
def test_rank_correlations(size, levels):
    random = np.random.default_rng(size)
    truth = random.integers(0, levels, size).astype(float)
    answers = truth + random.integers(0, levels, size)
    rows = np.arange(size)
    found = spearman_replicates(truth, answers, rows, SEED, COUNT)
    for again, value in zip(repeated(rows), found, strict=True):
        if len(set(truth[again])) < 2 or len(set(answers[again])) < 2:
            assert np.isnan(value)
        else:
            expected = stats.spearmanr(truth[again], answers[again]).statistic
            assert value == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_rank_correlations_of_many_rows_have_no_interval():
    values = np.zeros(MAX_RANKED + 1)
    assert spearman_replicates(values, values, np.arange(values.size), SEED, COUNT) is None


def test_the_spread_of_an_auc_is_delongs():
    random = np.random.default_rng(8)
    truth = random.integers(0, 2, 5000)
    scores = random.normal(truth * 1.2, 1.0)
    positive, negative = scores[truth == 1], scores[truth == 0]
    # DeLong, DeLong and Clarke-Pearson (1988): the variance from each row's placement.
    above = np.searchsorted(np.sort(negative), positive) / negative.size
    below = 1.0 - np.searchsorted(np.sort(positive), negative) / positive.size
    closed = np.sqrt(above.var(ddof=1) / positive.size + below.var(ddof=1) / negative.size)
    found = auc_replicates(truth, scores, np.arange(5000), 1, 1024)
    assert found.std() == pytest.approx(closed, rel=0.08)
    assert found.mean() == pytest.approx(roc_auc_score(truth, scores), abs=0.2 * closed)
