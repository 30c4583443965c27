"""Taking all there is of something. Run without a sandbox, these would take the machine down."""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools import Tries

MEGABYTE = 1024**2
MANY = 400


def forks(target: Mapping[str, Any], tries: Tries) -> None:
    """As many processes as there may be; more than the limit would be an escape."""
    children = []
    try:
        while len(children) < MANY:
            child = os.fork()
            if child == 0:
                time.sleep(100)
                os._exit(0)
            children.append(child)
    except OSError:
        pass
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    _count(tries, "processes", len(children), target["processes"])


def threads(target: Mapping[str, Any], tries: Tries) -> None:
    end = threading.Event()
    started = []
    try:
        while len(started) < MANY:
            thread = threading.Thread(target=end.wait, daemon=True)
            thread.start()
            started.append(thread)
    except RuntimeError:
        pass
    end.set()
    _count(tries, "threads", len(started), target["processes"])


def fork_bomb(target: Mapping[str, Any], tries: Tries) -> None:
    while True:
        try:
            os.fork()
        except OSError:
            continue


def descriptors(target: Mapping[str, Any], tries: Tries) -> None:
    held = []
    try:
        while len(held) < 5000:
            held.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        pass
    count = len(held)
    for descriptor in held:
        os.close(descriptor)
    _count(tries, "descriptors", count, 256)


def heap(target: Mapping[str, Any], tries: Tries) -> None:
    kept = []
    with contextlib.suppress(MemoryError):
        while len(kept) < 4096:
            kept.append(bytearray(b"x") * MEGABYTE)
    _count(tries, "megabytes", len(kept), target["memory"] // MEGABYTE)


def heap_of_many(target: Mapping[str, Any], tries: Tries) -> None:
    """Each of them modest."""
    children = []
    for _ in range(16):
        child = os.fork()
        if child == 0:
            kept = bytearray(b"x") * (128 * MEGABYTE)
            time.sleep(5)
            os._exit(len(kept) & 1)
        children.append(child)
    held = sum(os.waitpid(child, 0)[1] == 0 for child in children)
    _count(tries, "megabytes", held * 128, target["memory"] // MEGABYTE)


def shared_maps(target: Mapping[str, Any], tries: Tries) -> None:
    kept = []
    with contextlib.suppress(OSError):
        while len(kept) < 4096:
            area = mmap.mmap(-1, MEGABYTE)
            area.write(b"x" * MEGABYTE)
            kept.append(area)
    _count(tries, "megabytes", len(kept), target["memory"] // MEGABYTE)


def memory_files(target: Mapping[str, Any], tries: Tries) -> None:
    """Files that no limit of a single process counts; each as large as a file may be."""
    chunk = b"x" * MEGABYTE
    taken = 0
    with contextlib.suppress(OSError):
        for number in range(200):
            descriptor = os.memfd_create(f"hog-{number}")
            with contextlib.suppress(OSError):
                while True:
                    taken += os.write(descriptor, chunk)
    _count(tries, "megabytes", taken // MEGABYTE, target["memory"] // MEGABYTE)


def scratch(target: Mapping[str, Any], tries: Tries) -> None:
    for folder, limit in (("/tmp", target["scratch"]), ("/dev/shm", 16 * MEGABYTE)):
        taken = 0
        path = Path(folder, "hog")
        chunk = b"x" * MEGABYTE
        try:
            with path.open("wb", buffering=0) as stream:
                while taken < 1024 * MEGABYTE:
                    taken += stream.write(chunk)
        except OSError as error:
            print(error, file=sys.stderr)
        path.unlink(missing_ok=True)
        _count(tries, folder, taken, limit + 1)


def small_files(target: Mapping[str, Any], tries: Tries) -> None:
    """Each costs the kernel about a kilobyte, and no size bounds their number."""
    folder = Path(target["output_path"]).parent
    for number in range(1_000_000):
        os.close(os.open(folder / f"empty-{number}", os.O_CREAT | os.O_WRONLY))
    tries("files", lambda: 1_000_000)


def deaf(target: Mapping[str, Any], tries: Tries) -> None:
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    while True:
        time.sleep(1000)


def spin(target: Mapping[str, Any], tries: Tries) -> None:
    if os.fork() == 0:
        while True:
            pass
    while True:
        pass


def printing(target: Mapping[str, Any], tries: Tries) -> None:
    line = b"y" * MEGABYTE
    for _ in range(1024):
        os.write(1, line)
    print("the end")


def crash(target: Mapping[str, Any], tries: Tries) -> None:
    ctypes.string_at(0)


def abort(target: Mapping[str, Any], tries: Tries) -> None:
    os.abort()


def _count(tries: Tries, name: str, count: int, limit: int) -> None:
    tries(name, lambda: count >= limit and f"{count} of {limit}")
    tries.refused.setdefault(name, f"{count} of {limit}")
