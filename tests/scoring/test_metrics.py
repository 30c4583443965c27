"""Each metric against scikit-learn, and what all of them must do."""

import doctest
import importlib

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.metrics.descriptions import METRICS, Answer
from scoring.metrics.functions import FUNCTIONS

REFERENCES = {
    "accuracy": sklearn.metrics.accuracy_score,
    "macro_f1": lambda truth, answer: sklearn.metrics.f1_score(
        truth, answer, average="macro", zero_division=0
    ),
    "rmse": sklearn.metrics.root_mean_squared_error,
    "log_loss": lambda truth, answer: sklearn.metrics.log_loss(
        truth, answer, labels=list(range(answer.shape[1]))
    ),
}


def case(name, *, rows, seed):
    """A random truth and answer of the kind that a metric takes."""
    random = np.random.default_rng(seed)
    match METRICS[name].answer:
        case Answer.LABEL:
            return random.integers(0, 5, rows), random.integers(0, 6, rows)
        case Answer.NUMBER:
            return random.normal(size=rows), random.normal(size=rows)
        case Answer.PROBABILITIES:
            return random.integers(0, 3, rows), random.dirichlet([1, 1, 1], size=rows)


def perfect(name, truth):
    if METRICS[name].answer is Answer.PROBABILITIES:
        return np.eye(3)[truth]
    return truth


every_metric = pytest.mark.parametrize("name", sorted(METRICS))
sizes = st.integers(1, 200)
seeds = st.integers(0, 2**32)


def test_each_description_has_its_function_and_its_reference():
    assert set(METRICS) == set(FUNCTIONS) == set(REFERENCES)


@every_metric
@settings(max_examples=40, deadline=None)
@given(rows=sizes, seed=seeds)
def test_it_equals_scikit_learn(name, rows, seed):
    truth, answer = case(name, rows=rows, seed=seed)
    assert FUNCTIONS[name](truth, answer) == pytest.approx(
        REFERENCES[name](truth, answer), abs=1e-12
    )


@every_metric
@settings(max_examples=40, deadline=None)
@given(rows=sizes, seed=seeds)
def test_row_order_does_not_matter_and_values_stay_within_bounds(name, rows, seed):
    truth, answer = case(name, rows=rows, seed=seed)
    order = np.random.default_rng(seed).permutation(rows)
    value = FUNCTIONS[name](truth, answer)
    assert FUNCTIONS[name](truth[order], answer[order]) == pytest.approx(value, abs=1e-12)
    lower, upper = METRICS[name].lower, METRICS[name].upper
    assert (lower is None or value >= lower) and (upper is None or value <= upper)


@every_metric
@settings(max_examples=40, deadline=None)
@given(rows=sizes, seed=seeds)
def test_a_perfect_file_gives_the_best_value(name, rows, seed):
    truth, _ = case(name, rows=rows, seed=seed)
    assert FUNCTIONS[name](truth, perfect(name, truth)) == pytest.approx(
        METRICS[name].best, abs=1e-12
    )


@pytest.mark.parametrize("name", ["rmse", "log_loss"])
def test_nan_is_refused(name):
    truth, answer = case(name, rows=5, seed=0)
    answer[3] = np.nan
    with pytest.raises(ValueError):
        FUNCTIONS[name](truth, answer)


@every_metric
def test_no_rows_and_other_shapes_are_refused(name):
    truth, answer = case(name, rows=4, seed=0)
    with pytest.raises(ValueError):
        FUNCTIONS[name](truth[:0], answer[:0])
    with pytest.raises(ValueError):
        FUNCTIONS[name](truth[:3], answer)


@pytest.mark.parametrize(
    ("truth", "answer"),
    [
        ([0, 0, 1], [2, 2, 2]),
        ([5], [5]),
        ([-3, 10**15, -3], [10**15, 10**15, -3]),
        ([1, 1, 1, 2], [1, 1, 1, 1]),
    ],
)
@pytest.mark.parametrize("name", ["accuracy", "macro_f1"])
def test_labels_of_any_size_and_unknown_ones(name, truth, answer):
    truth, answer = np.array(truth), np.array(answer)
    assert FUNCTIONS[name](truth, answer) == pytest.approx(REFERENCES[name](truth, answer))


def test_a_certain_and_wrong_row_costs_much_but_not_infinitely():
    truth, answer = np.array([0, 1]), np.array([[0.0, 1.0], [0.0, 1.0]])
    assert FUNCTIONS["log_loss"](truth, answer) == pytest.approx(
        REFERENCES["log_loss"](truth, answer)
    )


@every_metric
def test_its_example_runs(name):
    result = doctest.testmod(importlib.import_module(f"scoring.metrics.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
