"""Metrics against the columns and parameters that a phase gives them."""

import pytest

from scoring.consistency import metric_findings
from scoring.contract import Layout, MetricSpec

QUANTILES = Layout(id_column="id", columns={"low": "number", "middle": "number", "high": "number"})


def reasons(name, columns, **parameters):
    spec = MetricSpec(name=name, target=("y",), prediction=columns, parameters=parameters)
    return [(*finding.location, finding.reason) for finding in metric_findings([spec], QUANTILES)]


@pytest.mark.parametrize("name", ["pinball_loss", "weighted_interval_score"])
def test_each_quantile_has_its_column(name):
    columns = ("low", "middle", "high")
    assert reasons(name, columns, quantiles=[0.1, 0.5, 0.9]) == []
    assert reasons(name, columns, quantiles=[0.5]) == [
        (0, "parameters", "quantiles", "has 1 level(s) for 3 prediction column(s)")
    ]
    assert reasons(name, columns) == [
        (0, "parameters", f"lacks `quantiles`, which {name} needs"),
    ]


def test_levels_that_make_no_intervals_are_refused():
    assert reasons("weighted_interval_score", ("low", "high"), quantiles=[0.1, 0.9]) == [
        (0, "parameters", "quantiles", "must be symmetric about 0.5, and contain it")
    ]
    assert reasons("pinball_loss", ("low", "high"), quantiles=[0.9, 0.1]) == [
        (0, "parameters", "quantiles", "must be ascending numbers between 0 and 1")
    ]


@pytest.mark.parametrize("scale", [0, -1.0, 0.0])
def test_the_naive_forecast_has_an_error_above_zero(scale):
    assert reasons("mase", ("middle",), scale=scale) == [
        (0, "parameters", "scale", "must be at least 1e-300")
    ]
    assert reasons("mase", ("middle",), scale=2) == []
