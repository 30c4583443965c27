"""There is a sentence for everything that people are told, whatever is known of it."""

import pytest
from django.utils import timezone, translation

from agon.competitions.models import Competition
from agon.notifications.models import Kind, Notification
from agon.notifications.wordings import PLACEHOLDER, WORDINGS, say


@pytest.mark.parametrize("kind", Kind)
def test_a_notification_without_values_has_words(kind):
    said = say(Notification(kind=kind, values={}))
    assert said.title
    assert "%" not in said.title + said.text


@pytest.mark.parametrize("kind", Kind)
def test_each_wording_is_reached_by_its_values(kind):
    for wording in WORDINGS[kind]:
        named = PLACEHOLDER.findall(f"{wording.title} {wording.text}")
        values = {name: f"<{name}>" for name in named} | {"what": wording.what}
        values.pop("competition", None)
        competition = Competition(title="Digits") if "competition" in named else None
        said = say(Notification(kind=kind, values=values, competition=competition))
        shown = {**values, "competition": "Digits"}
        assert said.title == str(wording.title) % shown
        assert said.text == str(wording.text) % shown


def test_a_time_is_shown_in_the_zone_of_the_reader():
    notification = Notification(
        kind=Kind.DEADLINE,
        competition=Competition(title="Digits"),
        values={"what": "24h", "at": "2026-12-01T20:00:00+00:00"},
    )
    with timezone.override("America/New_York"):
        said = say(notification)
    assert said.title == "Digits closes in 24 hours"
    assert said.text.startswith("On 1 Dec 2026, 15:00 (America/New_York).")


def test_a_percent_sign_in_a_name_is_only_a_sign():
    competition = Competition(title="100%(s) sure")
    said = say(Notification(kind=Kind.RESULTS, competition=competition, values={}))
    assert said.title == "The results of 100%(s) sure are published"


def test_every_kind_has_a_last_wording_that_names_nothing():
    with translation.override("en"):
        for kind in Kind:
            assert PLACEHOLDER.findall(str(WORDINGS[kind][-1].title)) == []
