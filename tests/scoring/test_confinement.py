"""The confined child: what it can't do, and what becomes of one that misbehaves."""

import os
import signal
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from scoring.confinement import MAX_ANSWER_BYTES, run_confined
from scoring.contract import Limits
from scoring.errors import BrokenCompetition, InvalidSubmission, Problem
from scoring.faults import ScoringCrashed

LIMITS = Limits(seconds=5, memory_bytes=300 * 1024**2)


def confined(work, folder, *, limits=LIMITS, **kwargs):
    return run_confined(work, limits=limits, folder=folder, **kwargs)


def code_of(error):
    return error.value.problems[0].code


def test_an_answer_comes_back(tmp_path):
    assert confined(lambda: {"scores": [1.5]}, tmp_path) == {"scores": [1.5]}


def test_it_has_no_environment_no_files_and_its_own_session(tmp_path, monkeypatch):
    monkeypatch.setenv("BROKER_URL", "redis://secret")
    with (tmp_path / "open").open("w"):
        answer = confined(
            lambda: {
                "environment": dict(os.environ),
                "files": sorted(path.name for path in Path("/proc/self/fd").iterdir()),
                "folder": str(Path.cwd()),
                "leads": os.getsid(0) == os.getpid(),
            },
            tmp_path,
        )
    assert answer["environment"] == {}
    # 0 to 2 are /dev/null, 3 is the pipe, 4 is what lists them.
    assert answer["files"] == ["0", "1", "2", "3", "4"]
    assert answer["folder"] == str(tmp_path)
    assert answer["leads"]


def test_it_reads_and_writes_in_its_folders_only(tmp_path):
    inside, cache, outside = (tmp_path / name for name in ("inside", "cache", "outside"))
    for folder in (inside, cache, outside):
        folder.mkdir()
        (folder / "file").write_text("text")

    def tries():
        could = []
        for folder in (inside, cache, outside):
            for act in ((folder / "file").read_text, (folder / "new").touch):
                try:
                    act()
                except PermissionError:
                    continue
                could.append(folder.name)
        return {"could": could}

    answer = confined(tries, inside, writable=[cache])
    assert answer["could"] == ["inside", "inside", "cache", "cache"]


def test_faults_keep_their_owner(tmp_path):
    def invalid():
        raise InvalidSubmission(Problem("missing_ids", {}, 3, ("id 1",)))

    def broken():
        raise BrokenCompetition(Problem("solution_rows"))

    with pytest.raises(InvalidSubmission) as error:
        confined(invalid, tmp_path)
    assert error.value.problems == (Problem("missing_ids", {}, 3, ["id 1"]),)
    with pytest.raises(BrokenCompetition):
        confined(broken, tmp_path)


def test_time_over_is_a_verdict(tmp_path):
    started = time.monotonic()
    with pytest.raises(InvalidSubmission) as error:
        confined(lambda: time.sleep(60), tmp_path, limits=Limits(seconds=1))
    assert code_of(error) == "time_limit"
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    "work",
    [
        lambda: {"size": len(bytearray(10**9))},
        lambda: {"size": np.ones(10**9).size},
        lambda: os.kill(os.getpid(), signal.SIGKILL),
        os.abort,
    ],
)
def test_memory_over_is_a_verdict(tmp_path, work):
    with pytest.raises(InvalidSubmission) as error:
        confined(work, tmp_path)
    assert code_of(error) == "memory_limit"


def test_a_crash_is_the_platforms_fault(tmp_path):
    with pytest.raises(ScoringCrashed, match="exit code -11"):
        confined(lambda: os.kill(os.getpid(), signal.SIGSEGV), tmp_path)
    with pytest.raises(ScoringCrashed, match="ZeroDivisionError"):
        confined(lambda: {"x": 1 // 0}, tmp_path)
    with pytest.raises(ScoringCrashed):
        confined(lambda: {"x": "y" * 2 * MAX_ANSWER_BYTES}, tmp_path)


def test_the_parent_beats_while_it_waits(tmp_path, monkeypatch):
    monkeypatch.setattr("scoring.confinement.TICK_SECONDS", 0.05)
    beats = []
    confined(lambda: time.sleep(0.4) or {}, tmp_path, on_wait=lambda: beats.append(1))
    assert len(beats) >= 3


def test_no_child_is_left(tmp_path):
    before = psutil.Process().children()
    with pytest.raises(InvalidSubmission):
        confined(lambda: time.sleep(60), tmp_path, limits=Limits(seconds=1))
    assert psutil.Process().children() == before


def test_an_answer_that_came_in_time_counts_even_if_a_heartbeat_hung_past_the_end(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("scoring.confinement.TICK_SECONDS", 0.05)
    limits = Limits(seconds=1, memory_bytes=300 * 1024**2)

    def work():
        time.sleep(0.5)
        return {"scores": [1.0]}

    answer = confined(work, tmp_path, limits=limits, on_wait=lambda: time.sleep(1.5))
    assert answer == {"scores": [1.0]}
