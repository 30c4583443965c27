"""Whatever is lost on the way, the sweeper moves it on or ends it, within a stated time."""

from datetime import timedelta

import factories
import pytest
from django.utils import timezone

from agon.submissions.models import Attempt, State, Submission
from agon.submissions.services.attempts import start_attempt
from agon.submissions.services.sweep import sweep

pytestmark = pytest.mark.django_db


@pytest.fixture
def submission(cast):
    return factories.make_submission(cast.team, cast.phase)


def ago(seconds):
    return timezone.now() - timedelta(seconds=seconds)


def test_a_young_attempt_is_left_alone(submission):
    start_attempt(submission=submission)
    assert not sweep().anything


def test_an_attempt_whose_message_was_never_sent_is_rung_again(submission):
    attempt = start_attempt(submission=submission)
    Attempt.objects.update(created_at=ago(10))
    assert sweep().rung == 1
    attempt.refresh_from_db()
    assert attempt.sent_at is not None
    assert attempt.rings == 1


def test_a_lost_message_is_rung_again_under_the_same_token(submission, monkeypatch):
    attempt = start_attempt(submission=submission)
    Attempt.objects.update(created_at=ago(60), sent_at=ago(60), rings=1)
    purge()
    assert sweep().rung == 1
    assert submission.attempts.get().token == attempt.token


def test_each_ring_doubles_the_wait_for_the_next(submission):
    start_attempt(submission=submission)
    Attempt.objects.update(created_at=ago(60), sent_at=ago(11), rings=2)
    purge()
    assert sweep().rung == 1
    purge()
    Attempt.objects.update(sent_at=ago(11), rings=3)
    assert sweep().rung == 0


def test_a_worker_that_fell_silent_makes_room_for_the_next_attempt(submission):
    start_attempt(submission=submission)
    Attempt.objects.update(started_at=ago(100), lease_expires_at=ago(1))
    Submission.objects.update(state=State.RUNNING)
    assert sweep().expired == 1
    submission.refresh_from_db()
    assert submission.state == State.QUEUED
    assert [a.outcome for a in submission.attempts.all()] == ["lost", ""]


def test_after_three_lost_attempts_it_ends_and_the_quota_comes_back(submission):
    start_attempt(submission=submission)
    for _ in range(3):
        Attempt.objects.filter(ended_at=None).update(lease_expires_at=ago(1))
        sweep()
    submission.refresh_from_db()
    assert submission.state == State.FAILED
    assert submission.owner == "platform"
    assert submission.counted is False
    assert submission.problems[0]["code"] == "worker_lost"
    assert not sweep().anything


def test_with_no_worker_at_all_a_deadline_ends_it(submission, settings):
    start_attempt(submission=submission)
    Attempt.objects.update(created_at=ago(settings.QUEUE_DEADLINE_SECONDS + 1))
    assert sweep().abandoned == 1
    submission.refresh_from_db()
    assert submission.state == State.FAILED
    assert submission.problems[0]["code"] == "no_worker"
    assert submission.counted is False


def test_a_submission_without_an_attempt_gets_one(submission):
    assert sweep().adopted == 1
    assert submission.attempts.get().number == 1


def test_finished_submissions_are_never_touched(cast):
    for state in (State.REJECTED, State.CANCELED):
        factories.make_submission(cast.team, cast.phase, state=state)
    assert not sweep().anything


def purge():
    from agon.celery import app

    with app.connection_for_write() as connection:
        channel = connection.default_channel
        channel.queue_declare("scoring.cpu")
        channel.queue_purge("scoring.cpu")
