"""The metrics' functions by name; importing it loads numpy. Descriptions: `descriptions.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from scoring.metrics.accuracy import accuracy
from scoring.metrics.log_loss import log_loss
from scoring.metrics.macro_f1 import macro_f1
from scoring.metrics.rmse import rmse

MetricFunction = Callable[[NDArray[Any], NDArray[Any]], float]
"""Truth and answer of the same rows in the same order, to one number."""

FUNCTIONS: dict[str, MetricFunction] = {
    "accuracy": accuracy,
    "log_loss": log_loss,
    "macro_f1": macro_f1,
    "rmse": rmse,
}
