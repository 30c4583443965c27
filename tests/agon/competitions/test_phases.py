"""Competitions with several phases: which one a page shows, and how to come to the others."""

from datetime import timedelta

import factories
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.utils import timezone

from agon.competitions.rules import chosen_phase, get_phase_for

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def phases(cast):
    """The first has closed, the second is open, the third is to come."""
    cast.phase.closes_at = NOW - timedelta(days=1)
    cast.phase.save()
    second = factories.make_phase(
        cast.competition, name="final", order=1, opens_at=NOW - timedelta(days=1)
    )
    third = factories.make_phase(
        cast.competition, name="bonus", order=2, opens_at=NOW + timedelta(days=1)
    )
    return [cast.phase, second, third]


def test_the_last_that_has_opened_is_shown_unless_another_is_asked_for(cast, phases):
    assert get_phase_for(cast.paula, "digits") == phases[1]
    assert [get_phase_for(cast.paula, "digits", number=n) for n in (1, 2, 3)] == phases


def test_before_the_first_opens_it_is_the_first(cast, phases):
    for phase in phases:
        phase.opens_at = NOW + timedelta(days=1)
    assert chosen_phase(phases) == phases[0]


@pytest.mark.parametrize("number", [0, 4])
def test_there_are_no_other_phases(cast, phases, number):
    with pytest.raises(Http404):
        get_phase_for(cast.paula, "digits", number=number)


@pytest.mark.parametrize("asked", ["0", "4", "x", "99999999999", "-1"])
def test_nonsense_in_the_address_is_no_page(client, cast, phases, asked):
    assert client.get(f"/competitions/digits/leaderboard/?phase={asked}").status_code == 404


def test_the_board_of_each_phase_has_a_link_and_keeps_its_phase(client, cast, phases):
    page = client.get("/competitions/digits/leaderboard/").content.decode()
    assert page.count("?phase=") >= 3
    assert "final" in page
    first = client.get("/competitions/digits/leaderboard/?phase=1")
    assert first.context["phase"] == phases[0]
    text = first.content.decode()
    assert "/competitions/digits/submit/?phase=1" in text
    assert "/leaderboard/rows/?phase=1" in text


def test_a_competition_of_one_phase_never_mentions_it(client, cast):
    page = client.get("/competitions/digits/leaderboard/").content.decode()
    assert "?phase=" not in page
    assert "main" not in client.get("/competitions/digits/").context["phase_query"]


def test_a_submission_goes_to_the_phase_that_was_asked_for(client, cast, phases):
    client.force_login(cast.paula)
    address = "/competitions/digits/submit/"
    file = SimpleUploadedFile("mine.csv", factories.PERFECT)
    refused = client.post(f"{address}?phase=1", {"file": file})
    assert refused.status_code in {403, 409, 422}, "the first phase is closed"
    file = SimpleUploadedFile("mine.csv", factories.PERFECT)
    assert client.post(address, {"file": file}).status_code == 302
    assert phases[1].submissions.count() == 1
