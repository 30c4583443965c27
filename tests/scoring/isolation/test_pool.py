"""Processes wait ahead, and no task waits for one that will not come."""

from __future__ import annotations

import os
import signal
import time

import pytest

from scoring.isolation import pool as pools
from scoring.isolation.pool import WARM, WARM_KINDS, Bounds, Kind, Pool, TooLittleMemory, close
from scoring.isolation.process import NotStarted

BOUNDS = Bounds(seconds=10.0, memory_bytes=256 * 1024**2, processes=32)
MEGABYTE = 1024**2


def kind(runtime="probe", scratch=MEGABYTE):
    return Kind(runtime, needs_gpu=False, scratch_bytes=scratch, threads=1)


@pytest.fixture
def pool(tmp_path):
    made = Pool(tmp_path)
    yield made
    made.close()
    assert not list(tmp_path.iterdir())


def waiting(pool, which):
    return list(pool._waiting[which])


def test_after_a_task_processes_for_the_next_ones_wait(pool):
    close(pool.take(kind(), BOUNDS))
    pool.refill(kind(), BOUNDS)
    ahead = waiting(pool, kind())
    assert len(ahead) == WARM
    taken = pool.take(kind(), BOUNDS)
    assert taken is ahead[0]
    close(taken)


def test_a_process_is_never_given_a_task_of_another_kind(pool):
    pool.refill(kind(), BOUNDS)
    taken = pool.take(kind(scratch=2 * MEGABYTE), BOUNDS)
    assert taken not in waiting(pool, kind())
    close(taken)
    assert len(waiting(pool, kind())) == WARM


def test_kinds_that_were_not_used_lately_make_room(pool):
    kinds = [kind(scratch=number * MEGABYTE) for number in range(1, WARM_KINDS + 2)]
    for one in kinds:
        pool.refill(one, BOUNDS)
    assert [bool(waiting(pool, one)) for one in kinds] == [False, *[True] * WARM_KINDS]


def test_one_that_is_old_is_replaced(pool, monkeypatch):
    pool.refill(kind(), BOUNDS)
    old = waiting(pool, kind())
    monkeypatch.setattr(pools, "OLDEST_WARM", 0.0)
    taken = pool.take(kind(), BOUNDS)
    assert taken not in old
    close(taken)


def test_one_that_ends_while_it_warms_up_is_replaced(pool):
    pool.refill(kind(), BOUNDS)
    for process in waiting(pool, kind()):
        for member in process.group.processes():
            os.kill(member, signal.SIGKILL)
    taken = pool.take(kind(), BOUNDS)
    assert taken.is_alive
    close(taken)


def test_a_runtime_that_never_comes_up_is_refused_once_and_for_each_task(pool):
    for _ in range(2):
        with pytest.raises(NotStarted, match="No module named"):
            pool.take(kind("absent"), BOUNDS)
        pool.refill(kind("absent"), BOUNDS)


def test_bounds_that_are_too_narrow_for_the_runtime_are_told_apart(pool):
    with pytest.raises(TooLittleMemory):
        pool.take(kind(), Bounds(10.0, MEGABYTE, 32))


def test_bounds_are_those_of_the_task_not_of_the_start(pool):
    pool.refill(kind(), BOUNDS)
    taken = pool.take(kind(), Bounds(10.0, 128 * MEGABYTE, 8))
    read = {
        path.name: path.read_text().strip()
        for folder in taken.group.folders
        for path in folder.glob("*.max")
    }
    assert read["pids.max"] == "8"
    close(taken)


def test_without_groups_nothing_is_kept(tmp_path):
    pool = Pool(tmp_path, with_groups=False)
    pool.refill(kind(), BOUNDS)
    assert not waiting(pool, kind())
    close(pool.take(kind(), BOUNDS))


def test_what_a_killed_worker_left_is_removed(tmp_path, monkeypatch):
    (tmp_path / "slot-old").mkdir()
    (tmp_path / "slot-old" / "model").touch()
    (tmp_path / "other").mkdir()
    os.utime(tmp_path / "slot-old", (time.time() - 10**6,) * 2)
    (tmp_path / "slot-new").mkdir()
    Pool(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"slot-new", "other"}
