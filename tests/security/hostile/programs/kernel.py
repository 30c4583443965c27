"""The kernel itself: namespaces, mounts, users, the keyring and the calls that nobody needs.

The numbers are those of x86-64.
"""

from __future__ import annotations

import ctypes
import fcntl
import mmap
import os
import resource
import signal
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools import Tries, done, in_child, system_call

CLONE, FORK_LIKE_3, UNSHARE, ENTER = 56, 435, 272, 308
NAMESPACES = {
    "user": 0x10000000, "mount": 0x00020000, "pid": 0x20000000, "network": 0x40000000,
    "ipc": 0x08000000, "names": 0x04000000, "cgroup": 0x02000000, "time": 0x00000080,
}  # fmt: skip
MOUNT, UNMOUNT, PIVOT_ROOT, OPEN_TREE, MOVE_MOUNT, OPEN_MOUNT = 165, 166, 155, 428, 429, 430
SET_MOUNT = 442
READ_ONLY, REMOUNT, BIND = 1, 32, 4096
ADD_KEY, REQUEST_KEY, KEY_CONTROL = 248, 249, 250
SESSION = -3
SEARCH, READ = 10, 11
TYPE_INPUT, CONSOLE = 0x5412, 0x541C
MISCELLANEOUS = {
    "rings": (425, 4, ctypes.create_string_buffer(256)),
    "faults handled here": (323, 1),
    "programs in the kernel": (321, 0, ctypes.create_string_buffer(128), 128),
    "counters": (298, ctypes.create_string_buffer(128), 0, -1, -1, 0),
    "another start of the kernel": (246, 0, 0, 0, 0),
    "a module": (175, 0, 0, ctypes.create_string_buffer(1)),
    "a module from a file": (313, 0, ctypes.create_string_buffer(1), 0),
    "swapping": (167, ctypes.create_string_buffer(b"/tmp/x"), 0),
    "the clock": (227, 0, (ctypes.c_long * 2)(1, 1)),
    "the kernel's log": (103, 3, ctypes.create_string_buffer(4096), 4096),
    "the machine's name": (170, ctypes.create_string_buffer(b"evil"), 4),
    "port access": (172, 3),
    "process comparison": (312, 1, 1, 0, 0, 0),
    "accounting": (163, 0),
    "quotas": (179, 0, 0, 0, 0),
    "a look into a file's cookie": (212, 0, 0, 0),
    "watching everything": (300, 0, 0),
    "security attributes": (460, 100, 0, 0, 0),
}


def namespaces(target: Mapping[str, Any], tries: Tries) -> None:
    """New ones, in which one would be root; and others' ones."""
    for name, flag in NAMESPACES.items():
        tries(
            f"unshare {name}", lambda flag=flag: in_child(lambda: done(system_call(UNSHARE, flag)))
        )
        tries(f"unshare user and {name}", lambda flag=flag: in_child(
            lambda: done(system_call(UNSHARE, NAMESPACES["user"] | flag))
        ))  # fmt: skip
        tries(f"clone {name}", lambda flag=flag: in_child(lambda: _cloned(flag)))
    tries("the newer clone", lambda: in_child(_cloned_anew))
    for kind in ("user", "mnt", "pid", "net"):
        tries(f"enter {kind}", lambda kind=kind: in_child(lambda: _entered(kind)))
    tries("root of a user namespace", lambda: in_child(_root_inside))


def _cloned(flag: int) -> bool:
    child = system_call(CLONE, flag | signal.SIGCHLD, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return True


def _cloned_anew() -> bool:
    arguments = (ctypes.c_uint64 * 11)(NAMESPACES["user"], 0, 0, 0, signal.SIGCHLD)
    child = system_call(FORK_LIKE_3, ctypes.byref(arguments), 88)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return True


def _entered(kind: str) -> bool:
    descriptor = os.open(f"/proc/1/ns/{kind}", os.O_RDONLY)
    return done(system_call(ENTER, descriptor, 0))


def _root_inside() -> str:
    user, group = os.getuid(), os.getgid()
    system_call(UNSHARE, NAMESPACES["user"] | NAMESPACES["mount"])
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {user} 1")
    Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    system_call(MOUNT, b"none", b"/", b"", 0x44000, 0)
    system_call(MOUNT, b"none", b"/tmp", b"tmpfs", 0, 0)
    return f"root: {os.getuid()}"


def mounts(target: Mapping[str, Any], tries: Tries) -> None:
    attributes = (ctypes.c_uint64 * 4)(0, READ_ONLY, 0, 0)
    calls: dict[str, tuple[Any, ...]] = {
        "remount": (MOUNT, b"none", b"/", b"", REMOUNT | BIND, 0),
        "mount": (MOUNT, b"none", b"/tmp", b"tmpfs", 0, 0),
        "bind": (MOUNT, b"/proc", b"/tmp", b"", BIND, 0),
        "unmount": (UNMOUNT, b"/in", 2),
        "unmount what covers": (UNMOUNT, b"/tmp", 2),
        "another root": (PIVOT_ROOT, b"/tmp", b"/tmp"),
        "a tree": (OPEN_TREE, -100, b"/", 1),
        "a mount to be": (OPEN_MOUNT, b"tmpfs", 0),
        "a mount moved": (MOVE_MOUNT, -100, b"/in", -100, b"/tmp", 0),
        "a mount's attributes": (SET_MOUNT, -100, b"/", 0, ctypes.byref(attributes), 32),
    }
    for name, (number, *arguments) in calls.items():
        tries(name, lambda number=number, arguments=arguments: done(
            system_call(number, *arguments)
        ))  # fmt: skip
    tries("change of root", lambda: done(os.chroot("/tmp")))


def users(target: Mapping[str, Any], tries: Tries) -> None:
    """Becoming somebody, or leaving a file that makes one somebody."""
    folder = Path(target["output_path"]).parent
    tries("root", lambda: done(os.setuid(0)))
    tries("root, all three", lambda: done(os.setresuid(0, 0, 0)))
    tries("root's group", lambda: done(os.setgid(0)))
    tries("root's groups", lambda: done(os.setgroups([0])))
    tries("capabilities", lambda: done(_all_capabilities()))
    for name, mode in (("user", stat.S_ISUID), ("group", stat.S_ISGID)):
        path = folder / f"set-{name}"
        path.write_text("#!/bin/sh\n")
        tries(f"a file that sets the {name}", lambda path=path, mode=mode: (
            done(os.chmod(path, 0o755 | mode)) and path.stat().st_mode & mode
        ))  # fmt: skip
        other = folder / f"open-{name}"
        tries(f"a file born to set the {name}", lambda other=other, mode=mode: (
            os.fstat(os.open(other, os.O_CREAT | os.O_WRONLY, 0o755 | mode)).st_mode & mode
        ))  # fmt: skip
    tries("su", lambda: os.waitstatus_to_exitcode(os.system("su -c true </dev/null")) == 0)


def _all_capabilities() -> int:
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)(*[0xFFFFFFFF] * 6)
    return system_call(126, ctypes.byref(header), ctypes.byref(data))


def keyring(target: Mapping[str, Any], tries: Tries) -> None:
    """No namespace separates the keys that the worker's session holds."""

    def searched(ring: int) -> bytes:
        name = target["key"].encode()
        key = system_call(KEY_CONTROL, SEARCH, ring, b"user", name, 0)
        return _key_content(key)

    def requested() -> bytes:
        return _key_content(system_call(REQUEST_KEY, b"user", target["key"].encode(), 0, 0))

    tries("the worker's key, searched", lambda: searched(SESSION))
    tries("the worker's key, requested", requested)
    tries("a key left behind", lambda: in_child(lambda: system_call(
        ADD_KEY, b"user", b"agon-left", b"left", 4, -1
    )))  # fmt: skip
    tries("the keys", lambda: Path("/proc/keys").read_text())


def _key_content(key: int) -> bytes:
    buffer = ctypes.create_string_buffer(1000)
    size = system_call(KEY_CONTROL, READ, key, ctypes.byref(buffer), 1000)
    return buffer.raw[:size]


def calls_nobody_needs(target: Mapping[str, Any], tries: Tries) -> None:
    for name, (number, *arguments) in MISCELLANEOUS.items():
        tries(name, lambda number=number, arguments=arguments: in_child(
            lambda: done(system_call(number, *arguments))
        ))  # fmt: skip
    tries("personality", lambda: in_child(lambda: done(system_call(135, 0x0040000))))
    tries("a file's handle", lambda: done(_handle()))
    tries("a file by a handle", lambda: system_call(
        304, os.open("/", os.O_RDONLY), ctypes.byref(_handle()), os.O_RDONLY
    ))  # fmt: skip


def _handle() -> Any:
    handle = (ctypes.c_uint32 * 40)(128)
    number = ctypes.c_int()
    system_call(303, -100, b"/", ctypes.byref(handle), ctypes.byref(number), 0)
    return handle


def old_calls(target: Mapping[str, Any], tries: Tries) -> None:
    """Calls by the doors of 32 bits, whose numbers mean something else."""
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")  # mov eax, 20 (getpid); int 0x80; ret
    where = ctypes.addressof(ctypes.c_char.from_buffer(code))
    tries("interrupt 128", lambda: in_child(ctypes.CFUNCTYPE(ctypes.c_int)(where)))
    tries("x32", lambda: in_child(lambda: system_call(0x40000000 | 39)))


def terminals(target: Mapping[str, Any], tries: Tries) -> None:
    """Typing into the terminal of whoever started the worker."""

    def typed(descriptor: int, request: int) -> bool:
        system_call(16, descriptor, request, ctypes.byref(ctypes.c_char(b"x")))
        return True

    for bits in (TYPE_INPUT, TYPE_INPUT | 1 << 32, TYPE_INPUT | 0xFFFFFFFF << 32):
        tries(f"standard input, {bits:#x}", lambda bits=bits: typed(0, bits))
        tries(f"one of its own, {bits:#x}", lambda bits=bits: in_child(
            lambda: typed(_own_terminal(), bits)
        ))  # fmt: skip
    tries("the machine's console", lambda: typed(os.open("/dev/tty0", os.O_RDWR), CONSOLE))
    tries("the one it was started from", lambda: os.open("/dev/tty", os.O_RDWR))


def _own_terminal() -> int:
    os.setsid()
    _, inner = os.openpty()
    fcntl.ioctl(inner, 0x540E, 0)  # make it this session's own
    return inner


def shared_memory(target: Mapping[str, Any], tries: Tries) -> None:
    """What one job could leave for the next."""
    key = 0x41474F4E
    tries("shared memory", lambda: done(_removed(31, system_call(29, key, 4096, 0o1666), 0)))
    tries("semaphores", lambda: done(_removed(66, system_call(64, key, 1, 0o1666), 0, 0)))
    tries("messages", lambda: done(_removed(71, system_call(68, key, 0o1666), 0)))
    tries("named messages", lambda: done(_named_messages()))


def _removed(number: int, identity: int, *arguments: int) -> int:
    return system_call(number, identity, *arguments)


def _named_messages() -> int:
    descriptor = system_call(240, b"agon-attack", os.O_CREAT | os.O_RDWR, 0o666, 0)
    system_call(241, b"agon-attack")
    return descriptor


def more_than_its_share(target: Mapping[str, Any], tries: Tries) -> None:
    """Raising its own limits."""
    for name in ("NOFILE", "CORE", "MEMLOCK", "MSGQUEUE", "RTPRIO", "NICE", "FSIZE"):
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        more = resource.RLIM_INFINITY if hard != resource.RLIM_INFINITY else -2
        tries(f"more {name}", lambda kind=kind, more=more: done(
            resource.setrlimit(kind, (more, more))
        ))  # fmt: skip
    tries("first in line", lambda: done(
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
    ))  # fmt: skip
    tries("nicer to itself", lambda: done(os.nice(-10)))
    tries(
        "never chosen when memory is short",
        lambda: Path("/proc/self/oom_score_adj").write_text("-1000"),
    )
    tries("control groups", lambda: os.listdir("/sys/fs/cgroup"))
    tries("memory kept for itself", lambda: done(_locked()))


def _locked() -> int:
    kept = mmap.mmap(-1, 64 * 1024**2)
    where = ctypes.addressof(ctypes.c_char.from_buffer(kept))
    return system_call(149, where, 64 * 1024**2)
