"""The console's section of webhooks."""

import re

import pytest
from django.urls import reverse

from agon.competitions.errors import WebhookRefused
from agon.competitions.models import HostAction
from agon.competitions.services import webhooks as services
from agon.notifications.models import Delivery, Event, Webhook
from agon.notifications.services import delivering, emit

pytestmark = pytest.mark.django_db

SECTION = "/competitions/digits/console/webhooks/"
NEW = {"url": "https://example.org/agon", "events": ["team.joined", "submission.scored"]}


def text(response):
    return response.content.decode()


@pytest.fixture
def sign_in(client):
    def sign_in(person):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def host(cast, sign_in):
    return sign_in(cast.hanna)


@pytest.fixture
def hook(cast):
    return services.add_webhook(competition=cast.competition, actor=cast.hanna, **NEW)


def address(name, hook, *more):
    return reverse(f"competitions:{name}", args=["digits", hook.pk, *more])


def test_a_host_adds_a_webhook_and_sees_its_secret_once(host):
    assert "No webhooks yet" in text(host.get(SECTION))
    made = text(host.post(SECTION, NEW))
    secret = Webhook.objects.get().secret
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/=]{32}", secret)
    assert secret in made
    assert secret not in text(host.get(SECTION))
    assert secret not in text(host.get(address("webhook", Webhook.objects.get())))
    line = HostAction.objects.get()
    assert (line.verb, line.subject) == ("webhook_changed", NEW["url"])
    assert secret not in str([line.before, line.after])


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://example.org/", "begins with https://"),
        ("example.org", "begins with https://"),
        ("https://", "not a whole address"),
        ("https://localhost/", "private network"),
        ("https://10.1.2.3/", "private network"),
        ("https://[::1]/", "private network"),
        ("https://printer.local/", "private network"),
        ("https://me:secret@example.org/", "name and password"),
    ],
)
def test_an_address_that_will_not_do_is_met_with_words(host, url, words):
    response = host.post(SECTION, {**NEW, "url": url})
    assert response.status_code == 422
    assert words in text(response)
    assert not Webhook.objects.exists()


def test_a_webhook_without_events_is_met_with_words(host):
    assert "Choose at least one event." in text(host.post(SECTION, {**NEW, "events": []}))


def test_the_same_address_twice_and_too_many_are_refused(host, cast, hook):
    assert "There is a webhook with this address already" in text(host.post(SECTION, NEW))
    for number in range(services.MOST - 1):
        services.add_webhook(
            competition=cast.competition,
            actor=cast.hanna,
            url=f"https://example.org/{number}",
            events=[],
        )
    response = host.post(SECTION, {**NEW, "url": "https://example.org/more"})
    assert "at most 10 webhooks" in text(response)


def test_who_does_not_manage_changes_nothing(cast, sign_in, hook):
    client = sign_in(cast.paula)
    for name in ("webhook", "webhook-test", "webhook-secret", "webhook-delete"):
        assert client.post(address(name, hook)).status_code == 403
    assert client.post(SECTION, NEW).status_code == 403
    with pytest.raises(services.PermissionDenied):
        services.delete_webhook(webhook=hook, actor=cast.paula)


def test_a_webhook_of_another_competition_is_not_there(cast, sign_in, hook):
    client = sign_in(cast.olga)
    theirs = reverse("competitions:webhook", args=["other", hook.pk])
    assert client.get(theirs).status_code == 404


def test_events_are_changed_and_it_is_switched_off(host, hook):
    assert host.post(address("webhook", hook), {"events": ["announcement"]}).status_code == 302
    hook.refresh_from_db()
    assert (hook.events, hook.is_active) == (["announcement"], False)
    last = HostAction.objects.first()
    assert last.after == {"events": ["announcement"], "is_active": False}
    with pytest.raises(WebhookRefused, match="switched off"):
        services.try_webhook(webhook=hook, actor=hook.competition.host)


def test_a_new_secret_replaces_the_old_one(host, hook):
    page = text(host.post(address("webhook-secret", hook)))
    old = hook.secret
    hook.refresh_from_db()
    assert hook.secret in page and hook.secret != old


def test_a_test_shows_its_answer_in_the_log(host, hook):
    host.post(address("webhook-test", hook))
    page = text(host.get(address("webhook", hook)))
    assert "A test" in page and "Waiting" in page
    assert 'hx-trigger="every 3s"' in page
    Webhook.objects.update(url="https://nowhere.invalid/")
    delivering.deliver_due()
    log = text(host.get(address("webhook-deliveries", hook)))
    assert "The name of the host is not known." in log
    assert "Given up" in log
    assert "every 3s" not in log


def test_a_message_is_sent_again_by_a_button(host, hook):
    emit(competition_id=hook.competition_id, event=Event.TEAM_JOINED, document={"team": "A"})
    Delivery.objects.update(state="failed", tried=8)
    delivery = Delivery.objects.get()
    host.post(address("webhook-again", hook, delivery.pk))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tried) == ("waiting", 0)


def test_deleting_asks_first_and_is_logged(host, hook):
    assert "Delete this webhook?" in text(host.get(address("webhook-delete", hook)))
    assert Webhook.objects.exists()
    host.post(address("webhook-delete", hook))
    assert not Webhook.objects.exists()
    assert HostAction.objects.first().before["address"] == NEW["url"]


def test_a_long_log_costs_as_many_queries_as_a_short_one(host, hook, django_assert_num_queries):
    def send(count):
        for _ in range(count):
            emit(competition_id=hook.competition_id, event="team.joined", document={})

    send(2)
    host.get(address("webhook", hook))
    with django_assert_num_queries(7):
        host.get(address("webhook", hook))
    send(30)
    with django_assert_num_queries(7):
        page = text(host.get(address("webhook", hook)))
    assert "Page 1 of 2" in page
