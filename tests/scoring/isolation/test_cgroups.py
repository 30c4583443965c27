"""Control groups bound a job and leave nothing behind.

Version 2 is played by a folder: what is written where, but not what the kernel makes of it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from scoring.isolation import cgroups
from scoring.isolation.cgroups import LEAF, Group, NoGroups, make_group, remove_stale_groups

ALLOCATE = "data = bytearray(b'x') * (300 * 1024**2)"
JOINS = "import os, sys; open(sys.argv[1], 'w').write(str(os.getpid())); "


def has_groups():
    try:
        make_group().remove()
    except NoGroups:
        return False
    return True


@pytest.fixture
def group():
    if not has_groups():
        pytest.fail("control groups can't be made here: run the tests where they can")
    made = make_group()
    yield made
    made.remove()


def join_all(group, code):
    joins = "".join(
        JOINS.replace("argv[1]", f"argv[{n}]") for n in range(1, len(group.entrances) + 1)
    )
    return [sys.executable, "-I", "-c", joins + code, *map(str, group.entrances)]


def test_it_ends_what_takes_too_much_memory_and_says_so(group):
    group.limit(memory_bytes=100 * 1024**2, processes=10, cores=1.0)
    done = subprocess.run(join_all(group, ALLOCATE), check=False)
    assert done.returncode == -9
    assert group.was_out_of_memory()
    assert 50 * 1024**2 < group.peak_memory() <= 100 * 1024**2


def test_it_counts_refused_processes(group):
    group.limit(memory_bytes=100 * 1024**2, processes=1, cores=1.0)
    assert not group.was_out_of_processes()
    done = subprocess.run(join_all(group, "os.fork()"), check=False, capture_output=True)
    assert b"BlockingIOError" in done.stderr
    assert group.was_out_of_processes()


def test_limits_can_be_raised_and_lowered(group):
    for megabytes in (200, 800, 100):
        group.limit(
            memory_bytes=megabytes * 1024**2, processes=megabytes, cores=0.5, is_waiting=True
        )


def test_removing_it_ends_whoever_is_in_it():
    group = make_group()
    process = subprocess.Popen(
        join_all(group, "print('in', flush=True); import time; time.sleep(60)"),
        stdout=subprocess.PIPE,
    )
    process.stdout.readline()
    assert process.pid in group.processes()
    group.remove()
    assert process.wait(5) == -9
    process.stdout.close()
    assert not any(folder.exists() for folder in group.folders)


def test_removing_it_twice_does_no_harm(group):
    group.remove()


def test_old_empty_groups_are_removed_and_new_ones_left(group, monkeypatch):
    remove_stale_groups()
    assert all(folder.exists() for folder in group.folders)
    monkeypatch.setattr(cgroups, "STALE_SECONDS", -1.0)
    remove_stale_groups()
    assert not any(folder.exists() for folder in group.folders)


@pytest.fixture
def unified(tmp_path, monkeypatch):
    """A version 2 tree of plain files, in which this process is in the group `own`."""
    own = tmp_path / "own"
    own.mkdir()
    (own / "cgroup.subtree_control").write_text("")
    (own / "cgroup.procs").write_text(f"{os.getpid()}\n")
    monkeypatch.setattr(cgroups, "ROOT", tmp_path)
    monkeypatch.setattr(cgroups, "_own_groups", lambda: {"": "own"})
    return own


def test_in_version_2_the_worker_moves_out_of_the_way_first(unified):
    group = make_group()
    assert group.is_unified
    assert group.folders[0].parent == unified
    assert (unified / LEAF / "cgroup.procs").read_text() == str(os.getpid())
    assert (unified / "cgroup.subtree_control").read_text() == "+memory +pids +cpu"


def test_in_version_2_groups_stand_beside_a_worker_that_has_moved(unified, monkeypatch):
    (unified / "cgroup.subtree_control").write_text("cpu memory pids")
    monkeypatch.setattr(cgroups, "_own_groups", lambda: {"": f"own/{LEAF}"})
    assert make_group().folders[0].parent == unified


def test_version_2_is_given_every_limit(unified):
    group = make_group()
    group.limit(memory_bytes=2**20, processes=7, cores=1.5)
    (folder,) = group.folders
    written = {path.name: path.read_text() for path in folder.iterdir()}
    assert written == {
        "memory.max": str(2**20), "memory.swap.max": "0", "memory.oom.group": "1", "pids.max": "7",
        "cpu.max": "150000 100000", "cpu.weight": "100",
    }  # fmt: skip


def test_version_2_is_asked_what_happened(tmp_path):
    (tmp_path / "memory.events").write_text("low 0\noom 1\noom_kill 1\n")
    (tmp_path / "pids.events").write_text("max 0\n")
    (tmp_path / "memory.peak").write_text("123\n")
    group = Group((tmp_path,), is_unified=True)
    assert group.was_out_of_memory()
    assert not group.was_out_of_processes()
    assert group.peak_memory() == 123


def test_where_nothing_may_be_made_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(cgroups, "ROOT", tmp_path / "nowhere")
    with pytest.raises(NoGroups):
        make_group()


def test_a_group_costs_little(group):
    began = time.perf_counter()
    for _ in range(20):
        make_group().remove()
    assert (time.perf_counter() - began) / 20 < 0.1
