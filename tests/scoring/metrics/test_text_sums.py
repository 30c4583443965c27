"""Metrics of text are sums over rows: weights, and many sums at once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.metrics.functions import load
from tests.scoring.metrics.cases import reordered
from tests.scoring.metrics.cases_text import BUILDERS


def rows_of(name, answers, truth, **parameters):
    metric = load(name)
    given = truth if metric.prepare is None else metric.prepare(truth, **parameters)
    return metric.rows(given, answers, **parameters)


@pytest.mark.parametrize("name", sorted(BUILDERS))
@settings(max_examples=20, deadline=None)
@given(rows=st.integers(2, 12), seed=st.integers(0, 2**32 - 1))
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


@pytest.mark.parametrize("name", sorted(BUILDERS))
def test_sums_are_finished_together_as_one_by_one(name):
    random = np.random.default_rng(7)
    case, metric = BUILDERS[name](random, 20), load(name)
    rows = rows_of(name, case.prediction, case.truth, **case.parameters)
    weights = random.integers(0, 3, (4, 20)).astype(float)
    sums = weights @ rows.reshape(20, -1)
    together = metric.finish(sums, weights.sum(axis=-1), **case.parameters)
    for value, one in zip(together, weights, strict=True):
        alone = metric.value(case.truth, case.prediction, weights=one, **case.parameters)
        assert value == pytest.approx(alone, rel=1e-12)
