"""The end of a submission is told once to its team, and to the hosts' own systems."""

import json

import factories
import pytest

from agon.notifications.models import Delivery, Event, Notification, Webhook
from agon.notifications.wordings import say
from agon.submissions.services import results
from agon.submissions.services.attempts import start_attempt
from scoring.contract import Outcome, Owner, ReportedProblem, ScoringResult, Split
from scoring.contract import Score as ReportedScore

pytestmark = pytest.mark.django_db


@pytest.fixture
def attempt(cast):
    return start_attempt(submission=factories.make_submission(cast.team, cast.phase))


@pytest.fixture
def hook(cast):
    return Webhook.objects.create(
        competition=cast.competition,
        url="https://example.org/",
        secret="whsec_",
        events=[Event.SUBMISSION_SCORED, Event.SUBMISSION_FAILED],
    )


def record(attempt, outcome, **more):
    result = ScoringResult(token=attempt.token, outcome=outcome, worker="w1", **more)
    return results.record_result(result=result)


def record_scored(attempt):
    values = ((Split.PUBLIC, 0.75), (Split.PRIVATE, 0.31415926))
    return record(
        attempt,
        Outcome.SCORED,
        scores=tuple(
            ReportedScore(metric="accuracy", split=split, value=value, rows=5, signature="a")
            for split, value in values
        ),
    )


def told():
    rows = Notification.objects.select_related("competition", "recipient")
    return {one.recipient.username: (one.kind, say(one).title, say(one).text) for one in rows}


def sent():
    return [json.loads(delivery.body) for delivery in Delivery.objects.all()]


def test_a_score_is_told_to_the_whole_team_and_to_nobody_else(attempt, hook):
    record_scored(attempt)
    words = ("scored", "Submission #1 was scored: 0.75000", "")
    assert told() == {"paula": words, "tom": words}


def test_nothing_that_is_told_holds_the_private_score(attempt, hook):
    record_scored(attempt)
    (document,) = sent()
    assert document["data"]["public_score"] == 0.75
    everything = json.dumps([document, *Notification.objects.values_list("values", flat=True)])
    assert "3141" not in everything


def test_a_rejection_is_told_with_its_first_reason(attempt, hook):
    problem = ReportedProblem(code="missing_ids", count=12, examples=("4",))
    record(attempt, Outcome.REJECTED, owner=Owner.PARTICIPANT, problems=(problem,))
    kind, title, text = told()["paula"]
    assert (kind, title) == ("rejected", "Submission #1 was rejected")
    assert "12" in text
    (document,) = sent()
    assert document["event"] == "submission.failed"
    assert document["data"]["state"] == "rejected"
    assert document["data"]["problems"][0]["code"] == "missing_ids"


def test_a_fault_of_the_host_is_told_to_the_hosts_with_what_to_change(attempt):
    problem = ReportedProblem(code="solution_duplicates", params={}, count=2)
    record(attempt, Outcome.FAILED, owner=Owner.HOST, problems=(problem,))
    words = told()
    assert set(words) == {"paula", "tom", "hanna", "carl"}
    assert words["hanna"][:2] == ("broken", "Digits cannot be scored")
    assert "The fault lies in the competition" in words["paula"][2]


def test_a_failure_of_the_platform_is_told_after_the_last_attempt(attempt, settings):
    settings.MAX_ATTEMPTS = 1
    record(attempt, Outcome.FAILED, owner=Owner.PLATFORM)
    assert told()["paula"] == (
        "failed",
        "Submission #1 could not be scored",
        "The fault is ours. It uses up none of your submissions; submit it again.",
    )


def test_a_result_that_comes_twice_is_told_once(attempt, hook):
    record_scored(attempt)
    record_scored(attempt)
    assert Notification.objects.count() == 2
    assert Delivery.objects.count() == 1
