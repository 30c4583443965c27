"""scikit-learn models, with the columns in the order that the phase declares."""

from __future__ import annotations

import io
import os
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import LinearSVC

from scoring.contract import ModelFormat, ModelInterface, OutputMeaning, TensorSpec

GENERATOR = np.random.default_rng(0)
X = GENERATOR.standard_normal((60, 4))
LABELS = np.array(["cat", "dog", "cow"])[np.arange(60) % 3]
X[:, 0] += np.arange(60) % 3


def interface(meaning: OutputMeaning, shape: tuple[int, ...], **more: Any) -> ModelInterface:
    content: dict[str, Any] = {
        "formats": (ModelFormat.SKOPS,),
        "inputs": (TensorSpec(name="x", dtype="float64", shape=(4,)),),
        "output": TensorSpec(name="y", dtype="float64", shape=shape),
        "meaning": meaning,
        "batch_size": 16,
    }
    return ModelInterface(**(content | more))


@pytest.fixture
def ask(run_bare):
    def asked(model, declared, **arrays):
        stream = io.BytesIO()
        np.savez(stream, **(arrays or {"x": X}))
        content = model if isinstance(model, bytes) else skops.io.dumps(model)
        request = {
            "format": "skops",
            "interface": declared.to_json(),
            "rows": None,
            "threads": 1,
            "device": "cpu",
        }
        return run_bare(
            "sklearnmodels", {"model": content, "inputs.npz": stream.getvalue()}, request
        )

    return asked


SCORES = interface(OutputMeaning.CLASS_SCORES, (3,), labels=("cat", "cow", "dog"))


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(StandardScaler(), LogisticRegression()),
        RandomForestClassifier(5, random_state=0, n_jobs=-1),
        HistGradientBoostingClassifier(max_iter=5),
        KNeighborsClassifier(),
        MLPClassifier((4,), max_iter=5, random_state=0),
    ],
    ids=lambda model: type(model).__name__,
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_class_scores_are_the_probabilities(ask, model):
    model.fit(X, LABELS)
    said = ask(model, SCORES)
    assert said.fault is None, said.errors
    np.testing.assert_allclose(said.arrays["output"], model.predict_proba(X), atol=1e-12)


def test_columns_follow_the_declared_labels_and_a_class_never_met_scores_lowest(ask):
    seen = LABELS != "cow"
    model = LogisticRegression().fit(X[seen], LABELS[seen])
    said = ask(model, SCORES.model_copy(update={"labels": ("dog", "cow", "cat")}))
    cat, dog = model.predict_proba(X).T
    np.testing.assert_allclose(said.arrays["output"], np.column_stack([dog, 0 * dog, cat]))


def test_classes_that_the_task_does_not_have_are_named(ask):
    model = LogisticRegression().fit(X, LABELS)
    said = ask(model, SCORES.model_copy(update={"labels": ("dog", "bee", "cat")}))
    assert said.fault == ("model_classes", {"names": "cow"})


def test_a_model_without_probabilities_gives_its_decision_values(ask):
    model = LinearSVC().fit(X, LABELS)
    said = ask(model, SCORES)
    np.testing.assert_allclose(said.arrays["output"], model.decision_function(X))
    two = LinearSVC().fit(X, (LABELS == "cat").astype(int))
    said = ask(two, interface(OutputMeaning.CLASS_SCORES, (2,)))
    assert (said.arrays["output"].argmax(axis=1) == two.predict(X)).all()


def test_logits_give_the_probabilities_back(ask):
    model = LogisticRegression().fit(X, LABELS)
    logits = ask(model, SCORES.model_copy(update={"meaning": OutputMeaning.LOGITS})).arrays[
        "output"
    ]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(probabilities, model.predict_proba(X), atol=1e-12)


def test_values_are_predictions_or_the_second_class_probability(ask):
    declared = interface(OutputMeaning.VALUES, ())
    regression = Ridge().fit(X, X[:, 1] * 2)
    np.testing.assert_allclose(ask(regression, declared).arrays["output"], regression.predict(X))
    boosted = HistGradientBoostingRegressor(max_iter=5).fit(X, X[:, 1])
    np.testing.assert_allclose(ask(boosted, declared).arrays["output"], boosted.predict(X))
    classes = LogisticRegression().fit(X, (LABELS == "cat").astype(int))
    np.testing.assert_allclose(
        ask(classes, declared).arrays["output"], classes.predict_proba(X)[:, 1]
    )
    whole = interface(OutputMeaning.VALUES, (), output=TensorSpec(name="y", dtype="int64"))
    assert ask(classes, whole).arrays["output"].tolist() == classes.predict(X).tolist()


def test_a_model_that_was_fitted_on_a_table_gets_one(ask):
    table = pd.DataFrame(X, columns=list("abcd"))
    model = LogisticRegression().fit(table, LABELS)
    inputs = tuple(TensorSpec(name=name, dtype="float64") for name in "abcd")
    said = ask(
        model, SCORES.model_copy(update={"inputs": inputs}), **dict(zip("abcd", X.T, strict=True))
    )
    np.testing.assert_allclose(said.arrays["output"], model.predict_proba(table))


def test_a_type_that_is_not_on_the_list_is_refused_by_name(ask):
    model = make_pipeline(FunctionTransformer(os.system), LogisticRegression())
    said = ask(model, SCORES)
    assert said.fault == ("model_type_forbidden", {"count": 1, "names": "posix.system"})


def test_what_is_no_model_is_refused(ask):
    assert ask({"a": 1}, SCORES).fault == ("model_no_estimator", {"found": "dict"})
    assert ask(b"PK no", SCORES).fault[0] == "model_unreadable"
    assert ask(LogisticRegression(), SCORES).fault[0] == "model_failed"
    assert ask(Ridge().fit(X, X[:, 0]), SCORES).fault == (
        "model_no_class_scores",
        {"name": "Ridge"},
    )
