"""How a runner inside the sandbox talks to the worker: frames over one pipe, nothing pickled.

A frame is a length (4 bytes, big-endian), a JSON object of that length, and, where the object has
a ``size``, that many raw bytes. Kinds: ``hello`` (once, with the nonce of the start), ``progress``
(``done``, ``total``), ``array`` (``name``, ``dtype``, ``shape``), ``file`` (``name``), ``fault``
(``code``, ``params``) and, last of all, ``done``. The worker believes none of it unchecked.

Only the standard library: numpy's arrays come in through the buffer interface.
"""

from __future__ import annotations

import json
import os
import struct
import sys
from typing import Any, Protocol

OUTPUT = 3
"""The descriptor of the pipe to the worker."""


class Array(Protocol):
    """What this module needs of a numpy array."""

    @property
    def dtype(self) -> Any: ...

    @property
    def shape(self) -> tuple[int, ...]: ...

    def tobytes(self) -> bytes: ...


class Channel:
    """The inner end of the pipe."""

    def __init__(self, descriptor: int = OUTPUT) -> None:
        self._descriptor = descriptor

    def hello(self, nonce: str) -> None:
        """Say that the runtime is loaded and warm, before anything untrusted is opened."""
        self._send({"kind": "hello", "nonce": nonce})

    def request(self) -> dict[str, Any]:
        """Wait for the one request that this process will ever get."""
        content: dict[str, Any] = json.loads(sys.stdin.readline())
        return content

    def progress(self, done: int, total: int) -> None:
        """How many rows are predicted."""
        self._send({"kind": "progress", "done": done, "total": total})

    def array(self, name: str, values: Array) -> None:
        """Send an array whole."""
        data = values.tobytes()
        shape = list(values.shape)
        self._send({"kind": "array", "name": name, "dtype": values.dtype.str, "shape": shape}, data)

    def file(self, name: str, data: bytes) -> None:
        """Send a file's content."""
        self._send({"kind": "file", "name": name}, data)

    def fault(self, code: str, **params: str | int) -> None:
        """Say why there is no result; the code is a key of `scoring.errors.SENTENCES`."""
        self._send({"kind": "fault", "code": code, "params": params})

    def done(self) -> None:
        """Say that everything was sent."""
        self._send({"kind": "done"})

    def _send(self, header: dict[str, Any], data: bytes = b"") -> None:
        if data or header["kind"] in {"array", "file"}:
            header["size"] = len(data)
        text = json.dumps(header).encode()
        for part in (struct.pack(">I", len(text)), text, data):
            view = memoryview(part)
            while view:
                view = view[os.write(self._descriptor, view) :]
