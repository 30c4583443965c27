"""Tasks run in real sandboxes, and whatever ends them has a name."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from scoring.errors import SENTENCES
from scoring.faults import PlatformFault
from scoring.isolation.excerpts import Excerpt
from scoring.isolation.frames import Received
from scoring.sandbox import OWN_CODES, ProgramFault, Sandbox, SandboxLimits, SandboxTask, _failure

MEGABYTE = 1024**2
LIMITS = SandboxLimits(seconds=20, memory_bytes=512 * MEGABYTE, scratch_bytes=16 * MEGABYTE)
ANSWER = "open(output_path, 'w').write('id,label\\n1,1\\n')"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    made = Sandbox(workspace=tmp_path_factory.mktemp("sandbox"))
    yield made
    made.close()


@pytest.fixture
def send(sandbox, tmp_path):
    """Sends a program with these lines in its `predict`."""

    def sent(*lines, limits=LIMITS, max_output=MEGABYTE, to=sandbox):
        return to.run(task(tmp_path, *lines, limits=limits, max_output=max_output))

    return sent


def task(folder, *lines, limits=LIMITS, max_output=MEGABYTE):
    body = "\n    ".join(lines)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(
            "predict.py",
            f"import os, sys, time\ndef predict(inputs_dir, output_path):\n    {body}\n",
        )
    (folder / "program.zip").write_bytes(stream.getvalue())
    (folder / "test.csv").write_text("id\n1\n")
    request = {
        "rows": None, "threads": 1, "inputs_name": "test.csv", "max_program_bytes": MEGABYTE,
        "max_output_bytes": max_output,
    }  # fmt: skip
    files = {"model": folder / "program.zip", "inputs": folder / "test.csv"}
    return SandboxTask("program", files, request, limits)


def look(sandbox, **more):
    return sandbox.run(SandboxTask("probe", {}, {"do": "nothing", **more}, LIMITS))


def test_what_it_writes_and_prints_comes_out(send):
    result = send("print('hello')", ANSWER)
    assert result.files == {"predictions.csv": b"id,label\n1,1\n"}
    assert result.log == "hello\n"
    assert 0 < result.seconds < 20
    assert result.peak_memory is None or result.peak_memory > MEGABYTE


def test_its_inputs_are_shown_and_stay_as_they_are(send, tmp_path):
    send("print(open(inputs_dir + '/test.csv').read())", ANSWER)
    assert (tmp_path / "test.csv").read_text() == "id\n1\n"


def test_much_that_is_printed_is_cut_in_the_middle(send):
    result = send("sys.stdout.write('a' * 10**6 + 'the end')", ANSWER)
    assert len(result.log) < 10**5
    assert result.log.startswith("aaa")
    assert result.log.endswith("the end")


def test_a_request_may_be_larger_than_a_pipe(sandbox):
    assert look(sandbox, padding="x" * 3 * MEGABYTE).files["facts.json"] == b"{}"


@pytest.mark.parametrize(
    ("lines", "limits", "code", "params"),
    [
        (["while True: pass"], SandboxLimits(seconds=1.5), "time_limit_model", {"seconds": 1}),
        (["time.sleep(60)"], SandboxLimits(seconds=1.5), "time_limit_model", {"seconds": 1}),
        (
            ["kept = b'x' * 10**9"],
            SandboxLimits(memory_bytes=256 * MEGABYTE),
            "memory_limit_model",
            {"megabytes": 256},
        ),
        (
            ["for _ in range(99):", "    if not os.fork(): time.sleep(9)"],
            SandboxLimits(processes=16),
            "process_limit_model",
            {"limit": 16},
        ),
        (
            ["open(output_path, 'wb').write(b'x' * 2 * 1024**2)"],
            SandboxLimits(output_bytes=MEGABYTE),
            "output_limit_model",
            {"megabytes": 1},
        ),
    ],
    ids=["busy", "asleep", "memory", "processes", "output"],
)
def test_every_limit_has_a_verdict_of_its_own(send, lines, limits, code, params):
    with pytest.raises(ProgramFault) as caught:
        send(*lines, limits=limits, max_output=10 * MEGABYTE)
    assert (caught.value.code, caught.value.params) == (code, params)
    assert SENTENCES[code].format(**params)


def test_what_it_printed_before_it_failed_is_kept(send):
    with pytest.raises(ProgramFault) as caught:
        send("print('so far', flush=True)", "raise ValueError('no further')")
    assert caught.value.code == "program_failed"
    assert caught.value.params == {"reason": "ValueError: no further"}
    assert caught.value.log.startswith("so far\nTraceback")


def test_the_inside_can_say_nothing_about_limits():
    process = SimpleNamespace(log=Excerpt(), group=None)
    for code in OWN_CODES:
        received = Received(fault=(code, {}), is_done=True)
        assert _failure(process, SandboxTask("program", {}, {}), received).code == "program_crashed"


def test_too_little_memory_for_the_runtime_itself_is_told_as_such(send):
    with pytest.raises(ProgramFault) as caught:
        send(ANSWER, limits=SandboxLimits(memory_bytes=MEGABYTE))
    assert caught.value.code == "memory_limit_model"


def test_a_runtime_that_can_not_be_loaded_is_our_fault(sandbox):
    with pytest.raises(PlatformFault) as caught:
        sandbox.run(SandboxTask("absent", {}, {}, LIMITS))
    assert "No module named" in str(caught.value.__cause__)


def test_one_that_was_prepared_takes_the_next_task(sandbox):
    before = groups()
    sandbox.prepare("probe", limits=LIMITS)
    (prepared,) = groups() - before
    look(sandbox)
    assert prepared not in groups()


def test_a_waiting_one_that_has_ended_is_replaced(sandbox):
    sandbox.prepare("probe", limits=LIMITS)
    end_all()
    time.sleep(0.5)
    assert look(sandbox).files["facts.json"] == b"{}"


def test_bubblewrap_killed_under_a_task_is_an_end_like_any_other(sandbox, tmp_path):
    killer = threading.Timer(1.0, end_all)
    killer.start()
    with pytest.raises(ProgramFault) as caught:
        sandbox.run(task(tmp_path, "time.sleep(60)"))
    killer.join()
    assert caught.value.code == "program_crashed"


def test_another_thread_may_not_use_it(sandbox):
    caught = []

    def use():
        try:
            look(sandbox)
        except RuntimeError as error:
            caught.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert caught


def test_nothing_is_left_once_it_is_closed(tmp_path):
    workspace = tmp_path / "workspace"
    before = groups()
    made = Sandbox(workspace=workspace)
    made.run(task(tmp_path, ANSWER))
    assert list(workspace.iterdir())
    made.close()
    assert not list(workspace.iterdir())
    assert groups() <= before


WORKER = """
import sys
from pathlib import Path
from scoring.sandbox import Sandbox
from tests.scoring.test_sandbox import task
folder = Path(sys.argv[1])
sandbox = Sandbox(workspace=folder / "workspace")
sandbox.prepare("probe")
print("ready", flush=True)
sandbox.run(task(folder, "time.sleep(60)"))
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_worker_that_is_ended_takes_its_sandboxes_along(tmp_path, number):
    worker = subprocess.Popen([sys.executable, "-c", WORKER, str(tmp_path)], stdout=subprocess.PIPE)
    worker.stdout.readline()
    time.sleep(1.5)
    assert every_process(worker.pid)
    worker.send_signal(number)
    worker.wait(5)
    worker.stdout.close()
    end = time.monotonic() + 5
    while (left := every_process(worker.pid)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not left


def groups(owner=None):
    """The names of the groups that a worker has made."""
    return {path.name for path in group_folders(owner)}


def group_folders(owner=None):
    return set(Path("/sys/fs/cgroup").rglob(f"agon-{owner or os.getpid()}-*"))


def end_all():
    for process in every_process():
        with contextlib.suppress(ProcessLookupError):  # it went down with another
            os.kill(process, signal.SIGKILL)


def every_process(owner=None):
    """Everybody in the sandboxes that a worker has started."""
    found = set()
    for group in group_folders(owner):
        try:
            found |= {int(line) for line in (group / "cgroup.procs").read_text().split()}
        except OSError:  # the group is gone
            continue
    return found
