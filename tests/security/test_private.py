"""To those who may not see it, a private competition and one that was never made are the same.

Each test asks twice: for a private competition, and for one with a name that nobody has used. Every
answer must be equal to the last byte of body and headers, but for the name itself.
"""

from __future__ import annotations

import re
import statistics
import time
from contextlib import suppress
from itertools import product

import factories
import notebook_files
import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter
from django.utils import timezone

from agon.api.services import create_token
from agon.competitions.models import (
    Competition,
    DataFile,
    EmailDomain,
    Exclusion,
    Invitation,
    InvitationLink,
    JoinRequest,
    Visibility,
)
from agon.notebooks.services import About
from agon.notebooks.services import publish as publish_notebook
from agon.notifications.models import Notification, Webhook
from agon.notifications.services.letters import send_due_letters
from agon.submissions.models import Rescore

pytestmark = pytest.mark.django_db

SECRET = "moonshot"
MISSING = "moonless"  # as long as the other, so that a length tells nothing either
TITLE = "Zyzzyva"
OUTSIDERS = ["anonymous", "stranger", "other host", "banned", "removed"]
ROUNDS = 40


def names(resolver: URLResolver, prefix: str = ""):
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from names(entry, inner)
        elif isinstance(entry, URLPattern) and entry.name:
            yield f"{prefix}{entry.name}", entry.pattern.converters


@pytest.fixture
def world(cast):
    """A private competition with one of everything that a page could be about."""
    competition = factories.make_competition(cast.hanna, slug=SECRET, title=TITLE)
    competition.cover.save("cover.png", ContentFile(b"png"))
    competition.tags = ["zyzzyva-tag"]
    competition.subtitle = f"All of {TITLE}"
    competition.visibility = Visibility.PRIVATE
    competition.save()
    phase = factories.make_phase(competition, sample_name="sample.csv")
    phase.sample.save("sample.csv", ContentFile(b"id,label\n"))
    data_file = DataFile(competition=competition, name="train.csv", sha256="0" * 64, size=3)
    data_file.file.save("train.csv", ContentFile(b"id\n"))
    factories.make_picture(competition)
    factories.make_preparation(competition, state="ready", prepared_at=timezone.now())
    paula = cast.paula
    competition.acceptances.create(user=paula, version=1)
    team = factories.make_team(competition, paula, name=f"{TITLE} team")
    submission = factories.make_submission(team, phase)
    Rescore.objects.create(
        phase=phase, solution=phase.solutions.get(), reason="", state=Rescore.State.READY
    )
    Webhook.objects.create(competition=competition, url="https://example.org", secret="", events=[])
    InvitationLink.objects.create(competition=competition)
    Invitation.objects.create(competition=competition, email="somebody@example.org")
    JoinRequest.objects.create(competition=competition, user=cast.ron)
    EmailDomain.objects.create(competition=competition, domain="example.edu")
    publish_notebook(
        user=paula,
        competition=competition,
        upload=notebook_files.upload(
            notebook_files.notebook(
                notebook_files.code("x", notebook_files.display(image_png=notebook_files.PNG))
            )
        ),
        about=About(title="Work", submission=submission),
    )
    for name, kind in (("banned", "banned"), ("removed", "removed")):
        person = factories.make_user(name)
        competition.acceptances.create(user=person, version=1)
        Exclusion.objects.create(competition=competition, user=person, kind=kind)
    return cast, competition, submission


def person(cast, role):
    if role in {"banned", "removed"}:
        return type(cast.sam).objects.get(username=role)
    return cast.people()[role]


def client_of(cast, role: str) -> Client:
    client = Client()
    user = person(cast, role)
    if not isinstance(user, AnonymousUser):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def addresses(world, slug: str) -> list[str]:
    """Every address that a competition's name is part of, with numbers and names that are there."""
    _cast, competition, submission = world
    numbers = {
        submission.pk,
        submission.team_id,
        competition.data_files.get().pk,
        competition.pictures.get().pk,
        competition.invitation_links.get().pk,
        1,
    }
    found = set()
    for name, converters in names(get_resolver()):
        if "slug" not in converters:
            continue
        for number, word in product(sorted(numbers), ("overview", "work", "train.csv")):
            given = {
                key: slug if key == "slug" else number if isinstance(kind, IntConverter) else word
                for key, kind in converters.items()
            }
            with suppress(NoReverseMatch):
                found.add(reverse(name, kwargs=given))
    return sorted(found)


def told(response, slug: str) -> tuple:
    """All that an answer says, without its own name and what is random in every answer."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    response.close()
    text = content.decode("utf-8", "replace").replace(slug, "NAME")
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)
    text = re.sub(r'"X-CSRFToken": "\w+"', "", text)
    headers = {name: value.replace(slug, "NAME") for name, value in response.headers.items()}
    cookies = sorted((name, morsel["path"]) for name, morsel in response.cookies.items())
    return response.status_code, headers, cookies, text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("role", "method"),
    [
        *product(OUTSIDERS, ["get", "post"]),
        *product(["anonymous", "stranger"], ["head", "put", "delete", "options"]),
    ],
)
def test_every_address_answers_as_if_there_were_no_such_competition(world, role, method):
    client = client_of(world[0], role)
    different = []
    secret, missing = addresses(world, SECRET), addresses(world, MISSING)
    assert len(secret) > 40
    for there, nowhere in zip(secret, missing, strict=True):
        data = {"version": 1, "agree": "on"} if method == "post" else None
        answers = [
            told(getattr(client, method)(address, data), slug)
            for address, slug in ((there, SECRET), (nowhere, MISSING))
        ]
        assert TITLE not in str(answers[0])
        if answers[0] != answers[1]:
            different.append(there)
    assert different == []


def sent(address, method):
    """What an address takes, so that nothing but the competition is wrong with a call."""
    if method != "post":
        return {}
    if address.endswith("/finals/"):
        return {"data": {"submissions": []}, "content_type": "application/json"}
    return {"data": {"file": SimpleUploadedFile("a.csv", b"id\n")}}


@pytest.mark.parametrize("role", ["stranger", "banned"])
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_programs_are_answered_alike_too(world, role, method):
    cast = world[0]
    token = create_token(user=person(cast, role), name="laptop").text
    different = []
    for there, nowhere in zip(addresses(world, SECRET), addresses(world, MISSING), strict=True):
        if not there.startswith("/api/"):
            continue
        answers = [
            told(
                getattr(Client(headers={"Authorization": f"Bearer {token}"}), method)(
                    address, **sent(address, method)
                ),
                slug,
            )
            for address, slug in ((there, SECRET), (nowhere, MISSING))
        ]
        assert answers[0][0] in {404, 405}, there
        if answers[0] != answers[1]:
            different.append(there)
    assert different == []


@pytest.mark.parametrize("role", OUTSIDERS)
def test_no_page_of_the_site_changes_when_a_private_competition_is_made(world, role):
    """Search, filters, counts, profiles, feeds: with it, and after it is gone."""
    cast, competition, _submission = world
    client = client_of(cast, role)
    pages = [
        "/",
        "/competitions/",
        f"/competitions/?q={TITLE}",
        "/competitions/?tag=zyzzyva-tag",
        "/competitions/?sort=popular",
        "/metrics/",
        "/metrics/accuracy/",
        *(f"/people/{name}/" for name in ("hanna", "paula", "ron")),
        *plain_pages(),
    ]
    for page in pages:  # what a first visit leaves behind is the same either way
        client.get(page).close()
    with_it = [told(client.get(page), SECRET) for page in pages]
    Notification.objects.all().delete()
    Rescore.objects.all().delete()
    competition.phases.all().delete()
    Competition.objects.filter(pk=competition.pk).update(
        title="x", subtitle="", tags=[], slug="unrelated"
    )
    without = [told(client.get(page), SECRET) for page in pages]
    for page, one, other in zip(pages, with_it, without, strict=True):
        assert TITLE not in one[3] or TITLE in page, page
        assert one == other, page


def plain_pages() -> list[str]:
    """Every page whose address needs nothing, but for those that sign people out or in."""
    found = []
    for name, converters in names(get_resolver()):
        if converters or name.startswith(("admin:", "account_", "mfa_", "v1:")):
            continue
        try:
            found.append(reverse(name))
        except NoReverseMatch:
            continue
    return [page for page in found if page not in {"/operations/", "/healthz"}]


@pytest.mark.parametrize("role", ["stranger", "banned"])
def test_no_list_for_programs_holds_it(world, role):
    cast = world[0]
    token = create_token(user=person(cast, role), name="laptop").text
    client = Client(headers={"Authorization": f"Bearer {token}"})
    answer = client.get(reverse("v1:competitions")).json()
    assert SECRET not in str(answer) and TITLE not in str(answer)
    assert answer["count"] == Competition.objects.filter(visibility=Visibility.PUBLIC).count()


def test_numbers_of_its_things_lead_nowhere_from_another_competition(world):
    """The same number under a competition that the person may see."""
    cast, competition, submission = world
    client = client_of(cast, "participant")
    client.logout()
    client.force_login(cast.ron, backend="django.contrib.auth.backends.ModelBackend")
    for address in (
        f"/competitions/digits/submissions/{submission.pk}/",
        f"/competitions/digits/data/{competition.data_files.get().pk}/",
        f"/competitions/digits/pictures/{competition.pictures.get().pk}/",
        f"/competitions/digits/console/people/links/{competition.invitation_links.get().pk}/",
    ):
        response = client.get(address)
        assert response.status_code in {403, 404}
        assert TITLE not in response.content.decode()


@pytest.mark.parametrize("token", ["unknown", "revoked", "accepted"])
def test_an_address_of_an_invitation_that_is_over_names_nothing(world, token):
    cast, competition, _submission = world
    link, invitation = competition.invitation_links.get(), competition.invitations.get()
    InvitationLink.objects.update(revoked_at=timezone.now())
    Invitation.objects.update(accepted_at=timezone.now())
    tried = {"unknown": "x" * 24, "revoked": link.token, "accepted": invitation.token}[token]
    client, nothing = client_of(cast, "stranger"), "y" * len(tried)
    answer = told(client.get(f"/join/{tried}/"), tried)
    assert answer == told(client.get(f"/join/{nothing}/"), nothing)
    assert TITLE not in answer[3]


def test_no_letter_goes_to_anybody_who_is_not_invited(world):
    send_due_letters()
    people = {world[0].sam.email, world[0].olga.email}
    assert not [letter for letter in mail.outbox if people & set(letter.to)]
    assert not Notification.objects.filter(recipient__in=[world[0].sam, world[0].olga]).exists()


def test_the_address_of_another_domain_or_an_unconfirmed_one_opens_nothing(world):
    cast, competition, _submission = world
    EmailAddress.objects.create(user=cast.sam, email="sam@example.edu", verified=False)
    EmailAddress.objects.create(user=cast.sam, email="sam@xexample.edu", verified=True)
    EmailAddress.objects.create(user=cast.sam, email="sam@example.edu.org", verified=True)
    assert client_of(cast, "stranger").get(competition.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("role", ["anonymous", "stranger"])
def test_it_takes_the_same_queries_and_as_long(world, role):
    client = client_of(world[0], role)
    pages = {slug: f"/competitions/{slug}/" for slug in (SECRET, MISSING)}
    asked = {}
    for slug, page in pages.items():
        client.get(page)
        with CaptureQueriesContext(connection) as captured:
            client.get(page)
        asked[slug] = [query["sql"].replace(slug, "NAME") for query in captured]
    assert [one.split("WHERE")[0] for one in asked[SECRET]] == [
        one.split("WHERE")[0] for one in asked[MISSING]
    ]
    times: dict[str, list[float]] = {SECRET: [], MISSING: []}
    for _round in range(ROUNDS):
        for slug, page in pages.items():
            began = time.perf_counter()
            client.get(page)
            times[slug].append(time.perf_counter() - began)
    there, nowhere = (statistics.median(times[slug]) for slug in (SECRET, MISSING))
    spread = statistics.quantiles(times[MISSING], n=4)
    assert abs(there - nowhere) < max(spread[2] - spread[0], 0.1 * nowhere), (there, nowhere)
