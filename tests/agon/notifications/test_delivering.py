"""Webhooks: signed, tried again, logged, and never sent into a private network."""

import base64
import hashlib
import hmac
import ipaddress
import json
import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from webhook_receiver import receiving

from agon.notifications import posting
from agon.notifications.models import Delivery, DeliveryState, Event, Webhook
from agon.notifications.services import delivering, emit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _receivers_are_on_this_machine(settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True


@pytest.fixture
def receiver():
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def hook(cast, receiver):
    return Webhook.objects.create(
        competition=cast.competition,
        url=receiver.url,
        secret=posting.new_secret(),
        events=[Event.TEAM_JOINED],
    )


def emit_joined(cast):
    emit(competition_id=cast.competition.pk, event="team.joined", document={"team": "Röver"})


def due_now():
    Delivery.objects.update(due_at=timezone.now())


def test_a_message_is_signed_and_arrives_once(cast, hook, receiver):
    emit_joined(cast)
    assert delivering.deliver_due() == 1
    assert delivering.deliver_due() == 0
    ((headers, body),) = receiver.received
    document = json.loads(body)
    assert (document["event"], document["data"]) == ("team.joined", {"team": "Röver"})
    assert document["id"] == headers["webhook-id"]
    assert abs(time.time() - int(headers["webhook-timestamp"])) < 60
    key = base64.b64decode(hook.secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["host"] == f"127.0.0.1:{receiver.url.split(':')[2].split('/')[0]}"
    delivery = Delivery.objects.get()
    assert delivery.state == DeliveryState.DELIVERED
    told = delivery.tries.get()
    assert (told.status, told.answer, told.fault) == (200, "thank you", "")


def test_the_signature_is_that_of_the_standard():
    # The example of the specification of Standard Webhooks.
    assert (
        posting.signature(
            secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            token="msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp=1614265330,
            body='{"test": 2432232314}',
        )
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_only_events_that_the_host_has_chosen_are_sent(cast, hook):
    emit(competition_id=cast.competition.pk, event=Event.ANNOUNCEMENT, document={})
    hook.is_active = False
    hook.save()
    emit_joined(cast)
    assert not Delivery.objects.exists()
    with pytest.raises(ValueError):
        emit(competition_id=cast.competition.pk, event="nonsense", document={})


def test_what_did_not_happen_is_not_sent(cast, hook):
    with transaction.atomic():
        emit_joined(cast)
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


def test_a_message_that_does_not_arrive_is_sent_again_later_the_same_to_the_byte(
    cast, hook, receiver
):
    receiver.statuses = [503, 200]
    emit_joined(cast)
    delivering.deliver_due()
    delivery = Delivery.objects.get()
    assert delivery.state == DeliveryState.WAITING
    assert timedelta(seconds=5) < delivery.due_at - timezone.now() <= timedelta(seconds=10)
    assert delivering.deliver_due() == 0
    due_now()
    delivering.deliver_due()
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.DELIVERED
    assert [told.status for told in delivery.tries.all()] == [503, 200]
    (first, body), (second, again) = receiver.received
    assert first["webhook-id"] == second["webhook-id"]
    assert body == again


def test_after_the_last_try_a_message_is_given_up_and_can_be_sent_again(cast, hook, receiver):
    receiver.statuses = [500]
    emit_joined(cast)
    for _ in range(len(delivering.PAUSES) + 1):
        due_now()
        assert delivering.deliver_due() == 1
    delivery = Delivery.objects.get()
    assert delivery.state == DeliveryState.FAILED
    due_now()
    assert delivering.deliver_due() == 0
    receiver.statuses = [204]
    assert delivering.send_again(delivery=delivery)
    delivering.deliver_due()
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.DELIVERED
    assert delivery.tries.count() == len(delivering.PAUSES) + 2


def test_a_receiver_that_is_gone_for_good_is_switched_off(cast, hook, receiver):
    receiver.statuses = [410]
    emit_joined(cast)
    delivering.deliver_due()
    hook.refresh_from_db()
    assert not hook.is_active
    assert Delivery.objects.get().state == DeliveryState.FAILED


def test_a_redirect_is_not_followed(cast, hook, receiver):
    receiver.statuses, receiver.location = [302], receiver.url
    emit_joined(cast)
    delivering.deliver_due()
    assert len(receiver.received) == 1
    assert Delivery.objects.get().tries.get().status == 302


def test_a_silent_receiver_is_given_up_in_time_and_holds_up_no_other(
    cast, hook, receiver, monkeypatch
):
    monkeypatch.setattr(posting, "SECONDS", 0.4)
    receiver.seconds = 1.0
    emit_joined(cast)
    with receiving() as quick:
        Webhook.objects.create(
            competition=cast.competition,
            url=quick.url,
            secret=posting.new_secret(),
            events=[Event.TEAM_JOINED],
        )
        emit_joined(cast)
        delivering.deliver_due()
        assert len(quick.received) == 1
    silent = Delivery.objects.filter(webhook=hook)
    assert {told.fault for one in silent for told in one.tries.all()} == {"timeout"}


def test_a_dead_receiver_with_a_crowd_of_messages_does_not_shut_out_another(
    cast, hook, receiver, monkeypatch
):
    monkeypatch.setattr(delivering, "AT_ONCE", 4)
    receiver.statuses = [500]
    for _ in range(30):
        emit_joined(cast)
    with receiving() as quick:
        Webhook.objects.create(
            competition=cast.competition,
            url=quick.url,
            secret=posting.new_secret(),
            events=[Event.TEAM_JOINED],
        )
        emit_joined(cast)
        while delivering.deliver_due():
            pass
        assert len(quick.received) == 1
    assert len(receiver.received) == 2
    assert Delivery.objects.filter(webhook=hook, tried=0, state="waiting").count() == 29


def test_an_answer_that_drips_for_ever_is_given_up_in_time(cast, hook, receiver, monkeypatch):
    monkeypatch.setattr(posting, "SECONDS", 0.6)
    receiver.drips = 40
    emit_joined(cast)
    began = time.monotonic()
    delivering.deliver_due()
    assert time.monotonic() - began < 3
    assert Delivery.objects.get().tries.get().fault == "timeout"


def test_a_long_answer_is_cut_and_a_hostile_one_is_only_text(cast, hook, receiver):
    receiver.answer = b"\x00<script>" + b"x" * 100_000
    emit_joined(cast)
    delivering.deliver_due()
    answer = Delivery.objects.get().tries.get().answer
    assert answer.startswith("<script>")
    assert len(answer) < 500


def test_a_message_whose_sender_died_is_sent_again(cast, hook, receiver):
    emit_joined(cast)
    Delivery.objects.update(
        state=DeliveryState.SENDING, tried=1, due_at=timezone.now() - timedelta(seconds=1)
    )
    assert delivering.deliver_due() == 1
    assert Delivery.objects.get().state == DeliveryState.DELIVERED


def test_what_waits_while_a_webhook_is_off_goes_out_later(cast, hook, receiver):
    emit_joined(cast)
    Webhook.objects.update(is_active=False)
    assert delivering.deliver_due() == 0
    Webhook.objects.update(is_active=True)
    assert delivering.deliver_due() == 1


def test_a_name_that_nobody_knows_is_told_as_such(cast, hook, settings):
    Webhook.objects.update(url="https://nowhere.invalid/hook")
    emit_joined(cast)
    delivering.deliver_due()
    assert Delivery.objects.get().tries.get().fault_text == "The name of the host is not known."


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://localhost/",
        "https://10.0.0.8/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://0.0.0.0/",
        "https://100.64.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
    ],
)
def test_nothing_is_sent_behind_the_sites_own_walls(url, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    outcome = posting.post(url=url, secret=posting.new_secret(), token="t", body="{}")
    assert (outcome.status, outcome.fault) == (None, "private")


def test_plain_http_is_refused_however_it_got_there(settings, receiver):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    outcome = posting.post(url=receiver.url, secret=posting.new_secret(), token="t", body="{}")
    assert outcome.fault == "not_https"
    assert receiver.received == []


def test_a_name_with_one_private_address_is_refused_whole(monkeypatch, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    entries = [(2, 1, 6, "", (address, 443)) for address in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(posting.socket, "getaddrinfo", lambda *_a, **_k: entries)
    with pytest.raises(posting.Refused, match="private"):
        posting.checked_address("example.org", 443)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "2002:5db8:d822::1"])
def test_addresses_of_the_open_internet_are_public(address):
    assert posting.is_public(ipaddress.ip_address(address))


def test_old_messages_are_dropped_and_waiting_ones_are_not(cast, hook, receiver):
    emit_joined(cast)
    emit_joined(cast)
    first = Delivery.objects.order_by("pk").first()
    long_ago = timezone.now() - timedelta(days=31)
    Delivery.objects.filter(pk=first.pk).update(state="delivered", ended_at=long_ago)
    Delivery.objects.update(created_at=long_ago)
    delivering.forget_old_deliveries()
    assert Delivery.objects.count() == 1
