"""Files of a draft: whole, or in pieces that go on where they stopped."""

import hashlib
import json
from datetime import timedelta

import factories
import pytest
from django.urls import reverse
from django.utils import timezone
from drafting import bring, content_of

from agon.creation.errors import OutOfStep, UploadRefused
from agon.creation.models import DraftFile, Piece
from agon.creation.services import drafts, uploads

pytestmark = pytest.mark.django_db

CONTENT = b"id,label\n" + b"".join(b"%d,a\n" % n for n in range(1000))


@pytest.fixture
def draft():
    return drafts.begin(owner=factories.make_user("nora"))


def begin(draft, **fields):
    given = {"role": "data", "name": "train.csv", "size": len(CONTENT), **fields}
    return uploads.begin(draft=draft, **given)


def test_pieces_are_joined_in_their_order(draft):
    file = begin(draft, sha256=hashlib.sha256(CONTENT).hexdigest())
    for offset in range(0, len(CONTENT), 1000):
        file = uploads.receive(file=file, offset=offset, content=CONTENT[offset : offset + 1000])
    assert file.completed_at and content_of(file.file) == CONTENT
    assert file.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert not Piece.objects.exists()


def test_the_same_file_announced_again_goes_on_where_it_stopped(draft):
    file = begin(draft)
    uploads.receive(file=file, offset=0, content=CONTENT[:500])
    again = begin(draft)
    assert again == file and again.received == 500


def test_a_piece_out_of_step_changes_nothing(draft):
    file = begin(draft)
    uploads.receive(file=file, offset=0, content=CONTENT[:500])
    for offset in (0, 400, 600):
        with pytest.raises(OutOfStep):
            uploads.receive(file=file, offset=offset, content=b"x")
    file.refresh_from_db()
    assert file.received == 500


def test_a_damaged_piece_is_refused(draft):
    with pytest.raises(UploadRefused, match="damaged"):
        uploads.receive(file=begin(draft), offset=0, content=b"abc", sha256="0" * 64)


def test_a_whole_that_is_not_what_was_announced_is_thrown_away(draft):
    file = begin(draft, size=3, sha256="0" * 64)
    with pytest.raises(UploadRefused, match="arrived damaged"):
        uploads.receive(file=file, offset=0, content=b"abc")
    assert not DraftFile.objects.exists() and not Piece.objects.exists()


def test_more_than_was_announced_is_refused(draft):
    with pytest.raises(UploadRefused, match="more than"):
        uploads.receive(file=begin(draft, size=2), offset=0, content=b"abc")


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        ({"size": 0}, "empty"),
        ({"size": 10**15}, "at most"),
        ({"role": "solution", "name": "answers.xlsx"}, "CSV"),
        ({"role": "metric", "name": "metric.txt"}, r"\.py"),
        ({"name": "///"}, "name"),
        ({"sha256": "xyz"}, "SHA-256"),
    ],
)
def test_what_could_never_be_used_is_refused_before_it_is_sent(draft, fields, match):
    with pytest.raises(UploadRefused, match=match):
        begin(draft, **fields)


def test_a_name_cannot_lead_out_of_its_folder(draft):
    assert begin(draft, name="../../etc/passwd.csv").name == "passwd.csv"
    assert begin(draft, name="C:\\data\\a b.csv").name == "a b.csv"


def test_another_solution_takes_the_place_of_the_first(draft):
    bring(draft, "solution", b"id,label\n1,a\n", "one.csv")
    bring(draft, "solution", b"id,label\n1,a\n2,b\n", "two.csv")
    file = draft.files.get()
    assert file.name == "two.csv" and file.about["rows"] == 2


def test_files_for_participants_are_many_and_replaced_by_name(draft):
    bring(draft, "data", b"1", "a.csv")
    bring(draft, "data", b"2", "b.csv")
    bring(draft, "data", b"3", "a.csv")
    assert {file.name: content_of(file.file) for file in draft.files.all()} == {
        "a.csv": b"3",
        "b.csv": b"2",
    }


def test_a_metric_that_is_no_python_is_refused_with_its_line(draft):
    with pytest.raises(UploadRefused, match="line 2"):
        bring(draft, "metric", b"x = 1\ndef broken(:\n", "mine.py")
    assert not draft.files.exists()


def test_what_does_not_go_on_is_forgotten_after_a_week(draft):
    file = begin(draft)
    uploads.receive(file=file, offset=0, content=CONTENT[:500])
    assert uploads.forget_stale() == 0
    DraftFile.objects.update(touched_at=timezone.now() - timedelta(days=8))
    assert uploads.forget_stale() == 1
    assert not DraftFile.objects.exists() and not Piece.objects.exists()


def test_a_program_speaks_it_over_http(client, draft):
    client.force_login(draft.owner)
    announced = client.post(
        reverse("creation:announce", args=[draft.pk]),
        json.dumps({"role": "data", "name": "train.csv", "size": len(CONTENT)}),
        content_type="application/json",
    )
    address = announced.headers["Location"]

    def patch(offset, content, **headers):
        return client.patch(
            address,
            content,
            content_type="application/offset+octet-stream",
            headers={"Upload-Offset": str(offset), **headers},
        )

    assert patch(0, CONTENT[:700]).headers["Upload-Offset"] == "700"
    assert client.head(address).headers["Upload-Offset"] == "700"
    lost = patch(0, CONTENT[:700])
    assert lost.status_code == 409 and lost.headers["Upload-Offset"] == "700"
    rest = CONTENT[700:]
    wrong = patch(700, rest, **{"Upload-Checksum": f"sha256 {'0' * 64}"})
    assert wrong.status_code == 422 and "damaged" in wrong.json()["sentence"]
    right = {"Upload-Checksum": f"sha256 {hashlib.sha256(rest).hexdigest()}"}
    assert patch(700, rest, **right).status_code == 204
    assert content_of(draft.files.get().file) == CONTENT


@pytest.mark.parametrize(
    "body", ["", "[]", '{"role": "data"}', '{"role": "x", "name": "a", "size": 1}']
)
def test_nonsense_is_answered_with_a_sentence(client, draft, body):
    client.force_login(draft.owner)
    answer = client.post(
        reverse("creation:announce", args=[draft.pk]), body, content_type="application/json"
    )
    assert answer.status_code in {400, 422} and answer.json()["sentence"]


def test_a_draft_of_somebody_else_is_not_there(client, draft):
    file = begin(draft)
    client.force_login(factories.make_user("sam"))
    assert client.head(reverse("creation:piece", args=[draft.pk, file.pk])).status_code == 404
    assert client.post(reverse("creation:announce", args=[draft.pk])).status_code == 404
