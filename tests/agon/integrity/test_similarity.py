"""How alike submissions are by their mistakes, against what numpy says of the losses themselves."""

from array import array

import numpy as np
import pytest

from agon.integrity.similarity import NEARLY_EQUAL, likeness, pairs_alike, standardised
from agon.submissions.comparison import Replicated

ROWS, REPLICATES = 2_000, 1_024
SIGNATURE = "accuracy|{}|public|rows:2000|solution:a|submission:b|agon:1"
RNG = np.random.default_rng(5)
WEIGHTS = RNG.poisson(1.0, size=(REPLICATES, ROWS)).astype(float)


def replicated(losses, signature=SIGNATURE):
    values = WEIGHTS @ losses / WEIGHTS.sum(axis=1)
    return Replicated(signature, array("d", values.tolist()))


def mistakes(share):
    return (RNG.random(ROWS) < share).astype(float)


def with_changes(losses, count):
    changed = losses.copy()
    rows = RNG.choice(ROWS, count, replace=False)
    changed[rows] = 1 - changed[rows]
    return changed


def test_the_measure_is_the_correlation_of_the_losses():
    one = mistakes(0.1)
    for other in (one, with_changes(one, 20), with_changes(one, 200), mistakes(0.1)):
        first, second = standardised(replicated(one)), standardised(replicated(other))
        expected = np.corrcoef(one, other)[0, 1]
        assert likeness(first, second) == pytest.approx(expected, abs=5 * (1 - expected**2) / 32)


def test_a_copy_with_a_few_changes_is_found_and_models_of_their_own_are_not():
    hard = mistakes(0.05)  # rows that everybody misses
    models = [np.maximum(hard, mistakes(0.05)) for _ in range(5)]
    copy = with_changes(models[2], 1)
    found = pairs_alike([replicated(losses) for losses in [*models, copy]])
    assert [(first, second) for first, second, _ in found] == [(2, 5)]
    assert found[0][2] >= NEARLY_EQUAL


def test_a_perfect_score_and_one_without_replicates_tell_of_nothing():
    assert standardised(replicated(np.zeros(ROWS))) is None
    assert standardised(Replicated(SIGNATURE, array("d"))) is None
    perfect = replicated(np.zeros(ROWS))
    assert pairs_alike([perfect, perfect, None]) == []


def test_scores_made_under_other_conditions_are_not_compared():
    losses = mistakes(0.1)
    other = SIGNATURE.replace("solution:a", "solution:z")
    assert pairs_alike([replicated(losses), replicated(losses, other)]) == []
    assert len(pairs_alike([replicated(losses), replicated(losses)])) == 1
