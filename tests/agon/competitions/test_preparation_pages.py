"""The pages of a competition whose data is not there yet, and the parts that are polled."""

from __future__ import annotations

from datetime import timedelta

import factories
import pytest
from competition_folders import write_folder
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agon.competitions.models import Competition, Preparation
from agon.competitions.services import announce_folders
from agon.submissions.errors import SubmissionRefused
from agon.submissions.services import intake
from scoring.contract import SubmissionKind

pytestmark = pytest.mark.django_db

BACKEND = "django.contrib.auth.backends.ModelBackend"
TABS = [
    "competitions:overview",
    "competitions:data",
    "competitions:rules",
    "submissions:create",
    "submissions:list",
    "leaderboards:board",
]


@pytest.fixture
def host():
    return factories.make_user("stan", is_staff=True)


@pytest.fixture
def tiny(shelf, host):
    write_folder(shelf / "tiny", subtitle="Two rows")
    announce_folders(retry_failed=False)
    return Competition.objects.get(slug="tiny")


@pytest.fixture
def participant(tiny):
    return factories.make_participant(tiny, "paula")


def page(client, name="competitions:overview"):
    response = client.get(reverse(name, args=["tiny"]))
    assert response.status_code == 200, name
    return response.content.decode()


def now(**fields):
    Preparation.objects.update(**fields)


@pytest.mark.parametrize("name", TABS)
def test_every_tab_says_so_and_can_be_read(client, participant, name):
    client.force_login(participant, backend=BACKEND)
    text = page(client, name)
    assert "Not yet prepared" in text
    assert "waits for its turn" in text
    assert ">Submit</a>" in text  # the tab; no button leads there
    assert '<a class="button" href="/competitions/tiny/submit/">' not in text


def test_the_data_tab_names_the_files_that_will_be_there(client, tiny):
    text = page(client, "competitions:data")
    assert "train.csv" in text and "Rows to learn from" in text
    assert "Accept the rules to download" not in text


def test_the_submit_tab_and_the_service_say_why_not_yet(client, participant, tiny, tmp_path):
    client.force_login(participant, backend=BACKEND)
    assert "so nothing can be scored" in page(client, "submissions:create")
    with pytest.raises(SubmissionRefused) as refused:
        intake.submit(
            user=participant,
            phase=tiny.phases.get(),
            upload=SimpleUploadedFile("a.csv", b"id,label\n1,0\n2,1\n"),
            note="",
            kind=SubmissionKind.PREDICTIONS,
        )
    assert refused.value.code == "not_ready"


def test_one_can_join_already(client, tiny):
    user = factories.make_user()
    client.force_login(user, backend=BACKEND)
    address = reverse("competitions:join", args=["tiny"])
    assert client.post(address, {"version": "1", "agree": "on"}).status_code == 302
    assert tiny.acceptances.filter(user=user).exists()


def test_its_card_has_a_badge_and_costs_no_query_more(client, tiny):
    factories.make_phase(factories.make_competition())
    with CaptureQueriesContext(connection) as captured:
        text = client.get(reverse("competitions:list")).content.decode()
    assert text.count("Not yet prepared") == 1
    assert len(captured) == 3
    now(prepared_at=timezone.now(), state="ready")
    assert "Not yet prepared" not in client.get(reverse("competitions:list")).content.decode()


def test_progress_shows_step_and_percent(client, tiny):
    now(state="running", token="t", step="Downloading <photos>", done=43, total=100)
    text = page(client)
    assert "Downloading &lt;photos&gt;: 43 %" in text
    assert '<progress max="100" value="43"' in text
    now(total=None)
    text = page(client)
    assert "Downloading &lt;photos&gt; …" in text
    assert "<progress" not in text


@pytest.mark.parametrize(
    ("cause", "others", "hosts"),
    [
        ("network", "could not be downloaded", "AGON_DATA_MIRROR"),
        ("script", "could not be made", "prepare.py failed"),
        ("folder", "could not be made", "The folder has a fault"),
        ("platform", "could not be made", "log of the preparation worker"),
    ],
)
def test_a_failure_is_short_for_others_and_whole_for_hosts(
    client, tiny, host, cause, others, hosts
):
    now(state="failed", cause=cause, reason="Line one.\nhttps://secret.example/file: 403")
    text = page(client)
    assert others in text
    assert "secret.example" not in text and "Start again" not in text
    client.force_login(host, backend=BACKEND)
    text = page(client)
    assert hosts in text
    assert "Line one.<br>https://secret.example/file: 403" in text
    assert "Start again" in text


def test_the_button_starts_it_again_and_comes_back(client, tiny, host):
    now(state="failed", cause="network", reason="No.")
    client.force_login(host, backend=BACKEND)
    address = reverse("competitions:prepare", args=["tiny"])
    response = client.post(address, {"next": "/operations/"})
    assert response.url == "/operations/"
    assert Preparation.objects.get().state == "waiting"
    response = client.post(address, {"next": "https://elsewhere.example/"}, follow=True)
    assert response.redirect_chain[-1][0] == "/competitions/tiny/"
    assert "It waits for its turn already." in response.content.decode()


def test_the_live_part_is_304_until_something_changes(client, tiny):
    address = reverse("competitions:preparation", args=["tiny"])
    first = client.get(address)
    assert b"<html" not in first.content
    assert b'hx-trigger="every 2s"' in first.content
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    now(state="running", token="t", step="Downloading", done=1, total=10)
    changed = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert b"10 %" in changed.content


def test_when_it_is_over_the_live_part_leads_to_the_data_and_asks_no_more(client, tiny):
    now(state="ready", prepared_at=timezone.now())
    text = client.get(reverse("competitions:preparation", args=["tiny"])).content.decode()
    assert "The data is ready now." in text
    assert "/competitions/tiny/data/" in text
    assert "hx-get" not in text
    assert 'id="preparation"' not in page(client)


def test_an_update_is_told_to_hosts_alone(client, tiny, host):
    now(state="running", token="t", prepared_at=timezone.now(), step="Reading")
    assert "Being brought up to date" not in page(client)
    client.force_login(host, backend=BACKEND)
    assert "Being brought up to date" in page(client)
    now(state="failed", cause="script", reason="Odd.")
    text = page(client)
    assert "could not be loaded" in text and "Participants go on with the data as it was." in text


def test_a_competition_without_a_folder_has_no_live_part(client, cast):
    assert client.get(reverse("competitions:preparation", args=["digits"])).status_code == 404


def test_the_operations_page_lists_all_of_them(client, tiny, host):
    client.force_login(host, backend=BACKEND)
    now(state="failed", cause="script", reason="Odd.")
    for address in (reverse("submissions:operations"), reverse("preparations")):
        text = client.get(address).content.decode()
        assert "Tiny" in text and "Odd." in text and "Start again" in text
    first = client.get(reverse("preparations"))
    again = client.get(reverse("preparations"), headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304


def test_what_waits_for_long_asks_after_the_worker(client, tiny, host):
    client.force_login(host, backend=BACKEND)
    assert "preparation worker" not in page(client)
    now(requested_at=timezone.now() - timedelta(minutes=2))
    assert "whether the preparation worker runs" in page(client)
