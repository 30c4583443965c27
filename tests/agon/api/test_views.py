"""Submitting by program: tokens, what they open, and what comes back."""

from __future__ import annotations

import re
from datetime import timedelta

import factories
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agon.api import services
from agon.api.errors import TooManyTokens
from agon.api.models import Token
from agon.competitions.models import Visibility
from agon.submissions.models import State, Submission
from agon.submissions.services import results
from scoring.contract import Outcome, Score, ScoringResult, Split

pytestmark = pytest.mark.django_db


def token_of(user):
    return services.create_token(user=user, name="laptop").text


class Program:
    """A client that knows a token and nothing else, and no token against forged forms."""

    def __init__(self, text):
        self.client = Client(enforce_csrf_checks=True)
        self.headers = {"Authorization": f"Bearer {text}"} if text else {}

    def submit(self, content=factories.PERFECT, name="mine.csv", slug="digits", **fields):
        address = reverse("v1:submissions", args=[slug])
        fields["file"] = SimpleUploadedFile(name, content)
        return self.client.post(address, fields, headers=self.headers)

    def get(self, address):
        return self.client.get(address, headers=self.headers)


@pytest.fixture
def paula(cast):
    return Program(token_of(cast.paula))


def scored(submission):
    scores = tuple(
        Score(metric="accuracy", split=split, value=value, rows=5, signature=f"of {split}")
        for split, value in ((Split.PUBLIC, 0.75), (Split.PRIVATE, 0.5))
    )
    token = submission.attempts.get().token
    results.record_result(result=ScoringResult(token=token, outcome=Outcome.SCORED, scores=scores))


# --- Submitting -----------------------------------------------------------------------------------


def test_a_file_is_submitted_and_watched_to_its_score(cast, paula):
    sent = paula.submit(note="from a program")
    assert sent.status_code == 201
    document = sent.json()
    submission = Submission.objects.get()
    assert document["id"] == submission.pk
    assert (document["state"], document["kind"], document["note"]) == (
        "queued",
        "predictions",
        "from a program",
    )
    assert submission.submitted_by == cast.paula
    scored(submission)
    watched = paula.get(sent["Location"])
    assert watched.status_code == 200
    (score,) = watched.json()["scores"]
    assert (score["split"], score["value"], score["ranks"]) == ("public", 0.75, True)
    assert watched.json()["is_finished"]


def test_private_scores_come_after_the_close(cast, paula):
    address = paula.submit()["Location"]
    scored(Submission.objects.get())
    cast.competition.ends_at = timezone.now() - timedelta(seconds=1)
    cast.competition.save()
    splits = [score["split"] for score in paula.get(address).json()["scores"]]
    assert splits == ["public", "private"]


def test_a_refused_file_comes_back_with_its_problems_and_costs_nothing(paula):
    answer = paula.submit(b"id,value\n1,2\n")
    assert answer.status_code == 422
    refusal = answer.json()["error"]
    assert refusal["code"] == "bad_file"
    assert "“label” is missing" in refusal["problems"][0]["sentence"]
    assert Submission.objects.count() == 0


def test_a_model_is_submitted_by_its_kind(cast, paula):
    factories.take_models(cast.phase)
    unsaid = paula.submit(factories.ONNX, "model.onnx")
    assert unsaid.status_code == 422
    assert "predictions, model, code" in unsaid.json()["error"]["message"]
    sent = paula.submit(factories.ONNX, "model.onnx", kind="model")
    assert (sent.status_code, sent.json()["format"]) == (201, "onnx")
    assert paula.submit(factories.ONNX, "model.onnx", kind="oracle").status_code == 422


def test_a_kind_that_is_not_taken_is_refused(paula):
    answer = paula.submit(factories.ONNX, "model.onnx", kind="model")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "wrong_kind")


def test_no_file_is_told(paula):
    answer = paula.client.post(
        reverse("v1:submissions", args=["digits"]), {"note": "x"}, headers=paula.headers
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_form")


def test_the_limits_are_those_of_the_page(cast, paula):
    cast.phase.per_day = 1
    cast.phase.save()
    assert paula.submit().status_code == 201
    scored(Submission.objects.get())
    answer = paula.submit()
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "daily_limit")


def test_a_rejected_submission_says_why(cast, paula):
    team = cast.team
    submission = factories.make_submission(
        team,
        cast.phase,
        state=State.REJECTED,
        owner="participant",
        problems=[{"code": "missing_ids", "count": 2, "examples": ["id 4"]}],
    )
    document = paula.get(reverse("v1:submission", args=["digits", submission.pk])).json()
    assert document["fault"] == "participant"
    assert document["problems"] == [
        {
            "sentence": "2 id(s) of the sample submission are missing.",
            "count": 2,
            "examples": ["id 4"],
        }
    ]


# --- Who may --------------------------------------------------------------------------------------


def test_without_a_token_nothing_opens(cast):
    submission = factories.make_submission(cast.team, cast.phase)
    for text in ("", "agon_forged"):
        for answer in (
            Program(text).submit(),
            Program(text).get(reverse("v1:submission", args=["digits", submission.pk])),
        ):
            assert answer.status_code == 401
            assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_browsers_session_counts_for_nothing(cast, client):
    client.force_login(cast.paula, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("v1:submissions", args=["digits"])
    fields = {"file": SimpleUploadedFile("mine.csv", factories.PERFECT)}
    assert client.post(address, fields).status_code == 401
    assert Submission.objects.count() == 0


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("paula", 200),
        ("tom", 200),
        ("hanna", 200),
        ("carl", 200),
        ("stan", 200),
        ("ron", 404),
        ("sam", 404),
        ("olga", 404),
    ],
)
def test_a_submission_is_for_its_team_and_the_hosts(cast, who, status):
    submission = factories.make_submission(cast.team, cast.phase)
    answer = Program(token_of(getattr(cast, who))).get(
        reverse("v1:submission", args=["digits", submission.pk])
    )
    assert answer.status_code == status
    if status == 404:
        assert answer.json()["error"]["code"] == "not_found"


def test_who_has_not_joined_cannot_submit(cast):
    answer = Program(token_of(cast.sam)).submit()
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_joined")


def test_a_private_competition_is_as_if_not_there(cast):
    cast.competition.visibility = Visibility.PRIVATE
    cast.competition.save()
    assert Program(token_of(cast.sam)).submit().status_code == 404
    assert Program(token_of(cast.sam)).submit(slug="nothing").status_code == 404


def test_a_closed_account_has_no_open_tokens(cast, paula):
    cast.paula.is_active = False
    cast.paula.save()
    assert paula.submit().status_code == 401


# --- Tokens ---------------------------------------------------------------------------------------


@pytest.fixture
def browser(client, cast):
    client.force_login(cast.paula, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_token_is_shown_once_and_kept_as_a_hash(browser, cast):
    page = browser.post(reverse("api:tokens"), {"name": "laptop"})
    text = re.search(r"agon_[\w-]{43}", page.content.decode())[0]
    assert page["Cache-Control"] == "private, no-store"
    assert text not in browser.get(reverse("api:tokens")).content.decode()
    token = Token.objects.get()
    assert token.start == text[:9]
    assert text not in str(Token.objects.values_list().get())
    assert Program(text).submit().status_code == 201


def test_the_page_says_when_a_token_was_last_used(browser, cast):
    text = token_of(cast.paula)
    assert "never" in browser.get(reverse("api:tokens")).content.decode()
    Program(text).submit()
    first = Token.objects.get().last_used_at
    assert first is not None
    Program(text).submit()
    assert Token.objects.get().last_used_at == first
    assert "never" not in browser.get(reverse("api:tokens")).content.decode()


def test_a_revoked_token_opens_nothing(browser, cast):
    text = token_of(cast.paula)
    browser.post(reverse("api:revoke", args=[Token.objects.get().pk]))
    assert Program(text).submit().status_code == 401


def test_nobody_revokes_somebody_elses_token(browser, cast):
    token_of(cast.ron)
    answer = browser.post(reverse("api:revoke", args=[Token.objects.get().pk]))
    assert answer.status_code == 404
    assert Token.objects.count() == 1


def test_a_token_needs_a_name(browser):
    assert browser.post(reverse("api:tokens"), {"name": " "}).status_code == 422
    assert Token.objects.count() == 0


def test_there_is_an_end_to_tokens(cast, browser):
    for _ in range(services.MOST):
        token_of(cast.paula)
    with pytest.raises(TooManyTokens):
        token_of(cast.paula)
    answer = browser.post(reverse("api:tokens"), {"name": "one more"})
    assert answer.status_code == 422
    assert "the most allowed" in answer.content.decode()
