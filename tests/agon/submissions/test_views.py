"""The pages around a submission."""

from __future__ import annotations

import factories
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agon.submissions.models import Attempt, State, Submission, Worker
from agon.submissions.services.attempts import start_attempt

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"submissions:{name}", args=["digits", *args])


@pytest.fixture
def paula(client, cast):
    client.force_login(cast.paula, backend="django.contrib.auth.backends.ModelBackend")
    return client


def upload(content=factories.PERFECT):
    return {"file": SimpleUploadedFile("predictions.csv", content), "note": "hello"}


def test_the_form_takes_a_file_and_leads_to_its_page(paula):
    response = paula.post(url("create"), upload())
    submission = Submission.objects.get()
    assert response.status_code == 302
    assert response.url == url("detail", submission.pk)


def test_the_upload_script_gets_an_address_to_go_to(paula):
    response = paula.post(url("create"), upload(), headers={"X-Requested-With": "XMLHttpRequest"})
    assert response.status_code == 201
    assert response["Location"] == url("detail", Submission.objects.get().pk)


def test_a_refused_file_is_answered_with_the_form_and_the_reason(paula):
    response = paula.post(url("create"), upload(b"id,value\n1,2\n"))
    assert response.status_code == 422
    assert "“label” is missing" in response.content.decode()
    assert "has not been counted" in response.content.decode()


def test_no_file_at_all_is_a_sentence_too(paula):
    response = paula.post(url("create"), {"note": "x"})
    assert response.status_code == 422
    assert "Choose a file" in response.content.decode()


@pytest.mark.parametrize(
    ("who", "word"), [("anonymous", "Sign in"), ("stranger", "Accept the rules")]
)
def test_who_cannot_submit_reads_why_and_what_to_do(client, cast, who, word):
    person = cast.people()[who]
    if person.pk:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(url("create")).content.decode()
    assert word in page
    response = client.post(url("create"), upload())
    assert response.status_code == 422
    assert word in response.content.decode()
    assert Submission.objects.count() == 0


def test_the_page_shows_what_is_left_of_the_quota(paula, cast):
    factories.make_submission(cast.team, cast.phase, state=State.REJECTED)
    quota = paula.get(url("create")).context["quota"]
    assert (quota.left_today, quota.per_day) == (4, 5)


def test_the_status_is_304_until_something_happens(paula, cast):
    submission = factories.make_submission(cast.team, cast.phase)
    attempt = start_attempt(submission=submission)
    Worker.objects.create(name="w", capability="cpu")
    first = paula.get(url("status", submission.pk))
    etag = {"If-None-Match": first["ETag"]}
    assert paula.get(url("status", submission.pk), headers=etag).status_code == 304
    Submission.objects.update(state=State.RUNNING)
    Attempt.objects.filter(pk=attempt.pk).update(stage="scoring", started_at=timezone.now())
    assert paula.get(url("status", submission.pk), headers=etag).status_code == 200


def test_the_page_polls_while_it_waits_and_stops_at_the_end(paula, cast):
    submission = factories.make_submission(cast.team, cast.phase)
    assert "hx-trigger" in paula.get(url("detail", submission.pk)).content.decode()
    Submission.objects.update(state=State.CANCELED, finished_at=timezone.now(), counted=False)
    assert "every " not in paula.get(url("detail", submission.pk)).content.decode()


def test_the_place_in_the_queue_counts_those_in_front(paula, cast):
    factories.make_submission(cast.rivals, cast.phase)
    second = factories.make_submission(cast.team, cast.phase)
    Worker.objects.create(name="w", capability="cpu")
    status = paula.get(url("detail", second.pk)).context["status"]
    assert status.position == 2
    assert status.expected_seconds >= 1
    assert not status.worker_missing


def test_without_any_worker_the_page_says_so(paula, cast):
    submission = factories.make_submission(cast.team, cast.phase)
    assert "No scoring worker" in paula.get(url("detail", submission.pk)).content.decode()


def test_a_rejection_shows_every_reason_with_its_rows(paula, cast):
    submission = factories.make_submission(
        cast.team,
        cast.phase,
        state=State.REJECTED,
        owner="participant",
        problems=[{"code": "missing_ids", "params": {}, "count": 12, "examples": ["id 4", "id 5"]}],
    )
    page = paula.get(url("detail", submission.pk)).content.decode()
    assert "id 4" in page and "id 5" in page and "10" in page


def test_a_reason_of_a_newer_worker_still_makes_a_page(paula, cast):
    submission = factories.make_submission(
        cast.team,
        cast.phase,
        state=State.FAILED,
        counted=False,
        problems=[{"code": "not_known_here"}],
    )
    assert paula.get(url("detail", submission.pk)).status_code == 200


def test_canceling_asks_first_and_then_does_it(paula, cast):
    submission = factories.make_submission(cast.team, cast.phase)
    start_attempt(submission=submission)
    assert paula.get(url("cancel", submission.pk)).status_code == 200
    submission.refresh_from_db()
    assert submission.state == State.QUEUED
    paula.post(url("cancel", submission.pk))
    submission.refresh_from_db()
    assert submission.state == State.CANCELED


def test_ones_own_file_comes_back_byte_for_byte(paula, cast):
    submission = factories.make_submission(cast.team, cast.phase)
    response = paula.get(url("download", submission.pk))
    assert b"".join(response.streaming_content) == factories.PERFECT
    assert "attachment" in response["Content-Disposition"]
    response.close()


@pytest.mark.parametrize("count", [1, 3, 20])
def test_the_list_costs_the_same_queries_however_long_it_is(paula, cast, count):
    for number in range(count):
        factories.make_submission(cast.team, cast.phase, state=State.SCORED, public=number / 30)
    with CaptureQueriesContext(connection) as captured:
        page = paula.get(url("list"))
    assert page.status_code == 200
    assert len(captured) == 10, [query["sql"] for query in captured]


def test_the_operations_page_shows_the_oldest_and_the_workers(client, cast):
    factories.make_submission(cast.team, cast.phase)
    Worker.objects.create(name="scoring.cpu@here", capability="cpu")
    client.force_login(cast.stan, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("submissions:operations")).content.decode()
    assert "scoring.cpu@here" in page
    assert "Paula and Tom" in page
