"""The bootstrap's weights and the sums under them, against the plain way with a matrix."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from scoring.bootstrap import (
    VALUE_STEPS,
    cell_sums,
    ordered_pairs,
    value_sums,
    weight_totals,
    weights_of,
)

ROWS = np.arange(3000)
SEED = 7
FIRST_WEIGHTS = [
    [3, 0, 1, 1],
    [0, 2, 1, 3],
    [0, 0, 0, 0],
    [0, 1, 1, 3],
    [0, 0, 1, 1],
    [1, 1, 3, 1],
    [1, 2, 1, 2],
    [0, 1, 1, 1],
]


@pytest.fixture(scope="module")
def weights():
    return weights_of(ROWS, seed=SEED).astype(np.float64)


def test_weights_are_poisson_numbers_of_mean_one(weights):
    shares = np.bincount(weights.astype(int).ravel(), minlength=6) / weights.size
    assert shares == pytest.approx(np.diff([0, 94, 188, 235, 251, 255, 256]) / 256, abs=1e-3)
    assert weights.mean() == pytest.approx(257 / 256, abs=2e-3)
    assert weights.var() == pytest.approx(1.004, abs=5e-3)


def test_rows_and_replicates_are_independent(weights):
    rows = np.corrcoef(weights[:, :60], rowvar=False)
    replicates = np.corrcoef(weights[:60])
    off_diagonal = ~np.eye(60, dtype=bool)
    assert np.abs(rows[off_diagonal]).max() < 5 / np.sqrt(1024)
    assert np.abs(replicates[off_diagonal]).max() < 5 / np.sqrt(3000)


def test_a_row_has_its_weights_whatever_stands_beside_it():
    some = np.array([17, 4, 2999])
    np.testing.assert_array_equal(weights_of(some, seed=SEED), weights_of(ROWS, seed=SEED)[:, some])


def test_another_seed_gives_other_weights(weights):
    others = weights_of(ROWS, seed=SEED + 1)
    assert np.mean(others == weights) < 0.4


def test_the_weights_of_a_seed_never_change():
    # A stored vector can only be compared with a later one if these stay as they are.
    assert weights_of(np.arange(4), seed=0, count=8).tolist() == FIRST_WEIGHTS


def test_totals_are_the_sums_of_weights(weights):
    np.testing.assert_array_equal(weight_totals(ROWS, seed=SEED), weights.sum(axis=1))


def test_totals_of_many_rows_do_not_overflow():
    rows = np.arange(40_000)
    expected = weights_of(rows, seed=1, count=8).sum(axis=1, dtype=np.int64)
    np.testing.assert_array_equal(weight_totals(rows, seed=1, count=8), expected)


@pytest.mark.parametrize("highest", [3, 70_000, 2**40])
def test_cells_are_summed_by_cell(weights, highest):
    cells = np.random.default_rng(1).integers(0, highest, ROWS.size)
    present, sums = cell_sums(cells, ROWS, seed=SEED)
    assert present.tolist() == sorted(set(cells.tolist()))
    for place in range(0, present.size, max(present.size // 9, 1)):
        expected = weights[:, cells == present[place]].sum(axis=1)
        np.testing.assert_array_equal(sums[place], expected)


@pytest.mark.parametrize("scale", [1.0, 1e-300, 1e12])
def test_values_are_summed_to_the_rounding_of_their_range(weights, scale):
    values = np.random.default_rng(2).normal(5, 3, (ROWS.size, 3)) * scale
    values[:, 2] = 4.0 * scale
    sums = value_sums(values, ROWS, weights.sum(axis=1), seed=SEED)
    step = np.ptp(values, axis=0) / VALUE_STEPS
    errors = np.abs(sums - weights @ values)
    # Roundings of 3,000 rows add up like a random walk.
    assert (errors <= 10 * step * np.sqrt(ROWS.size) + 1e-9 * scale * ROWS.size).all()


@settings(deadline=None, max_examples=20)
@given(st.integers(2, 400), st.integers(1, 60), st.integers(0, 2**63))
def test_pairs_are_those_of_the_weighted_roc_curve(size, levels, seed):
    random = np.random.default_rng(size)
    truth = random.random(size) < 0.5
    truth[:2] = [True, False]
    scores = random.integers(0, levels, size) / 7.0
    order = np.argsort(scores, kind="stable")
    ends = np.append(scores[order][1:] != scores[order][:-1], True)
    won, negatives = ordered_pairs(truth[order], ends, order, seed=seed, count=16)
    weights = weights_of(np.arange(size), seed=seed, count=16).astype(np.float64)
    positives = weights[:, truth].sum(axis=1)
    np.testing.assert_array_equal(negatives, weights[:, ~truth].sum(axis=1))
    for number in range(16):
        if positives[number] and negatives[number]:
            expected = roc_auc_score(truth, scores, sample_weight=weights[number])
            found = won[number] / 2 / positives[number] / negatives[number]
            assert found == pytest.approx(expected, rel=1e-12)
