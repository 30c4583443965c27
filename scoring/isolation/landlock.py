"""Landlock: a process gives up files and the network for good, without being anybody special.

Not enough for strangers' programs (unix sockets by path and UDP stay open), but a second wall about
the child that reads strangers' tables, beside its limits. An old kernel does without.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on every processor
_ASK_VERSION = 1
_PATH_BENEATH = 1
_NO_NEW_PRIVILEGES = 38

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_FOLDER = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_READ = _EXECUTE | _READ_FILE | _READ_FOLDER
_MAKE_FOLDER, _MAKE_FILE, _REMOVE_FOLDER, _REMOVE_FILE = 1 << 7, 1 << 8, 1 << 4, 1 << 5
_REFER, _TRUNCATE, _DEVICE_IOCTL = 1 << 13, 1 << 14, 1 << 15
_WRITE = (
    _WRITE_FILE | _MAKE_FOLDER | _MAKE_FILE | _REMOVE_FOLDER | _REMOVE_FILE | _REFER | _TRUNCATE
)
_OF_VERSION_1 = (1 << 13) - 1
_ADDED = ((2, _REFER), (3, _TRUNCATE), (5, _DEVICE_IOCTL))
_BIND_TCP_AND_CONNECT = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11
_WITH_NETWORK, _WITH_SCOPES = 4, 6

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def restrict(*, readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    """Keep this process and its children to these folders, and off the network.

    What is open stays open. Folders that do not exist are left out.

    Returns:
        False where the kernel can't, and then nothing has changed.
    """
    version = _call(_CREATE, None, 0, _ASK_VERSION)
    if version < 1:
        return False
    handled = _OF_VERSION_1
    for since, access in _ADDED:
        handled |= access if version >= since else 0
    rules = _call(_CREATE, *_rule_set(version, handled), 0)
    if rules < 0:
        return False
    try:
        for folders, access in ((readable, _READ), (writable, _READ | _WRITE)):
            for folder in folders:
                _allow(rules, folder, access & handled)
        _libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        return _call(_RESTRICT, rules, 0) == 0
    finally:
        os.close(rules)


def _rule_set(version: int, handled: int) -> tuple[bytes, int]:
    """What is forbidden unless a rule allows it; later kernels know of more."""
    fields = [handled]
    if version >= _WITH_NETWORK:
        fields.append(_BIND_TCP_AND_CONNECT)
    if version >= _WITH_SCOPES:
        fields.append(_ABSTRACT_SOCKETS_AND_SIGNALS)
    content = struct.pack(f"={len(fields)}Q", *fields)
    return content, len(content)


def _allow(rules: int, folder: Path, access: int) -> None:
    try:
        descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return
    try:
        rule = struct.pack("=Qi", access, descriptor)
        _call(_ADD, rules, _PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)


def _call(number: int, *arguments: bytes | int | None) -> int:
    wide = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    result: int = _libc.syscall(ctypes.c_long(number), *wide)
    return result
