"""Signing up and in, the profile, the settings and the second factor's door."""

import re

import factories
import pytest
from django.urls import reverse

from agon.accounts.models import User

pytestmark = pytest.mark.django_db

PASSWORD = "a-long-Enough-pass-9"


def sign_up(client, username="nina", email="nina@example.org"):
    return client.post(
        reverse("account_signup"),
        {"username": username, "email": email, "password1": PASSWORD, "password2": PASSWORD},
    )


def test_a_new_person_signs_up_and_is_signed_in(client):
    response = sign_up(client)
    assert response.status_code == 302
    assert client.get(reverse("accounts:settings")).status_code == 200


def test_where_addresses_are_verified_the_letter_comes_first(client, settings, mailoutbox):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    sign_up(client)
    assert client.get(reverse("accounts:settings")).status_code == 302
    link = re.search(r"http://\S+", mailoutbox[0].body)[0]
    path = link.split("testserver", 1)[-1]
    confirmed = client.post(path)
    assert confirmed.status_code == 302
    assert User.objects.get(username="nina").emailaddress_set.get().verified


@pytest.mark.parametrize("username", ["a/b", "../etc", "-dash", "with space", "ab", "dots.dots"])
def test_a_username_that_breaks_addresses_is_refused(client, username):
    assert sign_up(client, username).status_code == 200
    assert not User.objects.exists()


def test_two_people_cannot_share_a_username_in_another_case(client):
    factories.make_user("nina")
    assert sign_up(client, "NINA", "other@example.org").status_code == 200
    assert User.objects.count() == 1


def test_signing_in_works_by_name_and_by_address(client):
    factories.make_user("nina")
    for login in ("nina", "nina@example.org"):
        response = client.post(
            reverse("account_login"), {"login": login, "password": "correct horse battery"}
        )
        assert response.status_code == 302
        client.logout()


def test_a_forgotten_password_is_set_anew_by_letter(client, mailoutbox):
    factories.make_user("nina")
    client.post(reverse("account_reset_password"), {"email": "nina@example.org"})
    path = re.search(r"http://[^/]+(/\S+)", mailoutbox[0].body)[1]
    page = client.get(path, follow=True)
    target = page.redirect_chain[-1][0] if page.redirect_chain else path
    client.post(target, {"password1": PASSWORD, "password2": PASSWORD})
    assert User.objects.get().check_password(PASSWORD)


def test_a_reset_for_an_unknown_address_answers_the_same(client):
    known = factories.make_user("nina")
    one = client.post(reverse("account_reset_password"), {"email": known.email})
    other = client.post(reverse("account_reset_password"), {"email": "nobody@example.org"})
    assert (one.status_code, one.url) == (other.status_code, other.url)


def test_the_profile_is_public_and_tells_no_address(client):
    person = factories.make_user("nina", display_name="Nina", about="I like digits.")
    page = client.get(person.get_absolute_url()).content.decode()
    assert "Nina" in page and "I like digits." in page
    assert "nina@example.org" not in page


def test_a_closed_account_has_no_profile(client):
    person = factories.make_user("nina", is_active=False)
    assert client.get(person.get_absolute_url()).status_code == 404


def test_the_settings_change_what_one_says_of_oneself_and_nothing_else(client):
    person = factories.make_user("nina")
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    fields = {"display_name": "Nina", "about": "", "time_zone": "Asia/Shanghai", "is_staff": "on"}
    assert client.post(reverse("accounts:settings"), fields).status_code == 302
    person.refresh_from_db()
    assert (person.display_name, person.time_zone) == ("Nina", "Asia/Shanghai")
    assert not person.is_staff


def test_a_time_zone_that_is_none_is_refused(client):
    client.force_login(
        factories.make_user("nina"), backend="django.contrib.auth.backends.ModelBackend"
    )
    response = client.post(reverse("accounts:settings"), {"time_zone": "Mars/Olympus"})
    assert response.status_code == 422


def test_times_are_in_the_readers_zone(client, cast):
    factories.make_submission(cast.team, cast.phase)
    cast.paula.time_zone = "Asia/Shanghai"
    cast.paula.save()
    client.force_login(cast.paula, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("submissions:list", args=["digits"]))
    assert 'data-zone="Asia/Shanghai"' in page.content.decode()
