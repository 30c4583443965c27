"""Times, scores and formulas as people see them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from agon.common.templatetags import presentation

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def shown(source: str, **values: object) -> str:
    return Template("{% load presentation %}" + source).render(Context(values))


def test_a_time_is_shown_in_the_zone_of_the_reader_with_utc_in_the_title() -> None:
    with timezone.override(ZoneInfo("Asia/Shanghai")):
        html = shown("{% moment at %}", at=NOON)
    assert ">22 Nov 2026, 20:00</time>" in html
    assert 'title="2026-11-22 12:00 UTC"' in html
    assert 'datetime="2026-11-22T12:00:00+00:00"' in html


def test_a_time_can_have_utc_beside_it() -> None:
    assert '<span class="utc">2026-11-22 12:00 UTC</span>' in shown(
        "{% moment at utc=True %}", at=NOON
    )


@pytest.mark.parametrize("tag", ["moment", "ago"])
def test_no_time_is_a_dash(tag: str) -> None:
    assert shown("{% " + tag + " at %}", at=None) == "–"


def test_how_long_ago_has_the_exact_time_in_the_title() -> None:
    html = shown("{% ago at %}", at=timezone.now() - timedelta(minutes=5))
    assert "5\xa0minutes ago" in html
    assert "UTC" in html


def test_time_left_is_told_in_two_units() -> None:
    end = timezone.now() + timedelta(days=9, hours=5, seconds=30)
    assert presentation.until(end) == "1\xa0week, 2\xa0days"


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (0.5, 5, "0.50000"),
        (1234.5678, 2, "1234.57"),
        (-0.25, 1, "-0.2"),
        (None, 5, "–"),
    ],
)
def test_scores_have_a_fixed_number_of_decimals(
    value: float | None, decimals: int, expected: str
) -> None:
    assert presentation.score(value, decimals) == expected


def test_scores_look_the_same_in_every_language() -> None:
    with translation.override("zh-hans"):
        assert presentation.score(0.5, 3) == "0.500"


def test_a_formula_becomes_mathml() -> None:
    assert "<msup>" in shown("{{ latex|formula }}", latex="x^2")


def test_an_icon_is_silent_unless_it_has_a_label() -> None:
    assert 'aria-hidden="true"' in shown('{% icon "check" %}')
    assert 'role="img" aria-label="Done &lt;"' in shown('{% icon "check" label %}', label="Done <")
