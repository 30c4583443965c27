"""`make serve` as a person runs it: start, use, Ctrl-C, and what a crash leaves."""

import re
import socket
import subprocess
import time

import psutil
import pytest
from served_site import ROOT, Site, all_gone, interrupt

from launcher import commands
from launcher.broker import free_port
from launcher.processes import resolve, wait_until

# It kills what it has started, and measures starts: no other test may run beside it.
pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]
NEXT_START_SECONDS = 10


def credentials(text: str) -> list[str]:
    box = re.search(r"Agon runs at.*?Ctrl-C", text, re.DOTALL)
    assert box
    return [line for line in box.group().splitlines()[1:-1] if re.search(r"\w", line)]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("serve") / "var", free_port())
    yield site
    for running in site.started:  # after a failure: nothing may stay behind
        if running.poll() is None:
            interrupt(running)


def test_start_crash_and_stop(site):
    running = site.start()
    assert site.is_healthy()
    assert len(credentials(site.output.read_text())) == 2
    assert "✓ Competition digits" in site.output.read_text()

    environment = site.environment() | {"PYTHONPATH": "platform", "BIND": f"127.0.0.1:{site.port}"}
    broker = next(
        process.environ()["BROKER_URL"]
        for process in psutil.Process(running.pid).children(recursive=True)
        if "--app=scoring.celery" in process.cmdline()
    )
    for argv in (
        commands.HEALTH_OF_WEB,
        commands.health_of_worker("results"),
        commands.health_of_worker("scoring.cpu"),
    ):
        done = subprocess.run(
            resolve(argv),
            env=environment | {"BROKER_URL": broker},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    assert "already runs from this folder" in site.run(free_port()).stdout

    web = next(
        process
        for process in psutil.Process(running.pid).children(recursive=True)
        if any(part.endswith("gunicorn") for part in process.cmdline())
    )
    web.kill()
    assert any(not site.is_healthy() for _ in wait_until(5, pause=0.05))
    assert any(site.is_healthy() for _ in wait_until(30, pause=0.2))

    assert all_gone(interrupt(running))

    began = time.monotonic()
    running = site.start()
    assert time.monotonic() - began < NEXT_START_SECONDS
    assert "demo-credentials.json" in site.output.read_text()
    assert all_gone(interrupt(running))


def test_a_killed_supervisor_leaves_no_process_and_can_be_started_again(site):
    running = site.start()
    family = psutil.Process(running.pid).children(recursive=True)
    supervisor = next(process for process in family if "serve" in process.cmdline())
    supervisor.kill()
    running.wait(30)
    assert all_gone(family)
    assert all_gone(interrupt(site.start()))


def test_a_taken_port_is_one_sentence(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = Site(tmp_path / "var", port).run()
    assert done.returncode != 0
    assert f"Port {port} on 127.0.0.1 is taken" in done.stdout
    assert f"make serve PORT={port + 1}" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
