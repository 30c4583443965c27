"""The Celery face, on a real broker."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from kombu import Connection
from scoring_files import ACCURACY, LAYOUT, PERFECT, SOLUTION

from launcher.broker import Broker
from scoring.contract import (
    HEARTBEAT_TASK,
    RESULT_TASK,
    RESULTS_QUEUE,
    SCORE_TASK,
    WORKER_TASK,
    Capability,
    ScoringJob,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with Broker(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture(scope="module")
def worker(broker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("worker")
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "BROKER_URL": broker.url,
        "SCORING_CACHE": str(folder / "cache"),
    }
    command = [sys.executable, "-m", "celery", "-A", "scoring.celery", "worker"]
    command += ["-Q", Capability.CPU.queue, "-c", "1", "--without-gossip", "--without-mingle"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, env=environment, cwd=folder, stdout=log, stderr=subprocess.STDOUT
        )
        yield process
        process.terminate()
        process.wait(timeout=20)


class Site:
    """The site's end of the queues."""

    def __init__(self, connection):
        self.connection = connection
        self.queue = connection.SimpleQueue(RESULTS_QUEUE, serializer="json")

    def send(self, message):
        with self.connection.SimpleQueue(Capability.CPU.queue, serializer="json") as queue:
            headers = {"task": SCORE_TASK, "id": "1", "lang": "py", "argsrepr": "", "retries": 0}
            queue.put([[message], {}, {}], headers=headers)

    def wait_for(self, task, seconds=30):
        deadline = time.monotonic() + seconds
        while True:
            message = self.queue.get(timeout=deadline - time.monotonic())
            message.ack()
            if message.headers["task"] == task:
                return message.payload[0][0]


@pytest.fixture
def site(broker, worker):
    with Connection(broker.url) as connection:
        site = Site(connection)
        yield site
        site.queue.close()


def job_of(storage, **changes):
    job = ScoringJob(
        submission=1,
        attempt=1,
        token="t",
        submission_file=storage.put(PERFECT, "mine.csv"),
        solution_file=storage.put(SOLUTION, "solution.csv"),
        layout=LAYOUT,
        metrics=ACCURACY,
        expires_at=time.time() + 30,
    )
    return {**job.to_json(), **changes}


def test_a_worker_reports_that_it_lives(site):
    assert site.wait_for(WORKER_TASK)["capability"] == "cpu"


def test_a_job_gets_heartbeats_and_one_result(site, storage):
    site.send(job_of(storage, token="a"))
    assert site.wait_for(HEARTBEAT_TASK)["token"] == "a"
    result = site.wait_for(RESULT_TASK)
    assert (result["token"], result["outcome"]) == ("a", "scored")
    assert [score["value"] for score in result["scores"]] == [1.0, 1.0]


def test_a_job_of_an_unknown_version_is_answered_with_a_platform_fault(site, storage):
    site.send(job_of(storage, version=9, token="b"))
    result = site.wait_for(RESULT_TASK)
    assert (result["token"], result["outcome"], result["owner"]) == ("b", "failed", "platform")
    assert result["problems"][0]["code"] == "unknown_job"


def test_an_expired_job_is_dropped_and_rubbish_does_no_harm(site, storage):
    site.send(job_of(storage, expires_at=1.0, token="c"))
    site.send({"rubbish": True})
    site.send(job_of(storage, token="d"))
    assert site.wait_for(RESULT_TASK)["token"] == "d"


def test_a_worker_starts_with_no_django_to_import():
    code = (
        "import sys; sys.modules.update(django=None, agon=None);"
        "import scoring.tasks, scoring.celery as c, json;"
        "print(json.dumps([c.app.conf.task_acks_late, c.app.conf.task_reject_on_worker_lost,"
        "c.app.conf.worker_prefetch_multiplier, c.app.conf.accept_content,"
        "c.app.conf.broker_transport_options['visibility_timeout'] > c.app.conf.task_time_limit]))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
    )
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == [True, True, 1, ["json"], True]
