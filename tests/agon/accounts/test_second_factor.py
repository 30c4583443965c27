"""The second factor: switched on with an authenticator's code, asked for at the next sign-in."""

import factories
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.urls import reverse

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


def code_of(secret):
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def sign_in(client):
    return client.post(reverse("account_login"), {"login": "nina", "password": PASSWORD})


@pytest.fixture
def secret(client):
    """Nina has switched it on, with an address that nobody verified."""
    factories.make_user("nina")
    sign_in(client)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    assert page.status_code == 200
    secret = page.context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert Authenticator.objects.filter(type=Authenticator.Type.TOTP).exists()
    client.logout()
    return secret


def test_the_password_alone_is_not_enough_any_more(client, secret):
    assert reverse("mfa_authenticate") in sign_in(client).url
    assert client.get(reverse("accounts:settings")).status_code == 302


def test_password_and_code_sign_in(client, secret):
    sign_in(client)
    cache.clear()  # a code works once, and the next one comes in half a minute
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert client.get(reverse("accounts:settings")).status_code == 200


def test_a_wrong_code_does_not(client, secret):
    sign_in(client)
    assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert client.get(reverse("accounts:settings")).status_code == 302
