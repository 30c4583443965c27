"""The catalogue and the pages of a competition."""

from __future__ import annotations

from datetime import timedelta

import factories
import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agon.competitions.models import Competition, DataFile, RulesAcceptance

pytestmark = pytest.mark.django_db


def titles(response):
    return [competition.title for competition in response.context["page_obj"]]


@pytest.fixture
def shelf():
    now = timezone.now()
    factories.make_phase(factories.make_competition(title="Digits", tags=["images"]))
    factories.make_phase(
        factories.make_competition(
            title="Movies",
            subtitle="Feelings of critics",
            tags=["text"],
            ends_at=now - timedelta(days=1),
        )
    )
    factories.make_phase(
        factories.make_competition(title="Speech", starts_at=now + timedelta(days=1))
    )
    factories.make_phase(factories.make_competition(title="Secret", visibility="private"))
    factories.make_phase(factories.make_competition(title="Unlisted", visibility="unlisted"))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["Speech", "Movies", "Digits"]),
        ({"q": "digit"}, ["Digits"]),
        ({"q": "feelings critics"}, ["Movies"]),
        ({"q": "nothing like it"}, []),
        ({"q": "secret"}, []),
        ({"tag": "images"}, ["Digits"]),
        ({"status": "open"}, ["Digits"]),
        ({"status": "ended"}, ["Movies"]),
        ({"status": "upcoming"}, ["Speech"]),
        ({"sort": "title"}, ["Digits", "Movies", "Speech"]),
        ({"status": "nonsense", "page": "x"}, ["Speech", "Movies", "Digits"]),
    ],
)
def test_the_catalogue_finds_what_is_listed(client, shelf, query, expected):
    assert titles(client.get(reverse("competitions:list"), query)) == expected


def test_the_catalogues_live_part_is_the_results_alone(client, shelf):
    response = client.get(
        reverse("competitions:list"), headers={"HX-Request": "true", "HX-Target": "results"}
    )
    assert b"<html" not in response.content
    assert b"Digits" in response.content


@pytest.mark.parametrize("count", [1, 3, 20])
def test_the_catalogue_costs_the_same_queries_however_full_it_is(client, count):
    for _ in range(count):
        factories.make_phase(factories.make_competition())
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("competitions:list"))
    assert len(captured) == 3, [query["sql"] for query in captured]


def test_an_unlisted_competition_opens_for_who_has_the_link(client, shelf):
    competition = Competition.objects.get(title="Unlisted")
    assert client.get(competition.get_absolute_url()).status_code == 200


def test_joining_records_who_when_and_which_version(client, cast):
    client.force_login(cast.sam, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("competitions:join", args=["digits"])
    response = client.post(address, {"version": "1", "agree": "on"})
    assert response.url == reverse("competitions:data", args=["digits"])
    acceptance = RulesAcceptance.objects.get(user=cast.sam)
    assert (acceptance.version, acceptance.competition) == (1, cast.competition)
    cast.competition.refresh_from_db()
    assert cast.competition.participant_count == 1


def test_an_unticked_box_joins_nobody(client, cast):
    client.force_login(cast.sam, backend="django.contrib.auth.backends.ModelBackend")
    response = client.post(reverse("competitions:join", args=["digits"]), {"version": "1"})
    assert response.status_code == 422
    assert "Tick the box" in response.content.decode()
    assert not RulesAcceptance.objects.filter(user=cast.sam).exists()


def test_rules_that_changed_under_ones_eyes_are_shown_again(client, cast):
    client.force_login(cast.sam, backend="django.contrib.auth.backends.ModelBackend")
    Competition.objects.filter(pk=cast.competition.pk).update(rules_version=2)
    response = client.post(
        reverse("competitions:join", args=["digits"]), {"version": "1", "agree": "on"}, follow=True
    )
    assert "rules have changed" in response.content.decode()
    assert not RulesAcceptance.objects.filter(user=cast.sam).exists()


def test_the_data_page_shows_size_and_hash_of_each_file(client, cast):
    data_file = DataFile(
        competition=cast.competition, name="train.csv", sha256="ab" * 32, size=2048
    )
    data_file.file.save("train.csv", ContentFile(b"id\n"))
    page = client.get(reverse("competitions:data", args=["digits"])).content.decode()
    assert "train.csv" in page
    assert "abababab" in page
    assert "2.0" in page


def test_a_download_is_a_file_and_never_a_page(client, cast):
    data_file = DataFile(competition=cast.competition, name="x.html", sha256="0" * 64, size=1)
    data_file.file.save("x.html", ContentFile(b"<script>alert(1)</script>"))
    client.force_login(cast.paula, backend="django.contrib.auth.backends.ModelBackend")
    response = client.get(reverse("competitions:download", args=["digits", data_file.pk]))
    assert response["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response["Content-Security-Policy"]
    response.close()


def test_data_stays_closed_until_the_start(client, cast):
    Competition.objects.update(starts_at=timezone.now() + timedelta(hours=1))
    data_file = DataFile(competition=cast.competition, name="a.csv", sha256="0" * 64, size=1)
    data_file.file.save("a.csv", ContentFile(b"id\n"))
    client.force_login(cast.paula, backend="django.contrib.auth.backends.ModelBackend")
    assert (
        client.get(reverse("competitions:download", args=["digits", data_file.pk])).status_code
        == 302
    )


def test_a_page_shows_mathematics_and_no_script(client, cast):
    cast.competition.pages.filter(name="overview").update(
        text="Error $\\frac{1}{n}$ <script>alert(1)</script>"
    )
    page = client.get(reverse("competitions:overview", args=["digits"])).content.decode()
    assert "<math" in page
    assert "<script>alert" not in page


def test_each_picture_stands_on_its_page_with_words_and_caption(client, cast):
    samples = factories.make_picture(cast.competition, "data")
    chart = factories.make_picture(cast.competition, "overview")
    for tab, here, elsewhere in (("data", samples, chart), ("overview", chart, samples)):
        page = client.get(reverse(f"competitions:{tab}", args=["digits"])).content.decode()
        assert f'src="{here.url}" alt="{here.alt}"' in page
        assert here.caption in page
        assert elsewhere.url not in page


def test_a_picture_is_kept_by_the_browser_and_runs_nothing(client, cast):
    picture = factories.make_picture(cast.competition)
    response = client.get(picture.url)
    assert b"".join(response.streaming_content) == b"png"
    assert response["Content-Type"] == "image/png"
    assert "max-age=31536000" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
    assert "sandbox" in response["Content-Security-Policy"]
    other = Competition.objects.get(slug="other")
    assert (
        client.get(reverse("competitions:picture", args=[other.slug, picture.pk])).status_code
        == 404
    )


def test_prizes_and_questions_are_parts_of_the_overview(client, cast):
    page = client.get(reverse("competitions:overview", args=["digits"])).content.decode()
    assert '<a href="#faq">Questions and answers</a>' in page
    assert '<section id="prizes"' in page
    cast.competition.pages.filter(name="prizes").delete()
    page = client.get(reverse("competitions:overview", args=["digits"])).content.decode()
    assert "prizes" not in page


def test_the_data_page_names_licence_and_citation_where_the_host_does(client, cast):
    address = reverse("competitions:data", args=["digits"])
    assert "Licence" not in client.get(address).content.decode()
    Competition.objects.filter(slug="digits").update(
        licence_name="CC BY 4.0",
        licence_url="https://creativecommons.org/licenses/by/4.0/",
        citation="Somebody & Co. (1998)",
    )
    page = client.get(address).content.decode()
    assert 'href="https://creativecommons.org/licenses/by/4.0/"' in page
    assert "Somebody &amp; Co. (1998)" in page
