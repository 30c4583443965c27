"""Hosts' baselines: submitted like anything else, on the board and in nobody's way."""

from __future__ import annotations

from datetime import timedelta

import factories
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from scored import around, make_scored, score

from agon.leaderboards.models import Baseline, Board, Entry
from agon.submissions import queries
from agon.submissions.errors import SubmissionRefused
from agon.submissions.models import State, Submission
from agon.submissions.services import board as boards
from agon.submissions.services import intake
from agon.teams.models import Team
from scoring.contract import Split

pytestmark = pytest.mark.django_db


def submit(cast, user, baseline="CNN"):
    return intake.submit(
        user=user,
        phase=cast.phase,
        upload=SimpleUploadedFile("predictions.csv", factories.PERFECT),
        baseline=baseline,
    )


@pytest.mark.parametrize("who", ["host", "co-host", "staff"])
def test_hosts_submit_baselines_without_accepting_the_rules(cast, who):
    submission = submit(cast, cast.people()[who])
    assert submission.state == State.QUEUED
    assert submission.team.name == "CNN" and submission.team.is_host_baseline
    assert submission.submitted_by == cast.people()[who]


@pytest.mark.parametrize("who", ["stranger", "participant", "other host", "anonymous"])
def test_nobody_else_does(cast, who):
    with pytest.raises(SubmissionRefused) as refusal:
        submit(cast, cast.people()[who])
    assert refusal.value.code == ("signed_out" if who == "anonymous" else "not_host")
    assert not Submission.objects.exists() and not Team.objects.filter(name="CNN").exists()


def test_baselines_have_no_quota_and_each_name_is_one_team(cast):
    cast.phase.per_day, cast.phase.total, cast.phase.pending = 1, 1, 1
    numbers = [submit(cast, cast.hanna).number for _ in range(3)]
    assert numbers == [1, 2, 3]
    assert submit(cast, cast.carl, "  Random \n forest ").team.name == "Random forest"
    assert Team.objects.filter(is_host_baseline=True).count() == 2


def test_baselines_may_come_before_the_start(cast):
    cast.phase.opens_at = timezone.now() + timedelta(days=1)
    assert submit(cast, cast.hanna).state == State.QUEUED


@pytest.mark.parametrize("name", [" ", "x" * 81, "a\x00b", "a\u202eb"])
def test_a_name_that_cannot_stand_on_the_board_is_refused(cast, name):
    with pytest.raises(SubmissionRefused, match="1 to 80") as refusal:
        submit(cast, cast.hanna, name)
    assert refusal.value.code == "bad_baseline"


def test_a_participants_team_is_not_taken_over(cast):
    with pytest.raises(SubmissionRefused, match="Paula and Tom") as refusal:
        submit(cast, cast.hanna, "Paula and Tom")
    assert refusal.value.code == "bad_baseline"
    assert not Submission.objects.exists()


def baseline(cast, name="CNN", **fields):
    return factories.make_team(cast.competition, name=name, is_host_baseline=True, **fields)


def test_a_scored_baseline_stands_beside_the_entries(cast):
    make_scored(cast.team, cast.phase, score(value=0.5))
    made = make_scored(baseline(cast), cast.phase, score(value=0.9), score(split=Split.PRIVATE))
    board = Board.objects.get(phase=cast.phase, split="public")
    assert [entry.team for entry in Entry.objects.filter(board=board)] == [cast.team]
    assert board.teams == 1
    kept = Baseline.objects.get(board=board)
    assert (kept.submission_id, kept.value, kept.team.name) == (made.pk, 0.9, "CNN")
    assert Baseline.objects.get(board__split="private").value == 0.75
    assert boards.differences(phase=cast.phase) == []


def test_its_best_submission_counts_and_a_worse_one_changes_nothing(cast):
    team = baseline(cast)
    make_scored(team, cast.phase, score(value=0.9))
    make_scored(team, cast.phase, score(value=0.4))
    kept = Baseline.objects.get(board__split="public")
    assert (kept.value, kept.submission_count) == (0.9, 2)


def test_the_private_place_is_of_the_two_best_public_ones_as_for_everybody(cast):
    team = baseline(cast)
    for public, private in [(0.9, 0.3), (0.8, 0.6), (0.2, 0.99)]:
        make_scored(
            team, cast.phase, score(value=public), score(split=Split.PRIVATE, value=private)
        )
    assert Baseline.objects.get(board__split="private").value == 0.6
    assert boards.differences(phase=cast.phase) == []


def test_baselines_are_in_no_tie(cast):
    make_scored(cast.team, cast.phase, score(value=0.9, replicates=around(0.9, seed=1)))
    make_scored(baseline(cast), cast.phase, score(value=0.9, replicates=around(0.9, seed=2)))
    assert Board.objects.get(split="public").ties == []
    make_scored(cast.rivals, cast.phase, score(value=0.9, replicates=around(0.9, seed=3)))
    assert [len(tie["submissions"]) for tie in Board.objects.get(split="public").ties] == [2]


def test_a_rebuilt_board_has_the_same_baselines(cast):
    make_scored(cast.team, cast.phase, score(value=0.5))
    make_scored(baseline(cast), cast.phase, score(value=0.9), score(split=Split.PRIVATE))
    kept = list(Baseline.objects.order_by("board_id").values("board", "team", "key", "value"))
    Baseline.objects.all().delete()
    assert len(boards.differences(phase=cast.phase)) == 2
    boards.rebuild(phase=cast.phase)
    again = list(Baseline.objects.order_by("board_id").values("board", "team", "key", "value"))
    assert again == kept
    assert boards.differences(phase=cast.phase) == []


def test_a_baseline_that_is_taken_off_leaves_the_board(cast):
    team = baseline(cast)
    make_scored(team, cast.phase, score(value=0.9))
    team.disqualified_at = timezone.now()
    team.save()
    boards.update_board(phase=cast.phase, team=team)
    assert not Baseline.objects.exists()
    assert boards.differences(phase=cast.phase) == []


def test_hosts_compare_a_submission_with_the_baselines_and_participants_do_not(cast):
    mine = make_scored(cast.team, cast.phase, score(value=0.5))
    theirs = make_scored(baseline(cast), cast.phase, score(value=0.9))
    assert theirs in queries.to_compare_with(mine, user=cast.hanna)
    assert theirs not in queries.to_compare_with(mine, user=cast.paula)
