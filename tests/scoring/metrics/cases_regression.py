"""Random cases for the metrics of numbers."""

import numpy as np

from tests.scoring.metrics.cases import Builder, Case

LEVELS = [0.1, 0.25, 0.5, 0.75, 0.9]


def numbers(random, rows):
    truth = random.normal(size=rows)
    return Case(truth, truth + random.normal(size=rows), truth.copy())


def positive_numbers(random, rows):
    truth = random.exponential(size=rows)
    return Case(truth, random.exponential(size=rows), truth.copy())


def numbers_with_ties(random, rows):
    truth = random.permutation(np.arange(rows) % 4).astype(float)
    return Case(truth, random.integers(0, 4, rows).astype(float), truth.copy())


def scaled_numbers(random, rows):
    return numbers(random, rows)._replace(parameters={"scale": float(random.uniform(0.1, 9.0))})


def quantiles(random, rows):
    truth = random.normal(size=rows)
    answers = np.sort(random.normal(size=(rows, len(LEVELS))), axis=1)
    perfect = np.repeat(truth[:, None], len(LEVELS), axis=1)
    return Case(truth, answers, perfect, {"quantiles": LEVELS})


BUILDERS: dict[str, Builder] = {
    "mae": numbers,
    "mape": numbers,
    "mase": scaled_numbers,
    "median_absolute_error": numbers,
    "mse": numbers,
    "pearson": numbers,
    "pinball_loss": quantiles,
    "r2": numbers,
    "rmse": numbers,
    "rmsle": positive_numbers,
    "smape": numbers,
    "spearman": numbers_with_ties,
    "wape": numbers,
    "weighted_interval_score": quantiles,
}
