"""Metrics against the columns and parameters that a phase gives them."""

import pytest

from scoring.consistency import metric_findings, solution_findings
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


PETS = Layout(id_column="id", columns=dict.fromkeys(("bird", "cat", "dog"), "number"))


def faults(name, columns=tuple(PETS.columns), layout=PETS, **parameters):
    spec = MetricSpec(name=name, target="label", prediction=columns, parameters=parameters)
    return [(*finding.location, finding.reason) for finding in metric_findings([spec], layout)]


def test_a_metric_of_labels_takes_one_column_a_class():
    assert faults("accuracy") == []
    assert faults("macro_f1", labels=["bird", "cat", "dog"]) == []
    assert faults("f_beta", labels=["bird", "cat", "dog"], positive="dog") == []
    assert faults("f_beta", ("cat", "dog")) == []


def test_labels_are_as_many_as_columns():
    assert faults("accuracy", labels=["cat", "dog"]) == [
        (0, "parameters", "labels", "has 2 classes, but the prediction columns give 3")
    ]
    assert faults("accuracy", ("cat",), labels=[0, 1]) == [
        (0, "parameters", "labels", "is not used with one prediction column")
    ]


def test_one_of_many_classes_must_be_named():
    assert faults("precision") == [
        (0, "parameters", "lacks `positive`: which of the 3 classes it is about")
    ]
    assert faults("precision", average="macro") == []
    assert faults("precision", positive=3) == [
        (0, "parameters", "positive", "is not among the labels")
    ]


def test_columns_of_classes_hold_numbers():
    texts = Layout(id_column="id", columns={"cat": "text", "dog": "number"})
    assert faults("accuracy", ("cat", "dog"), texts) == [
        (0, "prediction", "“cat” holds text, and accuracy needs numbers")
    ]


@pytest.mark.parametrize("name", ["accuracy", "log_loss"])
def test_every_label_of_the_solution_is_a_class(tmp_path, name):
    def found(text, **parameters):
        (tmp_path / "solution.csv").write_text(f"id,label,Usage\n{text}")
        columns = tuple(PETS.columns)
        spec = MetricSpec(name=name, target="label", prediction=columns, parameters=parameters)
        findings = solution_findings(tmp_path / "solution.csv", PETS, [spec])
        return [finding.reason for finding in findings]

    assert found("1,0,Public\n2, 2.0,Public\n") == []
    assert found("1,cat,Public\n", labels=["bird", "cat", "dog"]) == []
    assert found("1,3,Public\n2,cat,Private\n3,3,Private\n4,1,Private\n") == [
        f"solution.csv has 2 label(s) in “label” that are no class of {name}, which has 3 of them"
    ]
