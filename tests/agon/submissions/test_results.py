"""What a worker reports has an effect once, and only from an attempt that lives."""

from datetime import timedelta

import factories
import pytest
from django.utils import timezone

from agon.leaderboards.models import Entry
from agon.notifications.services.letters import send_due_letters
from agon.submissions.models import Attempt, Score, State, Submission, Worker
from agon.submissions.services import results
from agon.submissions.services.attempts import start_attempt
from agon.submissions.services.board import differences
from scoring.contract import (
    Capability,
    Heartbeat,
    Outcome,
    Owner,
    ReportedProblem,
    ScoringResult,
    Split,
    Stage,
    WorkerReport,
)
from scoring.contract import Score as ReportedScore

pytestmark = pytest.mark.django_db


def scored(token, public=0.75, private=0.5):
    return ScoringResult(
        token=token,
        outcome=Outcome.SCORED,
        worker="w1",
        scores=tuple(
            ReportedScore(metric="accuracy", split=split, value=value, rows=5, signature="acc")
            for split, value in ((Split.PUBLIC, public), (Split.PRIVATE, private))
        ),
    )


def failed(token, owner=Owner.PLATFORM, code="platform_error"):
    return ScoringResult(
        token=token,
        outcome=Outcome.FAILED,
        owner=owner,
        problems=(ReportedProblem(code=code, params={"reference": "r1"}),),
    )


@pytest.fixture
def attempt(cast):
    return start_attempt(submission=factories.make_submission(cast.team, cast.phase))


def reload(attempt):
    return Submission.objects.get(pk=attempt.submission_id)


def test_a_score_ends_the_submission_and_places_the_team(attempt, cast):
    assert results.record_result(result=scored(attempt.token)) is True
    submission = reload(attempt)
    assert submission.state == State.SCORED
    assert (submission.public_score, submission.private_score) == (0.75, 0.5)
    assert submission.finished_at is not None
    entry = Entry.objects.get(team=cast.team, board__split="public")
    assert (entry.value, entry.key) == (0.75, -0.75)
    assert differences(phase=cast.phase) == []


def test_a_result_that_comes_twice_counts_once(attempt, cast):
    results.record_result(result=scored(attempt.token))
    assert results.record_result(result=scored(attempt.token, public=1.0)) is False
    assert reload(attempt).public_score == 0.75
    assert Score.objects.count() == 2
    assert Entry.objects.get(team=cast.team, board__split="public").submission_count == 1


def test_a_forged_token_has_no_effect(attempt):
    assert results.record_result(result=scored("forged")) is False
    assert (
        results.record_heartbeat(heartbeat=Heartbeat(token="forged", stage=Stage.READING)) is False
    )
    assert reload(attempt).state == State.QUEUED


def test_a_late_result_of_a_dead_attempt_has_no_effect(attempt):
    Attempt.objects.update(ended_at=timezone.now(), outcome="lost")
    second = start_attempt(submission=reload(attempt))
    assert results.record_result(result=scored(attempt.token, public=1.0)) is False
    assert reload(attempt).state == State.QUEUED
    assert results.record_result(result=scored(second.token)) is True
    assert reload(attempt).public_score == 0.75


def test_a_result_after_a_cancel_has_no_effect(attempt, cast):
    Submission.objects.update(state=State.CANCELED, finished_at=timezone.now(), counted=False)
    assert results.record_result(result=scored(attempt.token)) is False
    assert Entry.objects.count() == 0
    assert Attempt.objects.get().ended_at is None  # undone with the rest


def test_a_heartbeat_starts_the_submission_and_its_lease(attempt, settings):
    settings.LEASE_SECONDS = 30
    beat = Heartbeat(token=attempt.token, stage=Stage.SCORING, worker="w1")
    assert results.record_heartbeat(heartbeat=beat) is True
    attempt.refresh_from_db()
    assert reload(attempt).state == State.RUNNING
    assert attempt.stage == "scoring"
    assert (
        timedelta(seconds=25) < attempt.lease_expires_at - timezone.now() <= timedelta(seconds=30)
    )


def test_a_heartbeat_after_the_end_does_not_bring_it_back(attempt):
    results.record_result(result=scored(attempt.token))
    beat = Heartbeat(token=attempt.token, stage=Stage.SCORING)
    assert results.record_heartbeat(heartbeat=beat) is False
    assert reload(attempt).state == State.SCORED


def test_a_rejection_is_the_participants_and_counts_as_the_host_set_it(attempt, cast):
    result = ScoringResult(
        token=attempt.token,
        outcome=Outcome.REJECTED,
        owner=Owner.PARTICIPANT,
        problems=(ReportedProblem(code="missing_ids", count=2, examples=("4", "5")),),
    )
    results.record_result(result=result)
    submission = reload(attempt)
    assert submission.state == State.REJECTED
    assert submission.owner == "participant"
    assert submission.counted is True
    assert submission.problems[0]["examples"] == ["4", "5"]
    assert Entry.objects.count() == 0


def test_a_rejection_costs_nothing_where_the_host_says_so(attempt, cast):
    cast.phase.counts_rejected = False
    cast.phase.save()
    results.record_result(
        result=ScoringResult(token=attempt.token, outcome=Outcome.REJECTED, owner=Owner.PARTICIPANT)
    )
    assert reload(attempt).counted is False


def test_the_platforms_fault_is_tried_again_and_after_three_times_costs_nothing(attempt):
    results.record_result(result=failed(attempt.token))
    submission = reload(attempt)
    assert submission.state == State.QUEUED
    for number in (2, 3):
        live = submission.attempts.get(ended_at__isnull=True)
        assert live.number == number
        results.record_result(result=failed(live.token))
    submission = reload(attempt)
    assert submission.state == State.FAILED
    assert submission.owner == "platform"
    assert submission.counted is False


def test_a_broken_competition_fails_at_once_and_its_hosts_get_a_letter(attempt, cast, mailoutbox):
    results.record_result(result=failed(attempt.token, Owner.HOST, "solution_duplicates"))
    send_due_letters()
    submission = reload(attempt)
    assert submission.state == State.FAILED
    assert submission.owner == "host"
    assert submission.counted is False
    letters = {letter.to[0]: letter for letter in mailoutbox}
    assert set(letters) == {"hanna@example.org", "carl@example.org"}
    assert letters["hanna@example.org"].subject == "[Agon] Digits cannot be scored"
    assert submission.get_absolute_url() in letters["hanna@example.org"].body


def test_a_result_without_the_ranking_metric_is_the_platforms_fault(attempt):
    results.record_result(result=ScoringResult(token=attempt.token, outcome=Outcome.SCORED))
    assert reload(attempt).state == State.QUEUED
    assert reload(attempt).attempts.count() == 2


def test_the_board_keeps_a_teams_best_and_the_first_to_reach_it(cast):
    earlier = timezone.now() - timedelta(hours=2)
    later = timezone.now() - timedelta(hours=1)
    for team, created_at, value in (
        (cast.rivals, later, 0.8),
        (cast.team, later, 0.8),
        (cast.team, earlier, 0.8),
        (cast.team, earlier, 0.3),
    ):
        submission = factories.make_submission(team, cast.phase, created_at=created_at)
        token = start_attempt(submission=submission).token
        results.record_result(result=scored(token, public=value))
    best = Entry.objects.filter(board__split="public").order_by("key", "reached_at").first()
    assert best.team == cast.team
    assert best.reached_at == earlier
    assert best.submission_count == 3
    assert differences(phase=cast.phase) == []


def test_the_private_place_comes_from_the_two_best_public_submissions(cast):
    for public, private in ((0.9, 0.1), (0.8, 0.6), (0.7, 1.0)):
        submission = factories.make_submission(cast.team, cast.phase)
        token = start_attempt(submission=submission).token
        results.record_result(result=scored(token, public=public, private=private))
    assert Entry.objects.get(team=cast.team, board__split="private").value == 0.6


def test_a_worker_that_reports_is_remembered_once():
    for _ in range(2):
        results.record_worker(report=WorkerReport(worker="w1", capability=Capability.CPU))
    assert Worker.objects.get().capability == "cpu"
