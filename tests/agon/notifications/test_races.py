"""Several workers look for letters and messages at once: each goes out once."""

from __future__ import annotations

from datetime import timedelta

import factories
import pytest
from django.core import mail
from django.utils import timezone
from together import at_once
from webhook_receiver import receiving

from agon.hosting.deadlines import remind_of_deadlines
from agon.notifications import posting
from agon.notifications.models import Delivery, Kind, Notification, Webhook
from agon.notifications.services import emit, notify
from agon.notifications.services.delivering import deliver_due
from agon.notifications.services.letters import send_due_letters

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_ten_couriers_send_each_letter_once(cast):
    people = [factories.make_user() for _ in range(20)]
    notify(kind=Kind.RESULTS, recipients=[person.pk for person in people])
    assert sum(at_once(10, lambda _number: send_due_letters())) == 20
    assert sorted(letter.to[0] for letter in mail.outbox) == sorted(one.email for one in people)


def test_ten_couriers_send_each_message_once(cast, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with receiving() as receiver:
        Webhook.objects.create(
            competition=cast.competition,
            url=receiver.url,
            secret=posting.new_secret(),
            events=["team.joined"],
        )
        for number in range(5):
            emit(
                competition_id=cast.competition.pk, event="team.joined", document={"number": number}
            )
        assert sum(at_once(10, lambda _number: deliver_due())) == 5
        assert len(receiver.received) == 5
    assert set(Delivery.objects.values_list("state", "tried")) == {("delivered", 1)}


def test_ten_watches_remind_each_person_once(cast):
    cast.competition.created_at = timezone.now() - timedelta(days=90)
    cast.competition.ends_at = timezone.now() + timedelta(hours=22)
    cast.competition.save()
    at_once(10, lambda _number: remind_of_deadlines())
    told = Notification.objects.filter(kind=Kind.DEADLINE)
    assert sorted(told.values_list("recipient__username", flat=True)) == ["paula", "ron", "tom"]
