"""The one registry of built-in metrics: names to plain descriptions.

A metric's function lies in the module of its name, `scoring.metrics.<name>`; `functions.py` loads
it when a worker needs it. Importing this module loads neither numpy nor any metric.
"""

from __future__ import annotations

from scoring.metrics.catalogue.classification import CLASSIFICATION
from scoring.metrics.catalogue.ranking import RANKING
from scoring.metrics.catalogue.regression import REGRESSION
from scoring.metrics.catalogue.text import TEXT
from scoring.metrics.catalogue.vision import VISION
from scoring.metrics.description import (
    FAMILY_TITLES,
    Answer,
    Example,
    Family,
    MetricDescription,
    ParameterDescription,
    ParameterType,
    Value,
)

__all__ = [
    "FAMILY_TITLES",
    "METRICS",
    "Answer",
    "Example",
    "Family",
    "MetricDescription",
    "ParameterDescription",
    "ParameterType",
    "Value",
]

METRICS: dict[str, MetricDescription] = {
    **CLASSIFICATION,
    **REGRESSION,
    **RANKING,
    **TEXT,
    **VISION,
}
