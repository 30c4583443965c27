"""The jobs of a rescore wait behind everything else, and none is lost."""

from datetime import timedelta

import factories
import pytest
import rescored
import scored
from django.utils import timezone

from agon.submissions import queue
from agon.submissions.models import IN_FLIGHT, RescoreItem
from agon.submissions.queue import Waiting
from agon.submissions.services import rescore_jobs, rescores, results
from agon.submissions.services.rescores import Changes
from agon.submissions.services.sweep import sweep
from scoring.contract import Capability, MetricSpec

pytestmark = pytest.mark.django_db


def ago(seconds):
    return timezone.now() - timedelta(seconds=seconds)


@pytest.fixture
def rescore(cast):
    for _number in range(3):
        scored.make_scored(cast.team, cast.phase, scored.score(value=0.5))
    return rescores.start(actor=cast.hanna, phase=cast.phase, reason="Once more.")


@pytest.fixture
def sent(monkeypatch):
    """What is handed to the broker."""
    messages = []
    monkeypatch.setattr(
        queue.app, "send_task", lambda name, **options: messages.append({"name": name, **options})
    )
    return messages


def test_a_job_has_the_last_priority_and_one_of_an_attempt_has_none(rescore, cast, sent):
    rescore_jobs.pump(rescore.pk)
    item = rescore.items.filter(state=RescoreItem.State.SENT).first()
    assert queue.ring_item(item.pk)
    (message,) = sent
    assert (message["priority"], message["queue"]) == (9, Capability.CPU.queue)
    assert message["args"][0]["token"] == item.token


def test_a_job_is_for_the_metrics_and_the_solution_that_the_rescore_brings(cast, sent):
    scored.make_scored(cast.team, cast.phase, scored.score(value=0.5))
    balanced = MetricSpec(name="balanced_accuracy", target="label", prediction=("label",))
    rescore = rescores.start(
        actor=cast.hanna, phase=cast.phase, reason="r", changes=Changes(metrics=(balanced,))
    )
    rescore_jobs.pump(rescore.pk)
    assert queue.ring_item(rescore.items.get().pk)
    job = sent[0]["args"][0]
    assert [metric["name"] for metric in job["metrics"]] == ["balanced_accuracy"]
    assert job["solution_file"]["sha256"] == cast.phase.solutions.get().sha256


def test_a_job_that_never_got_out_is_sent_by_the_sweeper(rescore, sent):
    rescore_jobs.pump(rescore.pk)
    RescoreItem.objects.filter(state=RescoreItem.State.SENT).update(queued_at=ago(60))
    sweep()
    assert len(sent) == 3
    assert not rescore.items.filter(sent_at=None).exists()


def test_a_lost_message_is_sent_again_under_the_same_token(rescore, sent, monkeypatch):
    rescore_jobs.pump(rescore.pk)
    rescore.items.update(queued_at=ago(100), sent_at=ago(100), rings=1)
    tokens = set(rescore.items.values_list("token", flat=True))
    monkeypatch.setattr(queue, "waiting", lambda _capability: Waiting(first=0, later=1))
    sweep()
    assert sent == []  # it may just be waiting its turn
    monkeypatch.setattr(queue, "waiting", lambda _capability: Waiting(first=50, later=0))
    sweep()
    assert {message["args"][0]["token"] for message in sent} == tokens


def test_one_that_waited_past_its_time_gets_a_new_job_and_loses_no_try(rescore, sent, settings):
    rescore_jobs.pump(rescore.pk)
    old = set(rescore.items.values_list("token", flat=True))
    rescore.items.update(queued_at=ago(settings.QUEUE_DEADLINE_SECONDS + 1), sent_at=ago(1))
    sweep()
    items = rescore.items.filter(state__in=IN_FLIGHT)
    assert not set(items.values_list("token", flat=True)) & old
    assert {item.tries for item in items} == {0}


def test_what_no_worker_can_run_does_not_stand_before_the_others(cast):
    factories.take_models(cast.phase)
    factories.make_worker(sandbox="none", sandbox_reason="none here")
    scored.make_scored(cast.team, cast.phase, scored.score(value=0.5), kind="model", format="onnx")
    plain = scored.make_scored(cast.team, cast.phase, scored.score(value=0.5))
    rescore = rescores.start(actor=cast.hanna, phase=cast.phase, reason="Once more.")
    rescore_jobs.pump(rescore.pk)
    in_flight = rescore.items.filter(state__in=IN_FLIGHT)
    assert [item.submission_id for item in in_flight] == [plain.pk]


def test_an_empty_token_is_nobodys(rescore):
    assert not results.record_result(result=rescored.good(RescoreItem(token=""), 1.0, 1.0))
