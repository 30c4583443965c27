"""Both splits and all replicates at once give what the metric gives on repeated rows."""

import numpy as np
import pytest

from scoring.bootstrap import weights_of
from scoring.contract import Split
from scoring.evaluation import Evaluator
from scoring.metrics.functions import load
from scoring.metrics.shapes import ConfusionMetric, WeightedMetric

SIZE = 120
COUNT = 40
SEED = 11
RANDOM = np.random.default_rng(5)
USAGE = RANDOM.integers(0, 3, SIZE).astype(np.int8)
SPLITS = {Split.PUBLIC: np.flatnonzero(USAGE == 0), Split.PRIVATE: np.flatnonzero(USAGE == 1)}
LABELS = RANDOM.integers(0, 4, SIZE)
GUESSES = np.where(RANDOM.random(SIZE) < 0.6, LABELS, RANDOM.integers(0, 6, SIZE))
VALUES = RANDOM.normal(0, 2, SIZE)
FORECASTS = VALUES + RANDOM.normal(0, 1, SIZE)


def evaluator(count=COUNT):
    return Evaluator(USAGE, SPLITS, SEED, count)


def repeated(rows, replicate):
    """The rows as often as the replicate's weights say."""
    return np.repeat(rows, weights_of(rows, seed=SEED, count=COUNT)[replicate])


CASES = [
    ("accuracy", LABELS, GUESSES),
    ("macro_f1", LABELS, GUESSES),
    ("rmse", VALUES, FORECASTS),
]


@pytest.mark.parametrize(("name", "truth", "answers"), CASES)
def test_each_split_and_replicate_is_the_metric_of_its_rows(name, truth, answers):
    metric = load(name)
    found = evaluator().evaluate(metric, truth, answers, parameters={}, known=4)
    assert list(found) == list(SPLITS)
    for split, rows in SPLITS.items():
        assert found[split].value == pytest.approx(
            metric.value(truth[rows], answers[rows]), rel=1e-12
        )
        for replicate in range(COUNT):
            again = repeated(rows, replicate)
            expected = metric.value(truth[again], answers[again])
            assert found[split].replicates[replicate] == pytest.approx(expected, rel=1e-6)


def test_a_confusion_metric_is_evaluated_like_a_tally():
    def accuracy(counts):
        return np.trace(counts, axis1=-2, axis2=-1) / counts.sum(axis=(-2, -1))

    whole = evaluator().evaluate(ConfusionMetric(accuracy), LABELS, GUESSES, parameters={}, known=4)
    tallied = evaluator().evaluate(load("accuracy"), LABELS, GUESSES, parameters={}, known=4)
    for split in SPLITS:
        assert whole[split].value == tallied[split].value
        np.testing.assert_array_equal(whole[split].replicates, tallied[split].replicates)


def weighted_mean(truth, prediction, *, weights=None):
    return float(np.average(np.abs(np.asarray(truth) - np.asarray(prediction)), weights=weights))


@pytest.mark.parametrize("kind", ["arrays", "texts"])
def test_a_weighted_metric_is_called_for_every_replicate(kind):
    if kind == "arrays":
        metric, truth, answers = WeightedMetric(weighted_mean), VALUES, FORECASTS
    else:

        def of_texts(truth, prediction, *, weights=None):
            return weighted_mean(
                [float(t) for t in truth[0]], list(map(float, prediction)), weights=weights
            )

        metric = WeightedMetric(of_texts)
        truth, answers = ([str(v) for v in VALUES],), [str(v) for v in FORECASTS]
    found = evaluator().evaluate(metric, truth, answers, parameters={})
    for split, rows in SPLITS.items():
        assert found[split].value == pytest.approx(weighted_mean(VALUES[rows], FORECASTS[rows]))
        again = repeated(rows, 3)
        expected = weighted_mean(VALUES[again], FORECASTS[again])
        assert found[split].replicates[3] == pytest.approx(expected)


def test_row_weights_count_a_row_as_often_as_they_say():
    weights = RANDOM.integers(0, 4, SIZE).astype(float)
    metric = load("rmse")
    found = evaluator().evaluate(metric, VALUES, FORECASTS, parameters={}, weights=weights)
    for split, rows in SPLITS.items():
        again = np.repeat(rows, weights[rows].astype(int))
        assert found[split].value == pytest.approx(metric.value(VALUES[again], FORECASTS[again]))
        drawn = weights_of(rows, seed=SEED, count=COUNT)[0] * weights[rows]
        again = np.repeat(rows, drawn.astype(int))
        expected = metric.value(VALUES[again], FORECASTS[again])
        assert found[split].replicates[0] == pytest.approx(expected, rel=1e-6)


def test_many_classes_take_another_way_to_the_same_score():
    truth, answers = LABELS * 30_000, GUESSES * 30_000
    few = evaluator().evaluate(load("macro_f1"), LABELS, GUESSES, parameters={}, known=4)
    many = evaluator().evaluate(load("macro_f1"), truth, answers, parameters={}, known=90_001)
    for split in SPLITS:
        assert many[split].value == pytest.approx(few[split].value, rel=1e-12)
        np.testing.assert_allclose(many[split].replicates, few[split].replicates, rtol=1e-12)


def test_a_replicate_without_rows_is_undefined():
    evaluator = Evaluator(np.zeros(1, np.int8), {Split.PUBLIC: np.array([0])}, SEED, 200)
    found = evaluator.evaluate(load("rmse"), VALUES[:1], FORECASTS[:1], parameters={})
    empty = weights_of(np.array([0]), seed=SEED, count=200)[:, 0] == 0
    np.testing.assert_array_equal(np.isnan(found[Split.PUBLIC].replicates), empty)


def test_no_replicates_are_made_where_none_are_wanted():
    found = evaluator(0).evaluate(load("rmse"), VALUES, FORECASTS, parameters={})
    assert all(evaluation.replicates is None for evaluation in found.values())
