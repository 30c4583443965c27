"""Reading by program: competitions, data with ranges, one's submissions, and the board."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import factories
import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agon.api import services
from agon.competitions.models import DataFile, Visibility
from agon.submissions.models import Submission
from agon.submissions.services import intake, results
from scoring.contract import Outcome, Score, ScoringResult, Split

pytestmark = pytest.mark.django_db

CONTENT = bytes(range(256)) * 8
ADDRESSES = ["v1:competition", "v1:files", "v1:submissions", "v1:leaderboard"]


class Program:
    """A client that knows a token and nothing else."""

    def __init__(self, user):
        self.client = Client()
        self.authorization = f"Bearer {services.create_token(user=user, name='test').text}"

    def get(self, name, *args, query="", **headers):
        address = reverse(name, args=args) + query
        return self.client.get(address, headers={"Authorization": self.authorization} | headers)


@pytest.fixture
def paula(cast):
    return Program(cast.paula)


@pytest.fixture
def data_file(cast):
    file = DataFile(
        competition=cast.competition,
        name="train data.bin",
        description="Bytes.",
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        size=len(CONTENT),
    )
    file.file.save("train.bin", ContentFile(CONTENT))
    return file


def whole(response):
    content = b"".join(response.streaming_content)
    response.close()
    return content


# --- Who, and which competitions ------------------------------------------------------------------


def test_a_token_tells_whose_it_is(paula):
    assert paula.get("v1:me").json()["username"] == "paula"


def test_the_list_holds_what_everybody_sees_and_what_is_ones_own(cast, paula):
    cast.competition.visibility = Visibility.PRIVATE
    cast.competition.save()
    found = paula.get("v1:competitions").json()
    assert [one["slug"] for one in found["competitions"]] == ["other", "digits"]
    stranger = Program(cast.sam).get("v1:competitions").json()
    assert [one["slug"] for one in stranger["competitions"]] == ["other"]


def test_the_list_comes_in_pages(cast, paula, django_assert_max_num_queries):
    for number in range(60):
        factories.make_competition(cast.hanna, slug=f"more-{number}")
    with django_assert_max_num_queries(6):
        first = paula.get("v1:competitions").json()
    assert (len(first["competitions"]), first["count"]) == (50, 62)
    second = paula.client.get(first["next"], headers={"Authorization": paula.authorization})
    assert len(second.json()["competitions"]) == 12
    assert second.json()["next"] is None


def test_a_competition_says_all_that_a_program_needs(cast, paula):
    about = paula.get("v1:competition", "digits").json()
    assert about["joined"]
    assert about["kinds"] == ["predictions"]
    assert (about["id_column"], about["columns"]) == ("id", {"label": "integer"})
    assert about["metrics"][0]["name"] == "accuracy"
    assert about["metrics"][0]["ranks"]
    assert about["limits"]["per_day"] == cast.phase.per_day
    assert not Program(cast.sam).get("v1:competition", "digits").json()["joined"]


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_private_competition_is_as_if_not_there(cast, name):
    cast.competition.visibility = Visibility.PRIVATE
    cast.competition.save()
    stranger = Program(cast.sam)
    private, nothing = stranger.get(name, "digits"), stranger.get(name, "no-such")
    assert private.status_code == nothing.status_code == 404
    assert private.json() == nothing.json()


# --- Data -----------------------------------------------------------------------------------------


def test_files_are_listed_with_their_hashes_and_come_whole(paula, data_file):
    (file,) = paula.get("v1:files", "digits").json()["files"]
    assert (file["name"], file["size"], file["sha256"]) == (
        "train data.bin",
        len(CONTENT),
        data_file.sha256,
    )
    response = paula.get("v1:file", "digits", "train data.bin")
    assert whole(response) == CONTENT
    assert response["Accept-Ranges"] == "bytes"
    assert response["Content-Length"] == str(len(CONTENT))


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-0", 0, 0), ("bytes=100-", 100, 2047), ("bytes=10-19", 10, 19), ("bytes=-5", 2043, 2047)],
)  # fmt: skip
def test_a_range_comes_alone(paula, data_file, asked, first, last):
    response = paula.get("v1:file", "digits", data_file.name, Range=asked)
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/2048"
    assert whole(response) == CONTENT[first : last + 1]


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=1-2,4-5", "rows=1-2", "bytes=-", "bytes=x-"])
def test_what_is_no_range_gets_the_whole_file(paula, data_file, asked):
    response = paula.get("v1:file", "digits", data_file.name, Range=asked)
    assert (response.status_code, whole(response)) == (200, CONTENT)


@pytest.mark.parametrize("asked", ["bytes=2048-", "bytes=9999-10000", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(paula, data_file, asked):
    response = paula.get("v1:file", "digits", data_file.name, Range=asked)
    assert (response.status_code, response["Content-Range"]) == (416, "bytes */2048")


def test_a_part_of_an_older_file_is_not_gone_on_with(paula, data_file):
    headers = {"Range": "bytes=100-", "If-Range": '"another"'}
    response = paula.get("v1:file", "digits", data_file.name, **headers)
    assert (response.status_code, whole(response)) == (200, CONTENT)


def test_data_is_for_those_who_accepted_the_rules(cast, data_file):
    response = Program(cast.sam).get("v1:file", "digits", data_file.name)
    fault = response.json()["error"]
    assert (response.status_code, fault["code"]) == (403, "not_joined")
    assert fault["link"].endswith("/competitions/digits/rules/")


def test_a_file_that_is_not_there_is_not_found(paula):
    assert paula.get("v1:file", "digits", "../../etc/passwd").status_code == 404


# --- Submissions and the board --------------------------------------------------------------------


def test_ones_submissions_come_in_few_questions(cast, paula, django_assert_max_num_queries):
    for number in range(8):
        factories.make_submission(cast.team, cast.phase, note=f"number {number}")
    factories.make_submission(cast.rivals, cast.phase)
    with django_assert_max_num_queries(8):
        found = paula.get("v1:submissions", "digits").json()
    assert found["count"] == 8
    assert found["submissions"][0]["note"] == "number 7"
    assert Program(cast.sam).get("v1:submissions", "digits").json()["count"] == 0


def test_the_board_has_ranks_and_hides_the_private_one(cast, paula):
    sent = intake.submit(
        user=cast.paula,
        phase=cast.phase,
        upload=ContentFile(factories.PERFECT, "mine.csv"),
        note="",
    )
    scores = tuple(
        Score(metric="accuracy", split=split, value=value, rows=5, signature="made")
        for split, value in ((Split.PUBLIC, 0.75), (Split.PRIVATE, 0.25))
    )
    token = sent.attempts.get().token
    results.record_result(result=ScoringResult(token=token, outcome=Outcome.SCORED, scores=scores))
    board = paula.get("v1:leaderboard", "digits").json()
    (row,) = board["rows"]
    assert (row["rank"], row["score"], row["is_mine"], row["is_baseline"]) == (1, 0.75, True, False)
    assert paula.get("v1:leaderboard", "digits", query="?split=private").status_code == 404
    assert (
        Program(cast.hanna).get("v1:leaderboard", "digits", query="?split=private").json()["rows"]
    )
    cast.competition.ends_at = timezone.now() - timedelta(seconds=1)
    cast.competition.save()
    private = paula.get("v1:leaderboard", "digits", query="?split=private").json()
    assert private["rows"][0]["score"] == 0.25


def test_a_baseline_is_for_hosts(cast, paula):
    def send(program):
        upload = ContentFile(factories.PERFECT, "mine.csv")
        return program.client.post(
            reverse("v1:submissions", args=["digits"]),
            {"file": upload, "baseline": "Nearest neighbour"},
            headers={"Authorization": program.authorization},
        )

    refused = send(paula)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "not_host")
    assert send(Program(cast.hanna)).status_code == 201
    assert Submission.objects.get().team.is_host_baseline


# --- Faults ---------------------------------------------------------------------------------------


def test_an_address_that_is_not_there_is_answered_in_json(paula):
    response = paula.client.get("/api/nothing/", headers={"Authorization": paula.authorization})
    assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")


def test_a_method_that_is_not_taken_is_answered_in_json(paula):
    response = paula.client.delete(
        reverse("v1:competitions"), headers={"Authorization": paula.authorization}
    )
    assert (response.status_code, response.json()["error"]["code"]) == (405, "bad_method")
    assert "GET" in response["Allow"]


def test_a_file_can_be_asked_after_without_its_content(paula, data_file):
    response = paula.client.head(
        reverse("v1:file", args=["digits", data_file.name]),
        headers={"Authorization": paula.authorization},
    )
    assert (response.status_code, response["Content-Length"]) == (200, "2048")


def test_an_unexpected_fault_is_ours_and_tells_nothing_of_itself(paula, monkeypatch):
    def broken(*_arguments, **_options):
        raise RuntimeError("secret")

    monkeypatch.setattr("agon.api.endpoints.me_document", broken)
    paula.client.raise_request_exception = False
    response = paula.get("v1:me")
    assert (response.status_code, response.json()["error"]["code"]) == (500, "platform_error")
    assert "secret" not in response.content.decode()


# --- Around it ------------------------------------------------------------------------------------


def test_nonsense_in_an_address_is_a_fault_with_its_field(paula):
    for query, field in (("?page=none", "page"), ("?status=lost", "status")):
        response = paula.get("v1:competitions", query=query)
        assert response.status_code == 422
        assert field in response.json()["error"]["message"]


def test_the_client_is_one_file_that_anybody_may_take(client):
    response = client.get(reverse("api:client"))
    assert response.status_code == 200
    assert b"class Site" in response.content
    again = client.get(reverse("api:client"), headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304


def test_the_reference_names_every_address(client):
    page = client.get(reverse("api:reference")).content.decode()
    document = client.get(reverse("v1:openapi-json")).json()
    assert document["info"]["title"] == "Agon"
    for path in document["paths"]:
        assert path in page


# --- Final and late submissions ---------------------------------------------------------------


def chosen_by(program, *ids, query=""):
    return program.client.post(
        reverse("v1:finals", args=["digits"]) + query,
        {"submissions": ids},
        content_type="application/json",
        headers={"Authorization": program.authorization},
    )


def test_a_program_chooses_its_teams_final_submissions(cast, paula):
    sent = [
        factories.make_submission(cast.team, cast.phase, state="scored", public=0.5, private=0.5)
        for _ in range(3)
    ]
    answer = chosen_by(paula, sent[2].pk)
    assert answer.json() == {
        "most": 2,
        "chosen": [sent[2].pk],
        "counting": [sent[0].pk, sent[2].pk],
        "is_locked": False,
    }
    assert paula.get("v1:finals", "digits").json() == answer.json()
    listed = paula.get("v1:submissions", "digits").json()["submissions"]
    assert [one["is_chosen"] for one in listed] == [True, False, False]
    assert chosen_by(paula).json()["chosen"] == []


def test_a_choice_that_cannot_be_is_refused_with_a_code(cast, paula):
    sent = [factories.make_submission(cast.team, cast.phase) for _ in range(3)]
    other = factories.make_submission(cast.rivals, cast.phase)
    answers = {
        "too_many": chosen_by(paula, *(one.pk for one in sent)),
        "not_choosable": chosen_by(paula, other.pk),
        "no_team": chosen_by(Program(factories.make_participant(cast.competition, "nina"))),
        "not_joined": chosen_by(Program(cast.sam)),
    }
    for code, answer in answers.items():
        assert answer.json()["error"]["code"] == code
    cast.phase.closes_at = timezone.now()
    cast.phase.save()
    locked = chosen_by(paula, sent[0].pk)
    assert (locked.status_code, locked.json()["error"]["code"]) == (403, "closed")
    assert paula.get("v1:finals", "digits").json()["is_locked"]


def test_a_program_is_told_that_its_submission_is_late(cast, paula):
    cast.phase.closes_at, cast.phase.takes_late = timezone.now() - timedelta(hours=1), True
    cast.phase.save()
    sent = intake.submit(
        user=cast.paula, phase=cast.phase, upload=ContentFile(factories.PERFECT, "p.csv")
    )
    assert paula.get("v1:submission", "digits", sent.pk).json()["is_late"]
    (phase,) = paula.get("v1:competition", "digits").json()["phases"]
    assert (phase["final_submissions"], phase["takes_late"]) == (2, True)
