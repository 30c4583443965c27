"""The pages to export, clone and bring in, with the worker's part done in between."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import factories
from bundle_archives import export
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from agon.bundles.carrier import carry
from agon.bundles.models import Transfer
from agon.bundles.services import transfers
from agon.competitions.models import Competition, Verb


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def work() -> Transfer:
    transfer = transfers.claim()
    assert transfer is not None
    carry(transfer)
    transfer.refresh_from_db()
    return transfer


def body(response) -> bytes:
    return b"".join(response.streaming_content)


EXPORT = "/competitions/digits/console/export/"
CLONE = "/competitions/digits/console/clone/"


def test_a_host_exports_and_downloads(lived, cast):
    client = client_of(cast.hanna)
    page = client.post(EXPORT, {"parts": ["scores"]}, follow=True)
    assert b"waits for its turn" in page.content
    transfer = work()
    assert transfer.state == Transfer.State.DONE and transfer.percent is None
    assert b"Download" in client.get(transfer.get_absolute_url()).content
    answer = client.get(f"{transfer.get_absolute_url()}download/")
    content = body(answer)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert "rows/submissions.score.jsonl" in archive.namelist()
        assert "rows/notebooks.notebook.jsonl" not in archive.namelist()
    line = lived.host_actions.get(verb=Verb.EXPORTED)
    assert line.after["parts"] == ["settings", "people", "teams", "submissions", "scores"]


def test_only_hosts_find_the_archive(lived, cast):
    client_of(cast.hanna).post(EXPORT, {"parts": []})
    transfer = work()
    for user in (cast.paula, cast.jude, cast.olga):
        assert client_of(user).get(transfer.get_absolute_url()).status_code == 404
        assert client_of(user).get(f"{transfer.get_absolute_url()}download/").status_code == 404
    answer = client_of(cast.carl).get(f"{transfer.get_absolute_url()}download/")
    assert answer.status_code == 200 and len(body(answer)) == transfer.size


def test_a_judge_sees_the_page_and_starts_nothing(cast):
    client = client_of(cast.jude)
    assert b"Only hosts export and clone" in client.get(EXPORT).content
    assert client.post(EXPORT, {"parts": []}).status_code == 403
    assert client.post(CLONE, {"clone-title": "A", "clone-slug": "a"}).status_code == 403
    assert not Transfer.objects.exists()


def test_a_host_clones(lived, cast):
    client = client_of(cast.hanna)
    asked = {"clone-title": "Digits 2", "clone-slug": "digits-2", "clone-with_people": "on"}
    client.post(CLONE, asked)
    transfer = work()
    assert transfer.state == Transfer.State.DONE, transfer.reasons
    clone = Competition.objects.get(slug="digits-2")
    assert transfer.made == clone
    assert clone.participant_count == 3 and not clone.teams.exists()
    assert list(clone.cohosts.all()) == [cast.carl]
    assert [line.verb for line in clone.host_actions.all()] == [Verb.CLONED]
    assert b"Go to Digits 2" in client.get(transfer.get_absolute_url()).content


def test_an_address_that_is_taken_is_said_beside_the_field(cast):
    page = client_of(cast.hanna).post(CLONE, {"clone-title": "A", "clone-slug": "other"})
    assert page.status_code == 422
    assert b"This address is not free" in page.content


def test_somebody_brings_an_archive_in(lived, cast):
    client = client_of(cast.sam)
    upload = SimpleUploadedFile("digits.zip", export(lived))
    page = client.post("/import/", {"file": upload, "slug": "mine"}, follow=True)
    assert b"waits for its turn" in page.content
    transfer = work()
    assert transfer.state == Transfer.State.DONE, transfer.reasons
    assert not transfer.file
    made = Competition.objects.get(slug="mine")
    assert made.host == cast.sam and not made.teams.exists()
    page = client.get(transfer.get_absolute_url())
    assert b"Only the staff of this site can take in people" in page.content


def test_staff_bring_people_and_scores_in(lived, cast):
    upload = SimpleUploadedFile("digits.zip", export(lived))
    client_of(cast.stan).post("/import/", {"file": upload, "slug": "mine"})
    assert work().state == Transfer.State.DONE
    assert Competition.objects.get(slug="mine").teams.count() == 2


def test_a_file_that_is_no_bundle_ends_with_a_sentence_in_the_askers_language(cast):
    type(cast.sam).objects.filter(pk=cast.sam.pk).update(language="en")
    client = client_of(cast.sam)
    client.post("/import/", {"file": SimpleUploadedFile("a.zip", b"nothing")})
    transfer = work()
    assert transfer.state == Transfer.State.FAILED
    assert b"This is not a zip file" in client.get(transfer.get_absolute_url()).content


def test_a_broken_part_of_ours_ends_it_too(cast, monkeypatch):
    client_of(cast.hanna).post(EXPORT, {"parts": []})
    cast.phase.solutions.get().file.storage.delete(cast.phase.solutions.get().file.name)
    transfer = work()
    assert transfer.state == Transfer.State.FAILED
    assert "on our side" in transfer.reasons[0]


def test_somebody_with_three_under_way_waits(cast):
    client = client_of(cast.hanna)
    for _ in range(3):
        assert client.post(EXPORT, {"parts": []}).status_code == 302
    page = client.post(EXPORT, {"parts": []})
    assert page.status_code == 422 and b"Wait until one of your 3" in page.content


def test_a_run_that_fell_silent_is_taken_up_again_and_counts_no_more(cast):
    client_of(cast.hanna).post(EXPORT, {"parts": []})
    silent = transfers.claim()
    assert silent is not None and transfers.claim() is None
    long_ago = timezone.now() - timedelta(minutes=10)
    Transfer.objects.update(heartbeat_at=long_ago)
    assert work().state == Transfer.State.DONE
    carry(silent)
    assert Transfer.objects.get().state == Transfer.State.DONE
    assert cast.competition.host_actions.count() == 1


def test_a_run_that_kills_its_process_is_given_up(cast):
    client_of(cast.hanna).post(EXPORT, {"parts": []})
    long_ago = timezone.now() - timedelta(minutes=10)
    for _ in range(3):
        assert transfers.claim() is not None
        Transfer.objects.update(heartbeat_at=long_ago)
    assert transfers.claim() is None
    assert Transfer.objects.get().state == Transfer.State.FAILED


def test_archives_are_cleared_away_after_a_week(cast):
    client_of(cast.hanna).post(EXPORT, {"parts": []})
    transfer = work()
    name = transfer.file.name
    Transfer.objects.update(finished_at=timezone.now() - timedelta(days=8))
    transfers.tidy()
    assert not transfer.file.storage.exists(name)
    page = client_of(cast.hanna).get(transfer.get_absolute_url())
    assert b"Make a new one" in page.content


def test_where_only_staff_host_others_bring_nothing_in(cast, settings):
    settings.HOSTING = "staff"
    assert client_of(cast.sam).get("/import/").status_code == 403
    assert client_of(cast.stan).get("/import/").status_code == 200


def test_editors_find_the_schema(db):
    answer = Client().get("/schemas/competition.json")
    assert answer["Content-Type"] == "application/schema+json"
    assert answer.json()["properties"]["slug"]["pattern"]


def test_the_page_asks_the_same_few_questions_however_many_exports_there_are(
    cast, django_assert_max_num_queries
):
    other = factories.make_user("asker")
    for _ in range(15):
        Transfer.objects.create(kind="export", asked_by=other, competition=cast.competition)
    client = client_of(cast.hanna)
    with django_assert_max_num_queries(16):
        client.get(EXPORT)
