"""What bubblewrap is told, read as facts about the sandbox."""

import os
import signal
from pathlib import Path

import pytest

from scoring.isolation import bubblewrap
from scoring.isolation.bubblewrap import (
    FIRST_USER,
    Interpreter,
    Mode,
    NoSandbox,
    Plan,
    arguments,
    command,
    find_bubblewrap,
)

OPERANDS = {
    "--ro-bind": 2, "--ro-bind-try": 2, "--bind": 2, "--dev-bind-try": 2, "--symlink": 2,
    "--setenv": 2, "--perms": 1, "--size": 1, "--dir": 1, "--tmpfs": 1, "--proc": 1, "--dev": 1,
    "--remount-ro": 1, "--chdir": 1, "--seccomp": 1, "--json-status-fd": 1, "--hostname": 1,
    "--cap-add": 1, "--cap-drop": 1, "--uid": 1, "--gid": 1,
}  # fmt: skip
SECRET_PATH = Path("/srv/agon/slot-1")


def plan(mode=Mode.USERNS, **changes):
    return Plan(
        **{
            "mode": mode,
            "user": FIRST_USER,
            "interpreter": Interpreter.own(),
            "inputs": SECRET_PATH,
            "arguments": ["program", "nonce"],
            "memory_bytes": 2**30,
            "scratch_bytes": 2**26,
            "processes": 64,
            "threads": 2,
            "has_group": True,
            **changes,
        }
    )


def told(mode=Mode.USERNS, **changes):
    """The arguments one by one: (option, operands)."""
    raw = arguments(plan(mode, **changes), filter_at=7, status_at=8)
    words = raw.decode().removesuffix("\0").split("\0")
    found = []
    while words:
        option, count = words[0], OPERANDS.get(words[0], 0)
        found.append((option, *words[1 : 1 + count]))
        words = words[1 + count :]
    assert all(one[0].startswith("--") for one in found)
    return found


def line(mode=Mode.USERNS, **changes):
    return command("/usr/bin/bwrap", plan(mode, **changes), entrances=[], arguments_at=9)


both = pytest.mark.parametrize("mode", list(Mode))


@both
def test_no_folder_of_this_machine_can_be_written_to(mode):
    options = {one[0] for one in told(mode)}
    assert not options & {"--bind", "--bind-try", "--dev-bind", "--dev-bind-try", "--overlay"}
    last = [one for one in told(mode) if one[0] == "--remount-ro"]
    assert last == [("--remount-ro", "/dev"), ("--remount-ro", "/")]


@both
def test_only_programs_the_engine_and_the_inputs_are_shown(mode):
    own = Interpreter.own()
    shown = {one[1] for one in told(mode) if one[0].startswith("--ro-bind")}
    system = {"/usr", "/bin", "/lib", "/lib64", "/sbin", "/etc/ld.so.cache", "/dev/null"}
    ours = {str(own.base), str(own.prefix), str(bubblewrap.PACKAGE), str(SECRET_PATH)}
    assert shown <= system | ours


@both
def test_what_can_be_written_to_is_in_memory_and_has_a_size(mode):
    options = told(mode)
    spaces = [index for index, one in enumerate(options) if one[0] == "--tmpfs"]
    assert {options[index][1] for index in spaces} == {"/tmp", "/dev/shm"}
    for index in spaces:
        assert options[index - 1][0] == "--size" and int(options[index - 1][1]) <= 2**26


@both
def test_it_starts_with_no_environment_but_its_own(mode, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    options = told(mode)
    assert ("--clearenv",) in options
    given = {one[1]: one[2] for one in options if one[0] == "--setenv"}
    assert given["OMP_NUM_THREADS"] == "2"
    assert given["ORT_DISABLE_TELEMETRY"] == "1"
    assert not any("secret" in value for value in given.values())
    assert options.index(("--clearenv",)) < min(
        index for index, one in enumerate(options) if one[0] == "--setenv"
    )


@both
def test_every_namespace_is_its_own_and_it_ends_with_the_worker(mode):
    options = {one[0] for one in told(mode)}
    assert options >= {
        "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup",
        "--die-with-parent", "--new-session", "--seccomp",
    }  # fmt: skip
    assert not any(option.endswith("-try") and "unshare" in option for option in options)


def test_a_user_namespace_has_no_privilege_and_makes_no_other():
    options = told(Mode.USERNS)
    assert ("--cap-drop", "ALL") in options
    assert ("--unshare-user",) in options and ("--disable-userns",) in options
    assert not [one for one in options if one[0] == "--cap-add"]


def test_root_keeps_what_it_needs_to_become_somebody_else_and_then_nothing():
    kept = {one[1] for one in told(Mode.ROOT) if one[0] == "--cap-add"}
    assert kept == {"CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"}
    words = line(Mode.ROOT)
    start = words.index("--args")
    drop = words[start + 2 : words.index(Interpreter.own().command)]
    assert drop[0].endswith("setpriv")
    assert drop[drop.index("--reuid") + 1] == str(FIRST_USER)
    assert {"--clear-groups", "--no-new-privs", "--bounding-set=-all"} <= set(drop)


@both
def test_the_command_line_tells_nothing_of_this_machine(mode):
    text = " ".join(line(mode))
    assert str(SECRET_PATH) not in text and "ro-bind" not in text
    assert "--args 9" in text


@both
def test_files_of_the_kernel_about_the_worker_are_covered(mode):
    covered = {one[2] for one in told(mode) if one[1:2] == ("/dev/null",)}
    assert "/proc/keys" in covered or not Path("/proc/keys").exists()


def test_the_accelerator_is_shown_only_where_it_is_asked_for():
    shown = {one[1] for one in told(needs_gpu=True) if one[0] == "--dev-bind-try"}
    assert "/dev/nvidiactl" in shown
    assert not [one for one in told() if one[0] == "--dev-bind-try"]


def test_without_a_group_processes_and_address_space_are_bounded_one_by_one():
    bounded = " ".join(line(has_group=False))
    assert "--as=" in bounded and "--nproc=" in bounded
    assert "--as=" not in " ".join(line()) and "--core=0" in " ".join(line())
    # An accelerator's driver reserves more addresses than any limit allows.
    assert "--as=" not in " ".join(line(has_group=False, needs_gpu=True))


def test_the_group_is_joined_before_anything_else_runs():
    words = command("bwrap", plan(), entrances=[Path("/g/1"), Path("/g/2")], arguments_at=9)
    assert words[:2] == ["/bin/sh", "-c"]
    assert words[words.index("/g/1") - 1 : words.index("/g/1") + 2] == ["2", "/g/1", "/g/2"]


def test_an_own_interpreter_is_found_by_its_path_inside():
    assert Interpreter(Path("/srv/venv"), Path("/usr")).command == "/venv/bin/python"
    assert Interpreter(Path("/usr"), Path("/usr")).command == "/usr/bin/python3"


@pytest.mark.parametrize(
    ("version", "is_enough"),
    [("bubblewrap 0.8.0", True), ("bubblewrap 0.11.1", True), ("bubblewrap 1.0.0", True),
     ("bubblewrap 0.7.9", False), ("", False)],
)  # fmt: skip
def test_an_old_bubblewrap_is_refused(tmp_path, monkeypatch, version, is_enough):
    program = tmp_path / "bwrap"
    program.write_text(f"#!/bin/sh\necho {version}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    if is_enough:
        assert find_bubblewrap() == str(program)
    else:
        with pytest.raises(NoSandbox, match="older"):
            find_bubblewrap()


def test_a_missing_bubblewrap_is_said_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoSandbox, match="apt install bubblewrap"):
        find_bubblewrap()


def test_a_worker_that_ignores_the_end_of_its_children_is_refused():
    kept = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        with pytest.raises(NoSandbox, match="SIGCHLD"):
            bubblewrap.check_starter()
    finally:
        signal.signal(signal.SIGCHLD, kept)
