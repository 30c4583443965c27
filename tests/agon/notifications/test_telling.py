"""Being told twice is as bad as not at all."""

import pytest
from django.db import transaction

from agon.notifications.models import Kind, Notification
from agon.notifications.services import notify

pytestmark = pytest.mark.django_db


def test_each_person_is_told_once(cast):
    notify(kind=Kind.RESULTS, recipients=[cast.paula.pk, cast.tom.pk, cast.paula.pk])
    assert Notification.objects.count() == 2


def test_a_key_makes_telling_again_do_nothing(cast):
    for _ in range(2):
        notify(kind=Kind.DEADLINE, recipients=[cast.paula.pk], key="1:7d")
    notify(kind=Kind.DEADLINE, recipients=[cast.paula.pk, cast.tom.pk], key="1:7d")
    assert Notification.objects.count() == 2


def test_what_did_not_happen_is_not_told(cast):
    with transaction.atomic():
        notify(kind=Kind.RESULTS, recipients=[cast.paula.pk])
        transaction.set_rollback(True)
    assert not Notification.objects.exists()
