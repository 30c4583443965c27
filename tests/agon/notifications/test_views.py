"""The inbox, the choices of letters, and the link that stops them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from agon.notifications.addresses import unsubscribe_address
from agon.notifications.models import Kind, Notification, Preference, Timing
from agon.notifications.services import notify

pytestmark = pytest.mark.django_db

INBOX = reverse("notifications:inbox")


def tell(cast, person, kind=Kind.SCORED, **values):
    notify(
        kind=kind,
        recipients=[person.pk],
        competition_id=cast.competition.pk,
        values=values or {"number": 3, "score": "0.91"},
        path="/competitions/digits/",
    )


@pytest.fixture
def paula(client, cast):
    client.force_login(cast.paula, backend="django.contrib.auth.backends.ModelBackend")
    return cast.paula


def text(response):
    return response.content.decode()


def test_the_inbox_tells_what_happened_and_where(client, cast, paula):
    tell(cast, paula)
    page = text(client.get(INBOX))
    assert "Submission #3 was scored: 0.91" in page
    assert "Digits" in page


def test_an_empty_inbox_says_what_will_come(client, paula):
    assert "Nothing yet" in text(client.get(INBOX))


def test_nobody_reads_the_inbox_of_another(client, cast, paula):
    tell(cast, cast.tom)
    theirs = Notification.objects.get()
    assert "Submission #3" not in text(client.get(INBOX))
    assert client.get(reverse("notifications:follow", args=[theirs.pk])).status_code == 404
    assert client.post(reverse("notifications:mark", args=[theirs.pk])).status_code == 404
    client.post(reverse("notifications:mark-all"))
    theirs.refresh_from_db()
    assert theirs.read_at is None


def test_following_a_notification_reads_it(client, cast, paula):
    tell(cast, paula)
    told = Notification.objects.get()
    response = client.get(reverse("notifications:follow", args=[told.pk]))
    assert response.headers["Location"] == "/competitions/digits/"
    told.refresh_from_db()
    assert told.read_at is not None


def test_reading_can_be_taken_back_and_keeps_the_filter(client, cast, paula):
    tell(cast, paula)
    told = Notification.objects.get()
    address = reverse("notifications:mark", args=[told.pk])
    client.post(address)
    told.refresh_from_db()
    assert told.read_at is not None
    response = client.post(address, {"unread": "1", "query": "show=unread&page=2"})
    assert response.headers["Location"] == f"{INBOX}?show=unread&page=2"
    told.refresh_from_db()
    assert told.read_at is None


def test_the_mark_in_the_head_counts_what_is_unread(client, cast, paula):
    address = reverse("notifications:unread")
    assert text(client.get(address)).strip() == ""
    tell(cast, paula)
    tell(cast, paula)
    assert "2 unread" in text(client.get(address))
    client.post(reverse("notifications:mark-all"))
    assert text(client.get(address)).strip() == ""


def test_filters_show_what_is_unread_or_of_one_kind(client, cast, paula):
    tell(cast, paula)
    tell(cast, paula, kind=Kind.ANNOUNCEMENT, title="New data")
    assert "New data" not in text(client.get(INBOX, {"kind": "scored"}))
    client.post(reverse("notifications:mark-all"))
    assert "No notification fits this filter." in text(client.get(INBOX, {"show": "unread"}))
    assert client.get(INBOX, {"kind": "nonsense", "page": "x"}).status_code == 200


def test_a_long_inbox_has_pages_and_costs_as_many_queries_as_a_short_one(
    client, cast, paula, django_assert_num_queries
):
    tell(cast, paula)
    client.get(INBOX)
    with django_assert_num_queries(5):
        client.get(INBOX)
    for _ in range(60):
        tell(cast, paula)
    with django_assert_num_queries(5):
        page = text(client.get(INBOX, {"page": 2}))
    assert "Page 2 of 3" in page


def test_choices_are_kept_and_those_as_usual_need_no_row(client, cast, paula):
    address = reverse("notifications:choices")
    assert "paula@example.org" in text(client.get(address))
    timings = {kind.value: Timing.DAILY.value for kind in Kind}
    assert client.post(address, timings).status_code == 302
    chosen = dict(Preference.objects.values_list("kind", "timing"))
    assert chosen["scored"] == "daily"
    assert "rejected" not in chosen  # usually daily
    assert client.post(address, {**timings, "scored": "hourly"}).status_code == 422


def test_the_link_in_a_letter_asks_before_it_stops_anything(client, cast):
    address = unsubscribe_address(cast.paula.pk, ["deadline"]).removeprefix("http://127.0.0.1:8000")
    page = text(client.get(address))
    assert "Deadlines" in page
    assert not Preference.objects.exists()
    assert "paula gets no more e-mail" in text(client.post(address))
    assert Preference.objects.get().timing == Timing.OFF


def test_a_mail_program_stops_letters_in_one_click_without_a_session(cast):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    address = unsubscribe_address(cast.paula.pk, ["scored", "results"])
    response = client.post(
        address.removeprefix("http://127.0.0.1:8000"), {"List-Unsubscribe": "One-Click"}
    )
    assert response.status_code == 200
    assert set(Preference.objects.values_list("kind", "timing")) == {
        ("scored", "off"),
        ("results", "off"),
    }


@pytest.mark.parametrize("signed", ["nonsense", "WzEsWyJhIl1d:1abc:forged"])
def test_a_forged_link_is_not_there(client, db, signed):
    address = reverse("notifications:unsubscribe", args=[signed])
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404


def test_letters_come_in_the_language_that_somebody_reads_in(client, cast, paula):
    client.get(INBOX, headers={"Accept-Language": "zh-CN"})
    paula.refresh_from_db()
    assert paula.language == "zh-hans"
    client.get(INBOX)  # says nothing of a language
    paula.refresh_from_db()
    assert paula.language == "zh-hans"


def test_notifications_stand_newest_first(client, cast, paula):
    tell(cast, paula, number=1, score="a")
    Notification.objects.update(created_at=timezone.now() - timedelta(hours=1))
    tell(cast, paula, number=2, score="b")
    page = text(client.get(INBOX))
    assert page.index("#2") < page.index("#1")
