"""Health, errors, themes and what every answer carries."""

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_the_health_check_says_ok(client):
    response = client.get("/healthz")
    assert response.json() == {"status": "ok"}
    assert "no-store" in response["Cache-Control"]


def test_every_page_forbids_what_is_not_ours(client):
    policy = client.get("/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_an_address_that_is_not_there_says_so_kindly(client):
    response = client.get("/nothing/here")
    assert response.status_code == 404
    assert b"<main" in response.content


def test_a_form_without_its_token_is_explained():
    client = Client(enforce_csrf_checks=True)
    response = client.post(reverse("set-theme"), {"theme": "dark"})
    assert response.status_code == 403
    assert b"<main" in response.content


def test_a_body_over_the_limit_is_refused_before_it_is_read(client, settings):
    settings.MAX_UPLOAD_BYTES = 100
    response = client.post(reverse("set-theme"), {"theme": "x" * 200})
    assert response.status_code == 413
    assert b"<main" in response.content


@pytest.mark.parametrize(
    ("theme", "expected"), [("dark", "dark"), ("light", "light"), ("auto", "auto"), ("<b>", None)]
)
def test_a_theme_is_remembered(client, theme, expected):
    client.post(reverse("set-theme"), {"theme": theme, "next": "/competitions/"})
    cookie = client.cookies.get("theme")
    assert (cookie.value if cookie else None) == expected
    if expected:
        assert f'data-theme="{expected}"' in client.get("/").content.decode()


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"]
)
def test_the_way_back_never_leads_elsewhere(client, target):
    response = client.post(reverse("set-theme"), {"theme": "dark", "next": target})
    assert response.url == "/"


def test_an_error_page_needs_neither_request_nor_database(client, monkeypatch):
    monkeypatch.setattr("agon.competitions.queries.catalogue", lambda **_: 1 / 0)
    client.raise_request_exception = False
    response = client.get("/")
    assert response.status_code == 500
    assert b"ZeroDivision" not in response.content
