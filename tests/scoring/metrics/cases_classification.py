"""Random cases for the metrics of labels, scores, probabilities and sets of labels."""

import functools

import numpy as np

from tests.scoring.metrics.cases import Builder, Case

CLASSES = 4
LABEL_NAMES = ["cat", "dog", "bird", "fish", "wolf"]


def labels(random, rows, *, classes=CLASSES, **parameters):
    """Each class at least once, and some answers of a class that the truth has not."""
    truth = random.permutation(np.arange(rows) % classes)
    is_right = random.random(rows) < 0.5
    answers = np.where(is_right, truth, random.integers(0, classes + 1, rows))
    return Case(truth, answers, truth.copy(), parameters)


def scores(random, rows):
    """Both classes, and ties."""
    truth = random.permutation(np.arange(rows) % 2)
    answers = random.integers(0, 6, rows) / 7.0 + truth * random.integers(0, 2, rows)
    return Case(truth, answers, truth.astype(np.float64))


def probabilities(random, rows, *, classes=CLASSES, **parameters):
    """Each class at least once; rows that sum to 1, with ties within and between them."""
    truth = random.permutation(np.arange(rows) % classes)
    parts = random.integers(0, 4, (rows, classes)) + np.eye(classes)[truth] * 0.5
    return Case(truth, parts / parts.sum(axis=1, keepdims=True), np.eye(classes)[truth], parameters)


def label_sets(random, rows, **parameters):
    """Sets of labels, some empty; answers may have a label that the truth has nowhere."""
    truth, answers, perfect = [], [], []
    for _ in range(rows):
        own = random.permutation(LABEL_NAMES[:4])[: random.integers(0, 4)].tolist()
        kept = [name for name in LABEL_NAMES if random.random() < (0.7 if name in own else 0.2)]
        truth.append(" ".join(own))
        answers.append(" ".join(random.permutation(kept)))
        perfect.append(" ".join(reversed(own)))
    return Case((truth,), answers, perfect, parameters)


BINARY = {"average": "binary", "positive": None}
MACRO = {"average": "macro", "positive": None}

BUILDERS: dict[str, Builder] = {
    "accuracy": labels,
    "average_precision": scores,
    "balanced_accuracy": labels,
    "brier_score": probabilities,
    "cohen_kappa": functools.partial(labels, weights="quadratic"),
    "expected_calibration_error": functools.partial(probabilities, bins=10),
    "f_beta": functools.partial(labels, beta=2.0, **MACRO),
    "hamming_loss": labels,
    "jaccard": functools.partial(labels, classes=2, **BINARY),
    "log_loss": probabilities,
    "macro_f1": labels,
    "matthews_correlation": labels,
    "multilabel_accuracy": label_sets,
    "multilabel_f_beta": functools.partial(label_sets, beta=0.5, average="macro"),
    "multilabel_hamming_loss": functools.partial(label_sets, label_count=len(LABEL_NAMES)),
    "multilabel_jaccard": functools.partial(label_sets, average="samples"),
    "normalized_gini": scores,
    "precision": functools.partial(labels, classes=2, **BINARY),
    "recall": functools.partial(labels, average="weighted", positive=None),
    "roc_auc": scores,
    "roc_auc_multiclass": functools.partial(probabilities, scheme="one_vs_rest", average="macro"),
    "top_k_accuracy": functools.partial(probabilities, k=2),
}
