"""What a metric's parameters may hold."""

import pytest

from scoring.metrics.description import ParameterDescription, ParameterType


@pytest.mark.parametrize(
    "levels", [[0.5], [0.1, 0.5, 0.9], [0.025, 0.25, 0.5, 0.75, 0.975], [0.3, 0.5, 0.7]]
)
def test_central_levels_are_levels_too(levels):
    for kind in (ParameterType.LEVELS, ParameterType.CENTRAL_LEVELS):
        assert ParameterDescription(kind, "").fault(levels) == ""


@pytest.mark.parametrize("levels", [[0.1], [0.1, 0.9], [0.1, 0.5, 0.8], [0.1, 0.4, 0.9]])
def test_levels_need_not_be_central(levels):
    assert ParameterDescription(ParameterType.LEVELS, "").fault(levels) == ""
    fault = ParameterDescription(ParameterType.CENTRAL_LEVELS, "").fault(levels)
    assert fault == "must be symmetric about 0.5, and contain it"


@pytest.mark.parametrize(
    "levels", [[0.9, 0.1], [0.5, 0.5], [0.0, 0.5], [0.5, 1.0], [0, 1], [float("nan")], [-0.5]]
)
@pytest.mark.parametrize("kind", [ParameterType.LEVELS, ParameterType.CENTRAL_LEVELS])
def test_levels_ascend_between_zero_and_one(kind, levels):
    fault = ParameterDescription(kind, "").fault(levels)
    assert fault == "must be ascending numbers between 0 and 1"


@pytest.mark.parametrize("value", [[], 0.5, "0.5", None, ["0.5"], [True]])
@pytest.mark.parametrize(
    "kind", [ParameterType.NUMBERS, ParameterType.LEVELS, ParameterType.CENTRAL_LEVELS]
)
def test_levels_are_a_list_of_numbers(kind, value):
    assert ParameterDescription(kind, "").fault(value) == "must be a list of numbers"
