"""Ten thousand submissions scored anew: stopped, gone on with, and published without a gap."""

import time
from datetime import timedelta

import factories
import pytest
import rescored
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone

from agon.leaderboards.models import Entry
from agon.submissions.models import Rescore, Score, State, Submission
from agon.submissions.previews import movements
from agon.submissions.rescoring import progress_of
from agon.submissions.services import publication, rescore_jobs, rescores
from agon.submissions.services.board import differences, rebuild
from agon.submissions.services.rescores import Changes
from agon.teams.models import Team
from scoring.contract import Split

pytestmark = pytest.mark.django_db

NEW_SOLUTION = factories.SOLUTION.replace(b"1,1,", b"1,2,")
EACH = 5
"""Submissions a team."""


def old(number):
    return (number % 997) / 1000


def new(number):
    """By the new solution the order turns round."""
    return 1 - old(number)


def fill(cast, count):
    """So many scored submissions of teams of one, as if each had been scored in its time."""
    phase = cast.phase
    start = timezone.now() - timedelta(days=30)
    teams = Team.objects.bulk_create(
        Team(competition=cast.competition, name=f"Team {number}") for number in range(count // EACH)
    )
    made = Submission.objects.bulk_create(
        [
            Submission(
                phase=phase,
                team=teams[number // EACH],
                number=number % EACH + 1,
                file="submissions/none",
                file_name="predictions.csv",
                sha256="0" * 64,
                size=1,
                state=State.SCORED,
                created_at=start + timedelta(seconds=number),
                finished_at=start + timedelta(seconds=number),
                public_score=old(number),
                private_score=old(number),
                public_key=phase.sort_key(old(number)),
                note=str(number),
            )
            for number in range(count)
        ],
        batch_size=1000,
    )
    Score.objects.bulk_create(
        [
            Score(submission=one, metric="accuracy", split=split.value, value=old(number), rows=5)
            for number, one in enumerate(made)
            for split in Split
        ],
        batch_size=2000,
    )
    rebuild(phase=phase)


def analyze():
    """PostgreSQL plans by what it last counted, which may have been before this transaction's rows."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


@pytest.mark.parametrize(
    "count", [300, pytest.param(10_000, marks=[pytest.mark.slow, pytest.mark.timeout(900)])]
)
def test_many_are_scored_anew_and_the_board_is_never_half_of_each(
    cast, count, django_assert_max_num_queries, capsys
):
    fill(cast, count)
    analyze()
    for number in range(20):
        factories.make_worker(f"w{number}")
    before = list(Entry.objects.order_by("pk").values("team", "value", "board"))
    rescore = rescores.start(
        actor=cast.hanna,
        phase=cast.phase,
        reason="The labels were shifted.",
        changes=Changes(solution=ContentFile(NEW_SOLUTION, "solution.csv")),
    )
    analyze()

    def answer(item):
        number = int(item.submission.note)
        return rescored.good(item, new(number), new(number))

    began = time.monotonic()
    assert rescored.answer_all(rescore, answer, most=count // 3) == count // 3
    rescores.stop(actor=cast.hanna, rescore=rescore)
    assert rescore_jobs.pump(rescore.pk) == 0
    progress = progress_of(Rescore.objects.get(pk=rescore.pk))
    assert (progress.done, progress.total) == (count // 3, count)
    assert list(Entry.objects.order_by("pk").values("team", "value", "board")) == before
    rescores.go_on(actor=cast.hanna, rescore=rescore)
    rescored.answer_all(rescore, answer)
    scored_in = time.monotonic() - began

    assert rescore.state == Rescore.State.READY
    assert list(Entry.objects.order_by("pk").values("team", "value", "board")) == before
    began = time.monotonic()
    moves = movements(rescore, Split.PUBLIC)
    previewed_in = time.monotonic() - began
    began = time.monotonic()
    with django_assert_max_num_queries(250):  # whatever the number of submissions
        publication.publish(actor=cast.hanna, rescore=rescore)
    published_in = time.monotonic() - began
    with capsys.disabled():
        print(f"\n{count}: {scored_in:.1f} s scored, {previewed_in:.2f} s preview, {published_in:.2f} s published")  # fmt: skip
    assert previewed_in < 10 and published_in < 30
    assert differences(phase=cast.phase) == []
    entries = Entry.objects.filter(board__split="public").order_by("key", "reached_at", "team_id")
    assert [entry.team_id for entry in entries][:50] == [
        move.team.pk
        for move in sorted(
            moves, key=lambda move: (move.new.rank, reached(move.new.submission_id), move.team.pk)
        )
    ][:50]
    assert Score.objects.count() == 2 * count
    assert Score.versions.count() == 4 * count


def reached(submission_id):
    return Submission.objects.get(pk=submission_id).created_at
