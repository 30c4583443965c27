"""Real threads on a real PostgreSQL: of many at the same moment the right ones get in."""

from __future__ import annotations

import factories
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from together import at_once

from agon.leaderboards.models import Entry
from agon.submissions.errors import SubmissionRefused
from agon.submissions.models import Score, State, Submission
from agon.submissions.services import intake, results
from agon.submissions.services.attempts import start_attempt
from agon.submissions.services.board import differences
from agon.submissions.services.sweep import sweep
from agon.teams.models import Membership, Team
from scoring.contract import Outcome, ScoringResult, Split
from scoring.contract import Score as ReportedScore

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def try_to_submit(user, phase):
    upload = SimpleUploadedFile("predictions.csv", factories.PERFECT)
    try:
        return intake.submit(user=user, phase=type(phase).objects.get(pk=phase.pk), upload=upload)
    except SubmissionRefused as refusal:
        return refusal.code


def scored(token, value):
    return ScoringResult(
        token=token,
        outcome=Outcome.SCORED,
        scores=tuple(
            ReportedScore(metric="accuracy", split=split, value=value, rows=5, signature="s")
            for split in Split
        ),
    )


def test_of_fifty_for_the_last_submission_exactly_one_gets_in(cast):
    cast.phase.per_day, cast.phase.pending = 1, 100
    cast.phase.save()
    people = [cast.paula, cast.tom] * 25
    outcomes = at_once(50, lambda number: try_to_submit(people[number], cast.phase))
    accepted = [outcome for outcome in outcomes if isinstance(outcome, Submission)]
    assert len(accepted) == 1
    assert outcomes.count("daily_limit") == 49
    assert Submission.objects.count() == 1


def test_a_newcomer_with_twenty_tabs_gets_one_team(cast):
    newcomer = factories.make_participant(cast.competition, "nina")
    cast.phase.per_day, cast.phase.pending = 100, 100
    cast.phase.save()
    outcomes = at_once(20, lambda _number: try_to_submit(newcomer, cast.phase))
    assert all(isinstance(outcome, Submission) for outcome in outcomes)
    assert Membership.objects.filter(user=newcomer).count() == 1
    assert Team.objects.filter(name="nina").count() == 1
    assert sorted(o.number for o in outcomes) == list(range(1, 21))


def test_of_twenty_results_for_one_attempt_one_counts(cast):
    attempt = start_attempt(submission=factories.make_submission(cast.team, cast.phase))
    taken = at_once(
        20, lambda number: results.record_result(result=scored(attempt.token, number / 20))
    )
    assert taken.count(True) == 1
    assert Score.objects.count() == 2
    assert Entry.objects.count() == 2
    assert differences(phase=cast.phase) == []


def test_twenty_scores_of_one_team_at_once_leave_its_best_on_the_board(cast):
    tokens = [
        start_attempt(submission=factories.make_submission(cast.team, cast.phase)).token
        for _ in range(20)
    ]
    taken = at_once(
        20, lambda number: results.record_result(result=scored(tokens[number], number / 20))
    )
    assert all(taken)
    assert Entry.objects.get(board__split="public").value == 0.95
    assert differences(phase=cast.phase) == []


def test_a_cancel_against_a_result_leaves_one_of_the_two(cast):
    submissions = [factories.make_submission(cast.team, cast.phase) for _ in range(10)]
    tokens = [start_attempt(submission=submission).token for submission in submissions]

    def act(number):
        if number % 2:
            return results.record_result(result=scored(tokens[number // 2], 0.5))
        try:
            intake.cancel(submission=submissions[number // 2])
        except intake.CannotCancel:
            return False
        return True

    outcomes = at_once(20, act)
    for index, submission in enumerate(submissions):
        submission.refresh_from_db()
        assert sorted(outcomes[2 * index : 2 * index + 2]) == [False, True]
        assert submission.state in {State.CANCELED, State.SCORED}
        assert submission.counted == (submission.state == State.SCORED)
    assert differences(phase=cast.phase) == []


def test_ten_sweepers_at_once_make_one_attempt_each(cast):
    for _ in range(10):
        factories.make_submission(cast.team, cast.phase)
    at_once(10, lambda _number: sweep())
    assert [s.attempts.count() for s in Submission.objects.all()] == [1] * 10
