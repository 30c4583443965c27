import json
import os
import subprocess
import sys

import pytest

from launcher import environment, worker
from launcher.broker import Broker
from launcher.environment import ROOT, State
from launcher.errors import CannotStart
from launcher.processes import wait_until


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.delenv("BROKER_URL", raising=False)
    state = State(tmp_path / "var")
    state.make()
    return state


def test_the_callers_broker_comes_first(state, monkeypatch):
    monkeypatch.setenv("BROKER_URL", "redis://elsewhere:6379/0")
    assert worker.find_broker(state) == "redis://elsewhere:6379/0"


def test_the_site_of_the_same_folder_lends_its_broker(state):
    environment.remember(state, {"REDIS_URL": "redis://:secret@127.0.0.1:7000/0"})
    with pytest.raises(CannotStart, match="BROKER_URL is not set"):
        worker.find_broker(state)
    held = environment.lock(state)
    assert worker.find_broker(state) == "redis://:secret@127.0.0.1:7000/0"
    held.close()


def test_a_broker_that_does_not_answer_is_told_without_its_password():
    with pytest.raises(CannotStart, match=r"redis://127\.0\.0\.1:1/0 does not answer") as refusal:
        worker.check_broker("redis://:secret@127.0.0.1:1/0")
    assert "secret" not in str(refusal.value)


def test_a_gpu_takes_one_job_at_a_time():
    assert worker.default_concurrency("gpu") == 1
    assert worker.default_concurrency("cpu") >= 1


@pytest.mark.slow
def test_a_worker_says_what_it_can_do_and_takes_work(state, tmp_path):
    log = tmp_path / "log"
    with Broker(state.broker) as broker, log.open("wb") as output:
        variables = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
            "STATE_DIR": str(state.folder),
            "BROKER_URL": broker.url,
        }
        running = subprocess.Popen(
            [sys.executable, "-m", "launcher", "worker", "--queue", "scoring.gpu"],
            cwd=ROOT,
            env=variables,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            for _ in wait_until(60, pause=0.2):
                if " ready." in log.read_text() or running.poll() is not None:
                    break
        finally:
            running.terminate()
            running.wait(30)
    text = log.read_text()
    assert " ready." in text, text
    assert "Queue      scoring.gpu" in text
    assert "Sandbox    " in text and "GPU        " in text
    assert f"scoring.gpu.{running.pid}@" in text
    assert broker.url not in text.partition("ready.")[0].partition("celery@")[0]
    assert json.loads(json.dumps(text))
