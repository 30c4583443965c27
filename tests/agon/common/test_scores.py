"""How a score is written."""

import pytest

from agon.common.scores import interval_texts, score_text


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


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (0.92614, 0.93641, ("0.926", "0.936")),
        (0.9, 0.99, ("0.900", "0.990")),
        (0.5, 0.5, ("0.50000", "0.50000")),
        (-0.00004, 0.00021, ("-0.00004", "0.00021")),
        (-0.0004, 0.021, ("0.000", "0.021")),
        (1234.5, 2987.1, ("1234", "2987")),
        (0.1234567891, 0.1234567899, ("0.12345678910", "0.12345678990")),
        (1e-15, 2e-15, ("1.00000e-15", "2.00000e-15")),
        (-1.7e308, 1.7e308, ("-1.70000e+308", "1.70000e+308")),
    ],
)
def test_an_interval_is_rounded_to_two_digits_of_its_width(low, high, shown):
    assert interval_texts(low, high, 5) == shown


def test_where_there_is_no_interval_there_is_no_text():
    assert interval_texts(None, None, 5) is None
    assert interval_texts(0.5, None, 5) is None
