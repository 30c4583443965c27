"""One sandboxed process from its start to its end: warm, given one task, killed."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import selectors
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from scoring.isolation.bubblewrap import Mode, Plan, arguments, command
from scoring.isolation.cgroups import Group
from scoring.isolation.excerpts import Excerpt
from scoring.isolation.frames import BadFrame, Reader, Received, TooMuch

CHUNK = 1024**2
MAX_BEFORE_HELLO = 64 * 1024
END_SECONDS = 5.0
PREFIX = "slot-"


class NotStarted(Exception):
    """The sandbox, or the trusted code that runs first in it, failed; the text is for the log."""


class TimeUp(Exception):
    """The time ran out."""


class Process:
    """A sandboxed process; `close` must be called, whatever happens."""

    def __init__(
        self, bubblewrap: str, plan: Plan, group: Group | None, *, program: bytes, workspace: Path
    ) -> None:
        """Start it; it warms up by itself.

        Args:
            bubblewrap: The path of bubblewrap.
            plan: What it sees and may use; the folder of inputs is made here.
            group: Its control group, which is its own from here on; None where there are none.
            program: The system-call filter.
            workspace: Where the folder of inputs is made.
        """
        self.started_at = time.monotonic()
        self.log = Excerpt()
        self.group = group
        self._nonce = secrets.token_hex(16)
        self._inputs = Path(tempfile.mkdtemp(dir=workspace, prefix=PREFIX))
        self._inputs.chmod(0o755)
        self._is_others = plan.mode is Mode.ROOT or os.geteuid() == 0
        self._is_warm = False
        self._status = b""
        self._child: int | None = None
        plan = replace(plan, inputs=self._inputs, arguments=[*plan.arguments, self._nonce])
        self._ends = contextlib.ExitStack()
        self._ends.callback(shutil.rmtree, self._inputs, ignore_errors=True)
        if group is not None:
            self._ends.callback(group.remove)
        try:
            self._process = self._start(bubblewrap, plan, program)
        except BaseException:
            self._ends.close()
            raise

    def _start(self, bubblewrap: str, plan: Plan, program: bytes) -> subprocess.Popen[bytes]:
        with contextlib.ExitStack() as inner:
            self._results, results = self._pipe(inner)
            self._said, said = self._pipe(inner)
            filter_at = _readable(program, inner)
            told = arguments(plan, filter_at=filter_at, status_at=said)
            told_at = _readable(told, inner)
            entrances = [] if self.group is None else self.group.entrances
            line = command(bubblewrap, plan, entrances=entrances, arguments_at=told_at)
            return subprocess.Popen(
                [*line, str(results)],
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={},
                cwd="/",
                pass_fds=[results, said, filter_at, told_at],
            )

    def wait_until_warm(self, deadline: float) -> None:
        """Wait for the hello.

        Raises:
            NotStarted: it ended, or said something else.
        """
        if self._is_warm:
            return
        reader = Reader(limit=MAX_BEFORE_HELLO, on_progress=lambda *_: None)
        try:
            self._exchange(reader, deadline, until=lambda received: bool(received.nonce))
        except (BadFrame, TooMuch, TimeUp) as error:
            raise NotStarted(self._explained(type(error).__name__)) from error
        if reader.received.nonce != self._nonce:
            raise NotStarted(self._explained("it ended before its hello"))
        self._child = self._open_child()
        self._is_warm = True

    def run(
        self,
        files: Mapping[str, Path],
        request: Mapping[str, Any],
        *,
        deadline: float,
        limit: int,
        on_progress: Callable[[int, int], None],
    ) -> Received:
        """Give it its one task, and take what comes until it ends or is done.

        Raises:
            TimeUp: the deadline passed.
            TooMuch: it sent more than the limit.
            BadFrame: it sent what is no frame.
        """
        for name, path in files.items():
            self._show(path, self._inputs / name)
        reader = Reader(limit=limit, on_progress=on_progress)
        reader.received.nonce = self._nonce
        self.log.clear()
        content = json.dumps(dict(request)).encode() + b"\n"
        self._exchange(reader, deadline, until=lambda received: received.is_done, content=content)
        self._take_what_is_printed()
        return reader.received

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it and all that it has started, and remove what was made for it."""
        try:
            self._end()
        finally:
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    with contextlib.suppress(BrokenPipeError):
                        stream.close()
            self._ends.close()

    def _end(self) -> None:
        """Kill the namespace's first process, so that bubblewrap still reaps it; then bubblewrap."""
        if self.group is not None:
            with contextlib.suppress(OSError):  # the group is gone already
                self.group.set_urgency(is_waiting=False)
        if self._child is None:
            self._child = self._open_child()
        if self._child is not None and self.is_alive:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._child, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(END_SECONDS)
        if self.is_alive:
            self._process.kill()
        self._process.wait(END_SECONDS)

    def _exchange(
        self,
        reader: Reader,
        deadline: float,
        *,
        until: Callable[[Received], bool],
        content: bytes = b"",
    ) -> None:
        """Write what it is to be given; read results and output until there is enough, or no more."""
        given, printed = _number(self._process.stdin), _number(self._process.stdout)
        left = memoryview(content)
        with selectors.DefaultSelector() as selector:
            selector.register(self._results, selectors.EVENT_READ)
            selector.register(printed, selectors.EVENT_READ)
            if content:
                os.set_blocking(given, False)
                selector.register(given, selectors.EVENT_WRITE)
            while not until(reader.received):
                seconds = deadline - time.monotonic()
                if seconds <= 0:
                    raise TimeUp
                for key, _ in selector.select(seconds):
                    if key.fd == given:
                        left = left[_write(given, left) :]
                        if not left:
                            selector.unregister(given)
                        continue
                    data = os.read(key.fd, CHUNK)
                    if key.fd == self._results:
                        if not data:
                            return  # every holder of the pipe has ended
                        reader.feed(data)
                    elif data:
                        self.log.add(data)
                    else:
                        selector.unregister(printed)

    def _take_what_is_printed(self) -> None:
        """Read what is in the pipe already; the process may hold it open for as long as it lives."""
        printed = _number(self._process.stdout)
        os.set_blocking(printed, False)
        with contextlib.suppress(BlockingIOError):
            # What it has left running may print for ever; a pipe never holds more than this at once.
            self.log.add(os.read(printed, CHUNK))

    def _show(self, path: Path, target: Path) -> None:
        """Put a file into the folder of inputs, readable there; without a copy where that can be."""
        readable = stat.S_IROTH if self._is_others else stat.S_IRUSR
        if path.stat().st_mode & readable and not path.is_symlink():
            with contextlib.suppress(OSError):  # another file system, or the kernel refuses
                target.hardlink_to(path)
                return
        shutil.copyfile(path, target)
        target.chmod(0o444)

    def _open_child(self) -> int | None:
        """A handle on the namespace's first process, from what bubblewrap said of it."""
        with contextlib.suppress(ValueError, LookupError, OSError):  # it may have said nothing
            first = json.loads(self._what_was_said().partition(b"\n")[0])
            child = os.pidfd_open(int(first["child-pid"]))
            self._ends.callback(os.close, child)
            return child
        return None

    def _what_was_said(self) -> bytes:
        os.set_blocking(self._said, False)
        with contextlib.suppress(BlockingIOError):
            while chunk := os.read(self._said, CHUNK):
                self._status += chunk
        return self._status

    def _explained(self, reason: str) -> str:
        was_set_up = b"child-pid" in self._what_was_said()
        return f"{reason}; set up: {was_set_up}; it said: {self.log.text().strip()[-2000:]}"

    def _pipe(self, inner: contextlib.ExitStack) -> tuple[int, int]:
        """A pipe whose outer end lives as long as this, and its inner end no longer than the start."""
        outer_end, inner_end = os.pipe()
        self._ends.callback(os.close, outer_end)
        inner.callback(os.close, inner_end)
        return outer_end, inner_end


def _readable(content: bytes, stack: contextlib.ExitStack) -> int:
    """A descriptor that content can be read from, which leaves no file behind."""
    descriptor = os.memfd_create("agon", os.MFD_CLOEXEC)
    stack.callback(os.close, descriptor)
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _number(stream: IO[bytes] | None) -> int:
    if stream is None:
        raise AssertionError("it is a pipe")
    return stream.fileno()


def _write(descriptor: int, content: memoryview) -> int:
    """How much was written; all of it, where nobody reads any more: what it said comes next."""
    try:
        return os.write(descriptor, content[:CHUNK])
    except BrokenPipeError:
        return len(content)
