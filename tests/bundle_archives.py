"""A competition in which everything has happened that an archive could lose."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import factories
import scored
from django.core.files.base import ContentFile

from agon.accounts.models import User
from agon.bundles.parts import Part
from agon.bundles.reading import Archive
from agon.bundles.services.restoring import Restored, Wishes, restore
from agon.bundles.writing import write_archive
from agon.competitions.models import (
    Admission,
    Announcement,
    Competition,
    DataFile,
    EmailDomain,
    Exclusion,
    Invitation,
    InvitationLink,
    JoinRequest,
    PageVersion,
    Verb,
)
from agon.competitions.services import record_action
from agon.integrity.models import Case, Party
from agon.leaderboards.models import FinalStanding
from agon.notebooks.models import Notebook, NotebookVersion
from agon.submissions.models import QuotaGrant, Rescore, RescoreFile, RescoreItem, Score
from agon.teams.models import MergeRequest, TeamInvitation
from scoring.contract import Split

ALL = frozenset(Part)
START = datetime(2026, 3, 1, 9, 0, 0, 123456, tzinfo=UTC)


def make_lived(cast) -> Competition:
    competition = cast.competition
    competition.starts_at, competition.ends_at = START, START + timedelta(days=30)
    competition.participant_count = 3
    competition.tags = ["vision", "手写"]
    competition.cover.save("cover.png", ContentFile(b"cover"))
    competition.save()
    factories.make_picture(competition, content=b"picture")
    data = DataFile(competition=competition, name="train.csv", sha256="a" * 64, size=5)
    data.file.save("train.csv", ContentFile(b"id\n1\n"))
    factories.make_solution(cast.phase, factories.SOLUTION.replace(b"1,1,", b"1,2,"))
    PageVersion.objects.create(
        competition=competition, name="rules", number=1, text="Old", author=cast.hanna,
        author_name="hanna",
    )  # fmt: skip
    told = Announcement.objects.create(
        competition=competition, title="Hello", author=cast.carl, author_name="carl"
    )
    told.dismissed_by.add(cast.paula)
    InvitationLink.objects.create(competition=competition, note="Room 5", created_by=cast.hanna)
    Exclusion.objects.create(
        competition=competition, user=cast.sam, kind=Exclusion.Kind.BANNED, by=cast.hanna
    )
    QuotaGrant.objects.create(phase=cast.phase, team=cast.team, count=2, reason="A fire alarm")
    record_action(competition=competition, actor=cast.hanna, verb=Verb.BANNED, subject="sam")
    for number, (team, public) in enumerate(
        [(cast.team, 0.9), (cast.rivals, 0.8), (cast.team, 0.85)]
    ):
        scored.make_scored(
            team,
            cast.phase,
            scored.score(value=public, replicates=scored.around(public, seed=number)),
            scored.score(split=Split.PRIVATE, value=public - 0.1),
        )
    make_notebook(competition, cast.paula)
    make_ways_in(cast)
    make_rescored(cast)
    case = Case.objects.create(competition=competition, ground="burst", question="How?")
    Party.objects.create(case=case, team=cast.team, answer="So.", answered_by=cast.paula)
    FinalStanding.objects.create(
        phase=cast.phase, team=cast.team, rank=1, public_rank=1, value=0.8, public_value=0.9
    )
    TeamInvitation.objects.create(
        team=cast.team, user=cast.ron, invited_by=cast.paula, state=TeamInvitation.State.DECLINED
    )
    TeamInvitation.objects.create(
        team=cast.team, address="somebody@example.org", invited_by=cast.paula
    )
    MergeRequest.objects.create(
        competition=competition, asking=cast.rivals, asked=cast.team, asked_by=cast.ron
    )
    return competition


def make_ways_in(cast) -> None:
    competition = cast.competition
    EmailDomain.objects.create(competition=competition, domain="example.edu")
    Invitation.objects.create(competition=competition, email="new@example.org", mail_state="sent")
    JoinRequest.objects.create(
        competition=competition, user=cast.olga, answers=[["Why?", "To learn."]]
    )
    Admission.objects.create(competition=competition, user=cast.olga, way=Admission.Way.HOST)


def make_rescored(cast) -> None:
    """A published rescore, with an older version of a score, and one that is not decided on yet."""
    solution = cast.phase.solutions.first()
    published = Rescore.objects.create(
        phase=cast.phase, solution=solution, reason="A wrong row", state="published",
        ended_at=START + timedelta(days=3),
    )  # fmt: skip
    RescoreFile.objects.create(
        rescore=published, name="s.csv", sha256="c" * 64, size=1, file=solution.file.name
    )
    submission = cast.team.submissions.order_by("number").first()
    RescoreItem.objects.create(
        rescore=published, submission=submission, state="scored", old_public_score=0.5
    )
    Score.versions.create(
        submission=submission, metric="accuracy", split="public", value=0.5, rows=3,
        signature="old", is_current=False, replaced_by=published,
    )  # fmt: skip
    waiting = Rescore.objects.create(phase=cast.phase, solution=solution, reason="Again")
    RescoreItem.objects.create(rescore=waiting, submission=submission)
    Score.versions.create(
        submission=submission, metric="accuracy", split="public", value=0.4, rows=3,
        signature="new", is_current=False, rescore=waiting,
    )  # fmt: skip


def make_notebook(competition: Competition, author: User) -> Notebook:
    notebook = Notebook.objects.create(
        competition=competition, author=author, title="A start", slug="a-start"
    )
    version = NotebookVersion(notebook=notebook, number=1, sha256="b" * 64, size=2)
    version.file.save("a-start.ipynb", ContentFile(b"{}"))
    return notebook


def export(competition: Competition, parts: frozenset[Part] = ALL) -> bytes:
    stream = io.BytesIO()
    write_archive(competition=competition, parts=parts, stream=stream)
    return stream.getvalue()


def take_in(content: bytes, host: User, **wishes: Any) -> Restored:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return restore(
            archive=Archive(archive),
            wishes=Wishes(host=host, **wishes),
            on_progress=lambda _step, _done, _total: None,
        )


def rows_in(content: bytes) -> dict[str, list[str]]:
    """The lines of each table of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {
            name: archive.read(name).decode().splitlines()
            for name in archive.namelist()
            if name.startswith("rows/")
        }
