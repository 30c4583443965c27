"""Announcements: an inbox line for everybody, a banner until it is closed, a page that keeps them."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from agon.competitions.models import Announcement, HostAction, Verb
from agon.competitions.services import announcing
from agon.notifications.models import Delivery, Kind, Notification, Webhook

pytestmark = pytest.mark.django_db

CONSOLE = "/competitions/digits/console/announcements/"
OVERVIEW = "/competitions/digits/"
PAGE = "/competitions/digits/announcements/"
SENT = {"title": "New  test data", "text": "Row **7** is gone.", "banner": "3"}


@pytest.fixture
def sign_in(client):
    def sign_in(person):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def announce(cast):
    def announce(title="New test data", **more):
        return announcing.announce(
            actor=cast.hanna, competition=cast.competition, title=title, text="Look.", **more
        )

    return announce


def banner_in(response, title="New test data"):
    return f"Close “{title}”" in response.content.decode()


def test_an_announcement_reaches_everybody_in_every_way(cast, sign_in):
    hook = Webhook.objects.create(
        competition=cast.competition, url="https://example.org/", secret="", events=["announcement"]
    )
    response = sign_in(cast.carl).post(CONSOLE, SENT, follow=True)
    assert "It is announced, and 5 people are told." in response.content.decode()
    told = Notification.objects.filter(kind=Kind.ANNOUNCEMENT)
    assert {one.recipient.username for one in told} == {"paula", "tom", "ron", "hanna", "jude"}
    assert told[0].values == {"title": "New test data", "text": "Row **7** is gone."}
    assert "New test data" in Delivery.objects.get(webhook=hook).body
    assert HostAction.objects.get().verb == Verb.ANNOUNCED
    assert banner_in(sign_in(cast.paula).get(OVERVIEW))
    page = sign_in(cast.paula).get(told[0].path.partition("#")[0]).content.decode()
    assert "<strong>7</strong>" in page
    assert f'id="{told[0].path.partition("#")[2]}"' in page


def test_a_closed_banner_stays_closed_for_that_person_alone(cast, announce, sign_in):
    made = announce()
    target = f"{PAGE}{made.pk}/dismiss/"
    response = sign_in(cast.paula).post(target, {"next": "/competitions/digits/data/"})
    assert response.url == "/competitions/digits/data/"
    assert not banner_in(sign_in(cast.paula).get(OVERVIEW))
    assert banner_in(sign_in(cast.tom).get(OVERVIEW))
    assert "New test data" in sign_in(cast.paula).get(PAGE).content.decode()


def test_closing_a_banner_leads_to_no_other_site(cast, announce, sign_in):
    target = f"{PAGE}{announce().pk}/dismiss/"
    assert sign_in(cast.paula).post(target, {"next": "https://evil.example/"}).url == OVERVIEW


def test_a_visitor_without_an_account_closes_it_for_the_visit(cast, announce):
    made = announce()
    visitor = Client()
    assert banner_in(visitor.get(OVERVIEW))
    visitor.post(f"{PAGE}{made.pk}/dismiss/")
    assert not banner_in(visitor.get(OVERVIEW))
    assert banner_in(Client().get(OVERVIEW))


@pytest.mark.parametrize(
    "more",
    [{"has_banner": False}, {"shown_until": timezone.now() - timedelta(seconds=1)}],
    ids=["without one", "expired"],
)
def test_the_banner_goes_and_the_announcement_stays(cast, announce, sign_in, more):
    announce(**more)
    client = sign_in(cast.paula)
    assert not banner_in(client.get(OVERVIEW))
    assert "New test data" in client.get(PAGE).content.decode()


def test_what_is_taken_back_is_on_no_page_but_the_hosts(cast, announce, sign_in):
    made = announce()
    address = f"{CONSOLE}{made.pk}/withdraw/"
    assert "Take this announcement back?" in sign_in(cast.hanna).get(address).content.decode()
    sign_in(cast.hanna).post(address)
    assert "New test data" not in sign_in(cast.paula).get(PAGE).content.decode()
    assert not banner_in(sign_in(cast.paula).get(OVERVIEW))
    console = sign_in(cast.hanna).get(CONSOLE).content.decode()
    assert "New test data" in console
    assert "taken back" in console
    response = sign_in(cast.hanna).post(address, follow=True)
    assert "taken back already" in response.content.decode()


def test_who_was_shown_out_hears_nothing(cast, announce):
    cast.competition.exclusions.create(user=cast.ron, kind="removed")
    announce()
    assert not Notification.objects.filter(recipient=cast.ron).exists()


@pytest.mark.parametrize("person", ["jude", "paula", "olga"])
def test_only_hosts_announce(cast, announce, person, sign_in):
    actor = getattr(cast, person)
    assert sign_in(actor).post(CONSOLE, SENT).status_code == 403
    made = announce()
    assert sign_in(actor).post(f"{CONSOLE}{made.pk}/withdraw/").status_code == 403
    with pytest.raises(PermissionDenied):
        announcing.withdraw(actor=actor, announcement=made)
    assert Announcement.objects.get().withdrawn_at is None


def test_a_private_competitions_announcements_are_not_there_for_strangers(cast, announce, sign_in):
    made = announce()
    cast.competition.visibility = "private"
    cast.competition.save()
    assert sign_in(cast.sam).get(PAGE).status_code == 404
    assert sign_in(cast.sam).post(f"{PAGE}{made.pk}/dismiss/").status_code == 404


def test_an_announcement_needs_a_title(cast, sign_in):
    response = sign_in(cast.hanna).post(CONSOLE, {**SENT, "title": " "})
    assert response.status_code == 422
    assert "Row **7** is gone." in response.content.decode()
    assert not Announcement.objects.exists()


def test_announcements_cost_a_page_one_query(
    cast, announce, sign_in, django_assert_max_num_queries
):
    client = sign_in(cast.paula)
    for number in range(5):
        announce(f"Number {number}")
    with django_assert_max_num_queries(16):
        response = client.get(OVERVIEW)
    assert response.content.decode().count("Close “") == 3
