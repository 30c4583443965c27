"""Loads a metric by its name; importing a metric loads numpy and what else it needs."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from scoring.metrics.descriptions import METRICS
from scoring.metrics.shapes import Metric


def load(name: str) -> Metric:
    """The metric of a name in `METRICS`.

    Raises:
        KeyError: there is no metric of that name.
    """
    metric: Metric = _module(name).METRIC
    return metric


def source_signature(name: str, parameters: Mapping[str, Any], *, references: int = 1) -> str:
    """The signature of the library that a metric leans on, such as sacreBLEU's; often empty.

    Args:
        name: The metric.
        parameters: All of its options.
        references: How many truth columns there are.
    """
    signature = getattr(_module(name), "signature", None)
    return "" if signature is None else str(signature(references=references, **parameters))


@functools.cache
def _module(name: str) -> ModuleType:
    if name not in METRICS:
        raise KeyError(name)
    return importlib.import_module(f"scoring.metrics.{name}")
