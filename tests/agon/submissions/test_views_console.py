"""The hosts' pages about submissions: the list, all files at once, and decisions with reasons."""

import csv
import io
import zipfile

import factories
import pytest
import rescored
import scored
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agon.competitions.models import HostAction, Verb
from agon.leaderboards.models import Entry
from agon.notifications.models import Kind, Notification
from agon.submissions import listing
from agon.submissions.models import Rescore, State, Submission
from agon.submissions.services import publication, rescores
from agon.submissions.services.board import differences
from scoring.contract import Split

pytestmark = pytest.mark.django_db


def client_of(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def host(cast):
    return client_of(cast.hanna)


def url(name, *args):
    return reverse(f"submissions:{name}", args=["digits", *args])


def make(cast, team=None, public=0.9, **fields):
    return scored.make_scored(
        team or cast.team,
        cast.phase,
        scored.score(split=Split.PUBLIC, value=public),
        scored.score(split=Split.PRIVATE, value=0.5),
        **fields,
    )


def text(response):
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_an_empty_list_says_so(host):
    assert "No submissions yet" in text(host.get(url("console")))


def test_the_list_shows_every_team_with_private_scores(host, cast):
    make(cast, note="first try")
    make(cast, cast.rivals)
    page = text(host.get(url("console")))
    assert "Paula and Tom #1" in page and "Ron #1" in page
    assert "0.50000" in page and "first try" in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("q=ron", ["Ron"]),
        ("q=%232", ["Paula and Tom #2"]),
        ("q=paula+wild", ["Paula and Tom #2"]),
        ("state=rejected", ["Ron"]),
        ("kind=model", []),
        ("only=uncounted", ["Paula and Tom #2"]),
        ("q=%00&state=nonsense&after=9999999999999999999999", ["Ron", "#1", "#2"]),
    ],
)
def test_the_list_is_searched_and_filtered(host, cast, query, shown):
    factories.make_submission(cast.team, cast.phase)
    factories.make_submission(cast.team, cast.phase, note="wild guess", counted=False)
    factories.make_submission(cast.rivals, cast.phase, state=State.REJECTED)
    page = text(host.get(f"{url('console')}?{query}", headers={"HX-Target": "rows"}))
    for words in shown:
        assert words in page
    if not shown:
        assert "Nothing matches" in page
    assert ("Ron #1" in page) is any("Ron" in words for words in shown)


def test_with_several_phases_the_list_says_which_and_can_be_narrowed(host, cast):
    final = factories.make_phase(cast.competition, name="final", order=1)
    factories.make_submission(cast.team, cast.phase)
    factories.make_submission(cast.rivals, final)
    page = text(host.get(url("console")))
    assert "Every phase" in page and "final ·" in page
    page = text(host.get(f"{url('console')}?phase=2"))
    assert "Ron #1" in page and "Paula and Tom #1" not in page


def test_the_list_goes_on_by_keyset_in_both_directions(host, cast, monkeypatch):
    monkeypatch.setattr(listing, "PAGE_SIZE", 3)
    made = [factories.make_submission(cast.team, cast.phase) for _number in range(7)]
    every = Submission.objects.order_by("-created_at", "-id")
    first = listing.page_of(every, listing.Wanted())
    second = listing.page_of(every, listing.Wanted(after=first.next))
    third = listing.page_of(every, listing.Wanted(after=second.next))
    pages = [[one.number for one in page.submissions] for page in (first, second, third)]
    assert pages == [[7, 6, 5], [4, 3, 2], [1]]
    assert (first.previous, third.next) == (None, None)
    back = listing.page_of(every, listing.Wanted(before=third.previous))
    assert [one.number for one in back.submissions] == [4, 3, 2]
    assert back.previous == made[3].pk
    newest = listing.page_of(every, listing.Wanted(before=back.previous))
    assert newest.previous is None and len(newest.submissions) == 3


@pytest.mark.parametrize("count", [1, 20])
def test_the_list_costs_the_same_queries_however_long_it_is(host, cast, count):
    for _number in range(count):
        team = factories.make_team(cast.competition, factories.make_user())
        factories.make_submission(team, cast.phase)
    host.get(url("console"))
    with CaptureQueriesContext(connection) as captured:
        host.get(url("console"))
    assert len(captured) <= 11, [query["sql"] for query in captured]


def test_all_files_come_as_one_archive_with_a_table(host, cast):
    make(cast, content=b"id,label\n1,2\n")
    make(cast, cast.rivals, note="=cmd()")
    response = host.get(url("archive"))
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as archive:
        assert archive.testzip() is None
        rows = list(csv.DictReader(io.StringIO(archive.read("submissions.csv").decode())))
        by_team = {row["team"]: row for row in rows}
        assert archive.read(by_team["Paula and Tom"]["file"]) == b"id,label\n1,2\n"
    assert by_team["Ron"]["note"] == "'=cmd()"
    assert by_team["Ron"]["private_score"] == "0.5"


def test_a_file_that_is_gone_does_not_break_the_archive(host, cast):
    submission = make(cast)
    submission.file.storage.delete(submission.file.name)
    response = host.get(url("archive"))
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as archive:
        assert archive.namelist() == ["submissions.csv"]


def test_names_in_the_archive_cannot_leave_it(cast):
    from agon.submissions.archives import name_of

    submission = make(cast)
    submission.file_name = "../../??"
    submission.team.name = ".."
    assert ".." not in name_of(submission).split("/")


def test_a_disqualified_submission_leaves_the_board_and_comes_back(host, cast):
    submission = make(cast)
    make(cast, public=0.4)
    host.post(url("disqualify", submission.pk), {"reason": "Test labels by hand."})
    entry = Entry.objects.get(team=cast.team, board__split="public")
    assert entry.value == 0.4
    assert differences(phase=cast.phase) == []
    told = Notification.objects.get(kind=Kind.DISQUALIFICATION, recipient=cast.tom)
    assert told.values["reason"] == "Test labels by hand."
    page = text(client_of(cast.paula).get(submission.get_absolute_url()))
    assert "disqualified this submission" in page and "Test labels by hand." in page
    host.post(url("disqualify", submission.pk), {"reason": ""})
    assert Entry.objects.get(team=cast.team, board__split="public").value == 0.9
    verbs = list(HostAction.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == [Verb.DISQUALIFIED, Verb.RESTORED]


def test_a_disqualification_needs_a_reason(host, cast):
    submission = make(cast)
    response = host.post(url("disqualify", submission.pk), {"reason": " "})
    assert response.status_code == 422
    assert b"Say why" in response.content
    submission.refresh_from_db()
    assert submission.disqualified_at is None


def test_a_disqualified_team_leaves_the_board_and_comes_back(host, cast):
    make(cast)
    make(cast, cast.rivals, public=0.2)
    host.post(url("disqualify-team", cast.team.pk), {"reason": "Two accounts."})
    assert [entry.team for entry in Entry.objects.filter(board__split="public")] == [cast.rivals]
    assert "disqualified" in text(host.get(f"{url('console')}?only=disqualified"))
    host.post(url("disqualify-team", cast.team.pk))
    assert Entry.objects.filter(board__split="public").count() == 2
    assert differences(phase=cast.phase) == []


def test_a_submission_is_given_back_to_the_quota(host, cast):
    submission = make(cast)
    host.post(url("give-back", submission.pk), {"reason": "The site was slow."})
    submission.refresh_from_db()
    assert (submission.counted, submission.public_score) == (False, 0.9)
    action = HostAction.objects.get()
    assert (action.verb, action.reason) == (Verb.QUOTA_GRANTED, "The site was slow.")


def test_granted_submissions_are_in_the_log_and_on_the_page(host, cast):
    host.post(url("grant", cast.team.pk), {"count": "3", "reason": "A lost day."})
    page = text(host.get(f"{url('console')}?team={cast.team.pk}"))
    assert "8 of 8 left today" in page and "A lost day." in page
    assert HostAction.objects.get().after == {"submissions": 3}


@pytest.mark.parametrize("count", ["0", "-1", "1001", "many", ""])
def test_a_grant_is_a_sensible_number(host, cast, count):
    response = host.post(url("grant", cast.team.pk), {"count": count, "reason": "Why not."})
    assert response.status_code == 422
    assert not cast.team.grants.exists()


def test_another_competitions_submissions_are_not_here(host, cast):
    elsewhere = factories.make_phase(factories.make_competition(cast.olga))
    theirs = factories.make_submission(factories.make_team(elsewhere.competition), elsewhere)
    assert host.post(url("disqualify", theirs.pk), {"reason": "x"}).status_code == 404
    assert host.get(url("grant", theirs.team_id)).status_code == 404
    host.post(url("rescore-some"), {"pick": [theirs.pk]})
    assert not Rescore.objects.exists()


def test_a_judge_sees_everything_and_changes_nothing(cast):
    submission = make(cast)
    client = client_of(cast.jude)
    assert "0.50000" in text(client.get(url("console")))
    assert "0.50000" in text(client.get(submission.get_absolute_url()))
    assert client.get(url("rescores")).status_code == 200
    for name in ("disqualify", "give-back"):
        assert client.post(url(name, submission.pk), {"reason": "x"}).status_code == 403
    assert client.post(url("rescore-some"), {"pick": [submission.pk]}).status_code == 403
    assert client.post(url("rescores"), {"reason": "x"}).status_code == 403


def test_participants_read_what_a_submission_was_before_it_was_scored_anew(cast):
    submission = make(cast)
    rescore = rescores.start(actor=cast.hanna, phase=cast.phase, reason="Row 1 was wrong.")
    rescored.answer_all(rescore, lambda item: rescored.good(item, 0.25, 0.125))
    publication.publish(actor=cast.hanna, rescore=rescore)
    page = text(client_of(cast.paula).get(submission.get_absolute_url()))
    assert "Row 1 was wrong." in page and "0.90000" in page and "0.25000" in page
    assert "0.50000" not in page
    assert "0.50000" in text(client_of(cast.hanna).get(submission.get_absolute_url()))
