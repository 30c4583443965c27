"""scikit-learn models, stored by skops.

skops builds only objects of types that are trusted. Its own list holds every estimator of
scikit-learn; `TRUSTED` adds the parts that those are made of. Anything else is refused by name.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import skops.io
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from scoring.runners.protocol import Channel
from scoring.runners.start import Fault
from scoring.runners.tensors import (
    Arrays,
    Interface,
    Request,
    called,
    load_inputs,
    plain,
    predict,
    reason_of,
)

# Data and arithmetic only: nothing here opens a file, starts a program or calls what it is given.
TRUSTED = frozenset(
    {
        "numpy.dtype",
        "scipy.interpolate._bsplines.BSpline",
        "sklearn._loss.link.HalfLogitLink",
        "sklearn._loss.link.IdentityLink",
        "sklearn._loss.link.Interval",
        "sklearn._loss.link.LogLink",
        "sklearn._loss.link.LogitLink",
        "sklearn._loss.link.MultinomialLogit",
        "sklearn._loss.loss.AbsoluteError",
        "sklearn._loss.loss.HalfBinomialLoss",
        "sklearn._loss.loss.HalfGammaLoss",
        "sklearn._loss.loss.HalfMultinomialLoss",
        "sklearn._loss.loss.HalfPoissonLoss",
        "sklearn._loss.loss.HalfSquaredError",
        "sklearn._loss.loss.HalfTweedieLoss",
        "sklearn._loss.loss.HalfTweedieLossIdentity",
        "sklearn._loss.loss.PinballLoss",
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.compose._column_transformer._RemainderColsList",
        "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
        "sklearn.gaussian_process.kernels.ConstantKernel",
        "sklearn.gaussian_process.kernels.DotProduct",
        "sklearn.gaussian_process.kernels.Matern",
        "sklearn.gaussian_process.kernels.Product",
        "sklearn.gaussian_process.kernels.RBF",
        "sklearn.gaussian_process.kernels.RationalQuadratic",
        "sklearn.gaussian_process.kernels.Sum",
        "sklearn.gaussian_process.kernels.WhiteKernel",
        "sklearn.metrics._dist_metrics.EuclideanDistance",
        "sklearn.metrics._dist_metrics.EuclideanDistance32",
        "sklearn.metrics._dist_metrics.EuclideanDistance64",
        "sklearn.metrics._dist_metrics.ManhattanDistance",
        "sklearn.metrics._dist_metrics.ManhattanDistance32",
        "sklearn.metrics._dist_metrics.ManhattanDistance64",
        "sklearn.multiclass._ConstantPredictor",
        "sklearn.neighbors._ball_tree.BallTree",
        "sklearn.neighbors._kd_tree.KDTree",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        "sklearn.preprocessing._target_encoder.TargetEncoder",
        "sklearn.tree._tree.Tree",
        "sklearn.utils._bunch.Bunch",
    }
)

MAX_NAMED = 5
SMALLEST = np.finfo(np.float64).tiny


class Model:
    """A fitted estimator and the question that the phase asks of it."""

    def __init__(self, estimator: BaseEstimator, interface: Interface) -> None:
        self._estimator = estimator
        self._interface = interface
        self._names = _feature_names(estimator, interface)

    def __call__(self, batch: Arrays) -> NDArray[Any]:
        table = np.column_stack([array.reshape(len(array), -1) for array in batch])
        rows = table if self._names is None else pd.DataFrame(table, columns=self._names)
        output = self._interface.output
        if self._interface.meaning == "class_scores":
            return self._scores(rows, output.shape)
        if self._interface.meaning == "logits":
            return self._logits(rows, output.shape)
        if output.dtype.kind == "f" and hasattr(self._estimator, "predict_proba"):
            probabilities = self._in_order(self._estimator.predict_proba(rows), output.shape)
            second: NDArray[Any] = probabilities[:, 1]
            return probabilities if output.shape else second
        return self._predicted(rows)

    def _scores(self, rows: Any, shape: Sequence[int | None]) -> NDArray[Any]:
        if hasattr(self._estimator, "predict_proba"):
            return self._in_order(self._estimator.predict_proba(rows), shape)
        return self._in_order(self._decisions(rows), shape)

    def _logits(self, rows: Any, shape: Sequence[int | None]) -> NDArray[Any]:
        if hasattr(self._estimator, "predict_proba"):
            probabilities = self._in_order(self._estimator.predict_proba(rows), shape)
            logits: NDArray[Any] = np.log(np.maximum(probabilities, SMALLEST))
            return logits
        return self._in_order(self._decisions(rows), shape)

    def _decisions(self, rows: Any) -> NDArray[Any]:
        """Decision values, one column a class; two classes share one value of scikit-learn's."""
        if not hasattr(self._estimator, "decision_function"):
            name = type(self._estimator).__name__
            raise Fault("model_no_class_scores", name=plain(name))
        values: NDArray[Any] = np.asarray(self._estimator.decision_function(rows))
        return np.column_stack([np.zeros_like(values), values]) if values.ndim == 1 else values

    def _predicted(self, rows: Any) -> NDArray[Any]:
        values: NDArray[Any] = np.asarray(self._estimator.predict(rows))
        if values.dtype.kind not in "fiub":
            found = plain(str(values.dtype))
            raise Fault(
                "model_output_type", expected=str(self._interface.output.dtype), found=found
            )
        return values

    def _in_order(self, values: NDArray[Any], shape: Sequence[int | None]) -> NDArray[Any]:
        """Columns in the declared order of classes; one that the model never met is the lowest."""
        found = list(np.asarray(self._estimator.classes_).tolist())
        wanted = list(self._interface.labels)
        if not wanted and len(shape) == 1 and shape[0]:
            wanted = list(range(shape[0]))
        if not wanted or found == wanted:
            return values
        places = {str(label): number for number, label in enumerate(wanted)}
        unknown = [label for label in found if str(label) not in places]
        if unknown:
            raise Fault("model_classes", names=plain(", ".join(map(str, unknown[:MAX_NAMED]))))
        lowest = 0.0 if hasattr(self._estimator, "predict_proba") else values.min(axis=1) - 1.0
        ordered = np.empty((len(values), len(wanted)), dtype=np.float64)
        ordered.T[:] = lowest
        ordered[:, [places[str(label)] for label in found]] = values
        return ordered


def warm() -> None:
    """Store, load and ask a small forest: loads what most models are made of."""
    table, labels = np.eye(4), np.array([0, 1, 0, 1])
    forest = make_pipeline(StandardScaler(), RandomForestClassifier(2, random_state=0))
    stored = skops.io.dumps(forest.fit(table, labels))
    skops.io.loads(stored, trusted=sorted(TRUSTED)).predict_proba(table)


def run(content: Mapping[str, Any], inputs: Path, channel: Channel) -> None:
    """Send the model's output for the rows that are asked for."""
    request = Request.from_json(content)
    arrays = load_inputs(inputs / "inputs.npz", request)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of versions and of names; nobody reads them here
        model = Model(_loaded(inputs / "model"), request.interface)
        output = predict(model, arrays, request, channel)
    channel.array("output", output)


def _loaded(path: Path) -> BaseEstimator:
    try:
        unknown = sorted(set(skops.io.get_untrusted_types(file=path)) - TRUSTED)
    except Exception as error:  # a hostile file may raise anything
        raise Fault("model_unreadable", format="skops", reason=reason_of(error)) from error
    if unknown:
        names = plain(", ".join(unknown[:MAX_NAMED]))
        raise Fault("model_type_forbidden", count=len(unknown), names=names)
    try:
        estimator = skops.io.load(path, trusted=sorted(TRUSTED))
    except Exception as error:  # the same
        raise Fault("model_unreadable", format="skops", reason=reason_of(error)) from error
    if not isinstance(estimator, BaseEstimator) or inspect.isclass(estimator):
        raise Fault("model_no_estimator", found=plain(type(estimator).__name__))
    return called(_single_threaded, estimator)


def _single_threaded(estimator: BaseEstimator) -> BaseEstimator:
    """Threads would add up a forest's trees in another order each time."""
    parameters = estimator.get_params()
    jobs = [name for name in parameters if name == "n_jobs" or name.endswith("__n_jobs")]
    estimator.set_params(**dict.fromkeys(jobs, 1))
    return estimator


def _feature_names(estimator: BaseEstimator, interface: Interface) -> list[str] | None:
    """The inputs' names, for a model that was fitted on a table with the same."""
    names = [tensor.name for tensor in interface.inputs]
    fitted = getattr(estimator, "feature_names_in_", None)
    is_table = all(not tensor.shape for tensor in interface.inputs)
    return names if is_table and fitted is not None and set(fitted) == set(names) else None
