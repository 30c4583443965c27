"""What every attack uses: a notebook of what worked, raw system calls, and children to risk."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
from collections.abc import Callable
from typing import Any

MAX_SEEN = 4_000
_LIBRARY = ctypes.CDLL(None, use_errno=True)


class Tries:
    """What was tried, what worked and what it showed."""

    def __init__(self) -> None:
        self.worked: dict[str, str] = {}
        self.refused: dict[str, str] = {}

    def __call__(self, name: str, act: Callable[[], object]) -> None:
        """Try something; it has worked if it gives anything but nothing."""
        try:
            seen = act()
        except Exception as error:  # whatever stops an attack is an answer
            number = getattr(error, "errno", None)
            short = errno.errorcode.get(number, "") if number else ""
            self.refused[name] = short or f"{type(error).__name__}: {error}"[:200]
            return
        if seen:
            self.worked[name] = (
                seen.decode("utf-8", "replace") if isinstance(seen, bytes) else str(seen)
            )[:MAX_SEEN]
        else:
            self.refused[name] = "nothing"


def system_call(number: int, *arguments: Any) -> int:
    """A raw call; integers are passed in full width."""
    values = [
        ctypes.c_ulong(argument & (2**64 - 1)) if isinstance(argument, int) else argument
        for argument in arguments
    ]
    _LIBRARY.syscall.restype = ctypes.c_long
    result: int = _LIBRARY.syscall(ctypes.c_long(number), *values)
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def in_child(act: Callable[[], object]) -> str:
    """Run something that changes or ends the process in a child of it; what it gives comes back."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            text = f"+{act()}"
        except Exception as error:  # the parent raises it again
            text = f"-{error}"
        os.write(writing, text.encode()[:MAX_SEEN])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        text = pipe.read().decode("utf-8", "replace")
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        raise OSError(f"ended by {signal.Signals(os.WTERMSIG(status)).name}")
    if not text.startswith("+"):
        raise OSError(text[1:])
    return text[1:]


def done(_: object) -> bool:
    """That a call came back without an error is what counts."""
    return True
