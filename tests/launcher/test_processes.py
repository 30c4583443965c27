import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from launcher.errors import CannotStart
from launcher.processes import Process, is_gone, wait_until

SLEEPER = ("python", "-c", "import time; print('up', flush=True); time.sleep(60)")
FAMILY = (
    "python",
    "-c",
    """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
print(child.pid, flush=True)
time.sleep(60)
""",
)
STUBBORN = (
    "python",
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
)
ENVIRONMENT = {"PATH": os.environ["PATH"]}


def process_of(argv: tuple[str, ...], folder: Path) -> Process:
    return Process("sample", argv, log=folder / "log" / "sample.log", environment=ENVIRONMENT)


def first_line(process: Process) -> str:
    for _ in wait_until(10):
        if process.log.exists() and (text := process.log.read_text()).endswith("\n"):
            return text.splitlines()[0]
    raise AssertionError("nothing was printed")


def is_gone_soon(pid: int) -> bool:
    for _ in wait_until(5):
        try:
            if is_gone(psutil.Process(pid)):
                return True
        except psutil.NoSuchProcess:
            return True
    return False


def test_output_goes_to_the_log(tmp_path):
    process = process_of(("python", "-c", "print('hello')"), tmp_path)
    process.start()
    assert process.wait(10)
    assert process.exit_code == 0
    assert process.last_lines() == "    hello"


def test_stop_ends_it(tmp_path):
    process = process_of(SLEEPER, tmp_path)
    process.start()
    first_line(process)
    process.stop(5)
    assert process.exit_code == -signal.SIGTERM


def test_stop_kills_what_does_not_listen(tmp_path):
    process = process_of(STUBBORN, tmp_path)
    process.start()
    first_line(process)
    process.stop(0.2)
    assert process.exit_code == -signal.SIGKILL


def test_kill_takes_the_children_along_even_from_other_sessions(tmp_path):
    process = process_of(FAMILY, tmp_path)
    process.start()
    child = int(first_line(process))
    process.kill()
    assert is_gone_soon(child)


def test_it_can_be_started_again(tmp_path):
    process = process_of(SLEEPER, tmp_path)
    process.start()
    first = process.pid
    process.kill()
    process.start()
    assert process.is_running
    assert process.pid != first
    process.kill()


def test_it_outlives_the_thread_that_asked_for_it(tmp_path):
    process = process_of(SLEEPER, tmp_path)
    thread = threading.Thread(target=process.start)
    thread.start()
    thread.join()
    first_line(process)
    assert process.is_running
    process.kill()


@pytest.mark.skipif(
    sys.platform != "linux", reason="the kernel's signal at a parent's death is Linux's own"
)
def test_it_ends_with_a_parent_that_is_killed(tmp_path):
    script = (
        "import sys, time; from pathlib import Path; from launcher.processes import Process;"
        f"p = Process('sample', {SLEEPER!r}, log=Path({str(tmp_path / 'log')!r}), environment={ENVIRONMENT!r});"
        "p.start(); print(p.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        env={**ENVIRONMENT, "PYTHONPATH": "platform"},
    )
    child = int(parent.stdout.readline())
    assert psutil.pid_exists(child)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert is_gone_soon(child)


def test_a_missing_program_is_one_sentence(tmp_path):
    process = process_of(("no-such-program",), tmp_path)
    with pytest.raises(CannotStart, match="no-such-program is not installed"):
        process.start()


def test_wait_until_ends_in_time():
    began = time.monotonic()
    assert all(left > 0 for left in wait_until(0.1))
    assert time.monotonic() - began < 1
