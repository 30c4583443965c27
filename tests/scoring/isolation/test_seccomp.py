"""The filter of system calls is what it says."""

from __future__ import annotations

import struct

import pytest

from scoring.isolation import seccomp
from scoring.isolation.seccomp import NoFilter, filter_program
from scoring.isolation.syscalls import ALLOWED, WITH_MODE

NEVER = {
    "add_key", "keyctl", "request_key", "ptrace", "process_vm_readv", "process_vm_writev", "kcmp",
    "pidfd_getfd", "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "mount", "umount2",
    "pivot_root", "chroot", "unshare", "setns", "clone3", "open_by_handle_at", "name_to_handle_at",
    "personality", "mknod", "mknodat", "shmget", "semget", "msgget", "mq_open", "settimeofday",
    "clock_settime", "init_module", "finit_module", "kexec_load", "reboot", "swapon", "open_tree",
    "fsopen", "move_mount", "statmount", "clone", "socket", "ioctl",
}  # fmt: skip


def test_what_must_not_be_is_not_in_the_list():
    assert not NEVER & {*ALLOWED, *WITH_MODE}


def test_no_name_stands_there_twice():
    assert len(ALLOWED) == len(set(ALLOWED))


def test_it_is_a_program_that_the_kernel_can_load():
    program = filter_program()
    assert len(program) % 8 == 0
    assert len(program) // 8 < 4096
    returned = {value for code, _, _, value in struct.iter_unpack("<HBBI", program) if code == 6}
    assert returned == {0x7FFF0000, 0x00050000 | 38, 0}  # allow, ENOSYS, kill


def test_without_groups_no_file_in_memory_can_be_made():
    assert len(filter_program(memory_files=False)) < len(filter_program())


def test_without_the_library_there_is_no_filter_and_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(seccomp, "LIBRARY", "libseccomp-of-another-world.so")
    with pytest.raises(NoFilter, match="apt install libseccomp2"):
        filter_program.__wrapped__()
