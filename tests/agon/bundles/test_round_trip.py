"""What goes out comes in again: nothing is lost, to the microsecond."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Any

import factories
import pytest
from bundle_archives import export, rows_in, take_in
from django.db.models import Model

from agon.accounts.models import User
from agon.bundles.errors import BundleRefused
from agon.bundles.parts import Part
from agon.bundles.tables import TABLES, Table
from agon.bundles.writing import plain
from agon.competitions.models import Competition, InvitationLink, Visibility
from agon.leaderboards.models import Entry
from agon.submissions.models import Attempt, Rescore, Score, State, Submission
from agon.submissions.services import board


def contents_of(competition: Competition) -> dict[str, list[dict[str, Any]]]:
    """Everything that is kept of a competition, without keys: references as numbers in their table."""
    numbers = {
        table.model: {row.pk: n for n, row in enumerate(table.rows_of(competition))}
        for table in TABLES
    }
    return {
        table.name: [contents_of_row(table, row, numbers) for row in table.rows_of(competition)]
        for table in TABLES
    }


def contents_of_row(
    table: Table, row: Model, numbers: dict[type[Model], dict[int, int]]
) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for one in table.fields:
        value = getattr(row, one.attname)
        if one.related_model is User:
            value = value and User.objects.get(pk=value).username
        elif one.is_relation and value is not None:
            value = numbers[one.related_model][value]
        elif one in table.files:
            value = value and read(value)
        said[one.name] = plain(value) if not isinstance(value, bytes) else value
    for name in table.people:
        said[name] = sorted(getattr(row, name).values_list("username", flat=True))
    return said


def read(file: Any) -> bytes:
    with file.open("rb") as stream:
        return stream.read()


def boards_of(competition: Competition) -> list[tuple[Any, ...]]:
    entries = Entry.objects.filter(board__phase__competition=competition)
    return list(
        entries.order_by("board__split", "key", "reached_at").values_list(
            "board__split", "team__name", "key", "value", "low", "high", "reached_at",
            "submission__number", "submission_count",
        )
    )  # fmt: skip


def test_an_empty_site_that_imports_an_archive_has_the_same_competition(lived, cast):
    before, boards = contents_of(lived), boards_of(lived)
    content = export(lived)
    Attempt.objects.all().delete()
    Rescore.objects.all().delete()
    Competition.objects.all().delete()
    User.objects.exclude(pk=cast.stan.pk).delete()

    restored = take_in(content, cast.stan, trusted=True).competition

    assert contents_of(restored) == before
    assert boards_of(restored) == boards and len(boards) == 4
    assert restored.host.username == "hanna"
    assert restored.participant_count == 3
    for phase in restored.phases.all():
        assert board.differences(phase=phase) == []


def test_nearly_every_table_has_a_row_in_these_tests(lived):
    empty = {table.name for table in TABLES if not table.rows_of(lived).exists()}
    assert empty <= {
        "competitions.inputsfile",
        "competitions.metricfile",
        "competitions.scoringprogram",
    }, "make one in tests/bundle_archives.py"


def test_a_rescore_that_is_not_decided_on_stays_behind(lived, cast):
    copy = take_in(export(lived), cast.stan, trusted=True, slug="copy").competition
    assert [one.reason for one in copy.phases.get().rescores.all()] == ["A wrong row"]
    versions = Score.versions.filter(submission__phase__competition=copy, signature="old")
    assert versions.get().replaced_by == copy.phases.get().rescores.get()


def test_an_archive_of_the_copy_is_the_archive_of_the_original(lived, cast):
    first = export(lived)
    copy = take_in(first, cast.stan, trusted=True, slug="copy").competition
    once = contents_of(lived)
    again = contents_of(copy)
    once["competitions.competition"][0].pop("slug")
    again["competitions.competition"][0].pop("slug")
    assert once == again


def test_people_are_found_by_their_e_mail_and_not_made_twice(lived, cast):
    content = export(lived)
    people = User.objects.count()
    restored = take_in(content, cast.stan, trusted=True, slug="copy")
    assert User.objects.count() == people
    assert restored.competition.teams.get(name="Ron").memberships.get().user == cast.ron


def test_a_namesake_with_another_e_mail_is_another_person(lived, cast):
    content = export(lived)
    User.objects.filter(pk=cast.ron.pk).update(email="another-ron@example.org")
    restored = take_in(content, cast.stan, trusted=True, slug="copy")
    member = restored.competition.teams.get(name="Ron").memberships.get().user
    assert member != cast.ron
    assert member.username.startswith("ron-") and not member.has_usable_password()
    assert member.username in " ".join(restored.notes)


def test_without_trust_an_archive_says_nothing_of_people(lived, cast):
    restored = take_in(export(lived), cast.sam, slug="copy")
    assert restored.competition.host == cast.sam
    assert not restored.competition.teams.exists()
    assert not restored.competition.cohosts.exists()
    assert restored.competition.participant_count == 0
    assert any("staff" in note for note in restored.notes)


def test_an_archive_without_people_names_nobody(lived):
    content = export(lived, frozenset({Part.SETTINGS}))
    text = "\n".join(line for lines in rows_in(content).values() for line in lines)
    assert "rows/people.jsonl" not in rows_in(content)
    assert "@example.org" not in text and "paula" not in text
    assert '"host": null' in text and '"author": null' in text


def test_submissions_without_scores_are_scored_anew(lived, cast):
    content = export(lived, frozenset(Part) - {Part.SCORES})
    copy = take_in(content, cast.stan, trusted=True, slug="copy").competition
    mine = Submission.objects.filter(phase__competition=copy)
    assert {one.state for one in mine} == {State.QUEUED}
    assert not Score.versions.filter(submission__in=mine).exists()
    assert not Entry.objects.filter(board__phase__competition=copy).exists()


def test_what_was_being_scored_waits_again(lived, cast):
    running = factories.make_submission(cast.team, cast.phase)
    Submission.objects.filter(pk=running.pk).update(state=State.RUNNING)
    copy = take_in(export(lived), cast.stan, trusted=True, slug="copy").competition
    waiting = Submission.objects.get(
        phase__competition=copy, number=running.number, team__name=cast.team.name
    )
    assert waiting.state == State.QUEUED and not waiting.attempts.exists()


def test_the_addresses_of_invitations_are_new_ones(lived, cast):
    copy = take_in(export(lived), cast.stan, trusted=True, slug="copy").competition
    old, new = InvitationLink.objects.get(competition=lived), copy.invitation_links.get()
    assert old.token not in export(lived).decode("latin-1")
    assert new.token != old.token and new.note == old.note


def test_a_clone_starts_anew_at_another_time(lived, cast):
    content = export(lived, frozenset({Part.SETTINGS}))
    starts = datetime(2027, 1, 1, tzinfo=UTC)
    clone = take_in(
        content, cast.carl, slug="next", title="Next", is_clone=True, starts_at=starts
    ).competition
    assert (clone.title, clone.host, clone.visibility) == ("Next", cast.carl, Visibility.PRIVATE)
    assert clone.starts_at == starts
    assert clone.ends_at - clone.starts_at == lived.ends_at - lived.starts_at
    assert clone.phases.get().solutions.count() == 2


def test_a_clone_without_a_start_has_no_dates(lived, cast):
    clone = take_in(
        export(lived, frozenset({Part.SETTINGS})), cast.carl, slug="next", is_clone=True
    ).competition
    assert (clone.starts_at, clone.ends_at) == (None, None)


def test_a_taken_address_is_refused_and_leaves_nothing(lived, cast, settings, tmp_path):
    content = export(lived)
    files = sorted((tmp_path / "storage").rglob("*"))
    with pytest.raises(BundleRefused, match="is not free"):
        take_in(content, cast.stan, trusted=True)
    assert sorted((tmp_path / "storage").rglob("*")) == files


def changed(content: bytes, name: str, change) -> bytes:
    """An archive with one entry changed, its checksum left as it was."""
    new = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(new, "w") as out:
        for entry in old.namelist():
            data = old.read(entry)
            out.writestr(entry, change(data) if entry == name else data)
    return new.getvalue()


def test_a_changed_score_is_noticed(lived, cast):
    content = changed(
        export(lived), "rows/submissions.score.jsonl", lambda data: data.replace(b"0.9", b"1.0")
    )
    with pytest.raises(BundleRefused, match="damaged"):
        take_in(content, cast.stan, trusted=True, slug="copy")
    assert not Competition.objects.filter(slug="copy").exists()


def test_an_archive_of_a_newer_agon_asks_for_an_update(lived, cast):
    def newer(data: bytes) -> bytes:
        return json.dumps({**json.loads(data), "version": 99}).encode()

    with pytest.raises(BundleRefused, match="newer version"):
        take_in(changed(export(lived), "agon.json", newer), cast.stan, slug="copy")


@pytest.mark.parametrize(
    "entries", [[], {"rows/competitions.competition.jsonl": {}}, {"rows/x": {"size": "many"}}, {}]
)
def test_a_list_of_contents_that_makes_no_sense_is_refused(lived, cast, entries):
    def other(data: bytes) -> bytes:
        return json.dumps({**json.loads(data), "entries": entries}).encode()

    with pytest.raises(BundleRefused):
        take_in(changed(export(lived), "agon.json", other), cast.sam, slug="copy")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("metrics", [{"name": "unheard_of"}]),
        ("metrics", []),
        ("metrics", "accuracy"),
        ("layout", {}),
        ("file_bytes", 10**15),
        ("file_bytes", -1),
        ("opens_at", "soon"),
        ("competition", 10**9),
        ("sample", "../../etc/passwd"),
    ],
)
def test_settings_that_no_site_has_written_are_refused_in_words(lived, cast, field, value):
    table = "rows/competitions.phase.jsonl"

    def other(data: bytes) -> bytes:
        return json.dumps({**json.loads(data), field: value}).encode()

    with pytest.raises(BundleRefused):
        take_in(forged(export(lived), table, other), cast.sam, slug="copy")
    assert not Competition.objects.filter(slug="copy").exists()


def forged(content: bytes, name: str, change) -> bytes:
    """An archive with one entry changed, and its checksum with it."""
    written = changed(content, name, change)
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        data = archive.read(name)
    said = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}

    def signed(manifest: bytes) -> bytes:
        document = json.loads(manifest)
        document["entries"][name] = said
        return json.dumps(document).encode()

    return changed(written, "agon.json", signed)
