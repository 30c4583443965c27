"""The outer end of the pipe: what a sandboxed process sends, believed only as far as it is checked.

See `scoring.runners.protocol` for the frames. Anything that is not one is the program's fault.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_HEADER = 64 * 1024
MAX_PARTS = 64
MAX_DIMENSIONS = 8
MAX_PARAMS = 16
MAX_TEXT = 2_000
TYPES = frozenset(
    {"<f2", "<f4", "<f8", "<i1", "|i1", "<i2", "<i4", "<i8", "|u1", "<u2", "<u4", "<u8", "|b1"}
)
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_CODE = re.compile(r"[a-z0-9_]{1,100}")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
"""What neither a database nor a terminal should be given: controls, and halves of characters."""
_WITH_CONTENT = ("array", "file")
_LENGTH = struct.Struct(">I")


class BadFrame(Exception):
    """What came is no frame."""


class TooMuch(Exception):
    """More came than the limit allows."""


@dataclass(slots=True)
class Received:
    """What has come so far.

    Attributes:
        nonce: What the hello carried; empty before it.
        arrays: By name.
        files: By name.
        fault: The code and values of a fault, where one came.
        is_done: Whether the last frame came.
    """

    nonce: str = ""
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    fault: tuple[str, dict[str, str | int]] | None = None
    is_done: bool = False


class Reader:
    """Takes bytes as they come, and turns them into frames."""

    def __init__(self, *, limit: int, on_progress: Callable[[int, int], None]) -> None:
        self.received = Received()
        self._buffer = bytearray()
        self._header: dict[str, Any] | None = None
        self._limit = limit
        self._total = 0
        self._on_progress = on_progress

    def feed(self, data: bytes) -> None:
        """Take some bytes in.

        Raises:
            BadFrame: they are no frames.
            TooMuch: they are more than the limit.
        """
        self._total += len(data)
        if self._total > self._limit:
            raise TooMuch
        self._buffer += data
        while self._take():
            pass

    def _take(self) -> bool:
        """Take one header or one content off the buffer, where it is whole."""
        if self._header is None:
            self._header = self._take_header()
            return self._header is not None
        size = self._header.get("size", 0)
        if len(self._buffer) < size:
            return False
        with memoryview(self._buffer) as whole, whole[:size] as part:
            data = bytes(part)
        del self._buffer[:size]
        header, self._header = self._header, None
        self._understand(header, data)
        return True

    def _take_header(self) -> dict[str, Any] | None:
        if len(self._buffer) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._buffer)
        if length > MAX_HEADER:
            raise BadFrame
        end = _LENGTH.size + length
        if len(self._buffer) < end:
            return None
        header = _header(bytes(self._buffer[_LENGTH.size : end]))
        size = header.get("size", 0)
        if not _is_count(size) or (size and header.get("kind") not in _WITH_CONTENT):
            raise BadFrame
        if size > self._limit:
            raise TooMuch
        del self._buffer[:end]
        return header

    def _understand(self, header: dict[str, Any], data: bytes) -> None:
        received = self.received
        kind = header.get("kind")
        if received.is_done or (kind == "hello") == bool(received.nonce):
            raise BadFrame  # the hello comes once and first, and nothing after the end
        match kind:
            case "hello":
                received.nonce = _text(header.get("nonce"))
            case "progress":
                self._progress(header.get("done"), header.get("total"))
            case "array":
                received.arrays[self._name(header)] = _array(header, data)
            case "file":
                received.files[self._name(header)] = data
            case "fault":
                received.fault = _fault(header)
            case "done":
                received.is_done = True
            case _:
                raise BadFrame

    def _progress(self, done: object, total: object) -> None:
        if not (isinstance(done, int) and isinstance(total, int)):
            raise BadFrame
        if not (_is_count(done) and _is_count(total) and done <= total):
            raise BadFrame
        self._on_progress(done, total)

    def _name(self, header: dict[str, Any]) -> str:
        name = header.get("name")
        taken = self.received.arrays.keys() | self.received.files.keys()
        if not isinstance(name, str) or not _NAME.fullmatch(name) or name in taken:
            raise BadFrame
        if len(taken) >= MAX_PARTS:
            raise TooMuch
        return name


def _header(text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError):
        raise BadFrame from None
    if not isinstance(header, dict):
        raise BadFrame
    return header


def _array(header: dict[str, Any], data: bytes) -> NDArray[Any]:
    dtype, shape = header.get("dtype"), header.get("shape")
    if not isinstance(dtype, str) or dtype not in TYPES:
        raise BadFrame
    if not isinstance(shape, list) or len(shape) > MAX_DIMENSIONS:
        raise BadFrame
    if not all(_is_count(axis) for axis in shape):
        raise BadFrame
    if math.prod(shape) * np.dtype(dtype).itemsize != len(data):
        raise BadFrame
    if dtype == "|b1" and data.strip(b"\0\1"):
        raise BadFrame  # a boolean that is neither would be two things at once
    try:
        return np.frombuffer(data, dtype=dtype).reshape(shape)
    except ValueError:  # axes that numpy can't count, beside one of length 0
        raise BadFrame from None


def _fault(header: dict[str, Any]) -> tuple[str, dict[str, str | int]]:
    code, params = header.get("code"), header.get("params", {})
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise BadFrame
    if not isinstance(params, dict) or len(params) > MAX_PARAMS:
        raise BadFrame
    kept: dict[str, str | int] = {}
    for name, value in params.items():
        if isinstance(value, str):
            kept[name] = _UNPRINTABLE.sub("�", value[:MAX_TEXT])
        elif isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
            kept[name] = value
        else:
            raise BadFrame
    return code, kept


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 100:
        raise BadFrame
    return value
