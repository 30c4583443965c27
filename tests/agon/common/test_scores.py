"""How a score is written."""

import pytest

from agon.common.scores import score_text


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0.84666666, 5, "0.84667"),
        (1.0, 3, "1.000"),
        (-0.0, 2, "0.00"),
        (0.000001, 5, "1.00000e-06"),
        (-0.00001, 5, "-0.00001"),
        (123456.7, 1, "123456.7"),
        (5e20, 2, "5.00e+20"),
    ],
)
def test_a_score_is_rounded_and_never_looks_like_something_else(value, decimals, text):
    assert score_text(value, decimals) == text
