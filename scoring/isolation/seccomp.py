"""Makes the system-call filter with the system's libseccomp; bubblewrap loads what comes out."""

from __future__ import annotations

import ctypes
import errno
import functools
import tempfile

from scoring.isolation.syscalls import (
    ALLOWED,
    MEMORY_FILES,
    NEW_NAMESPACES,
    PUSH_INPUT,
    SET_ID_BITS,
    UNIX_SOCKETS,
    WITH_MODE,
)

LIBRARY = "libseccomp.so.2"
_ALLOW = 0x7FFF0000
_ERROR = 0x00050000
_EQUAL, _MASKED_EQUAL = 4, 7
_UNKNOWN_CALL = -1


class NoFilter(Exception):
    """The filter can't be made, so nothing may run; the text says what to do."""


class _Comparison(ctypes.Structure):
    _fields_ = [
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    ]


@functools.cache
def filter_program(*, memory_files: bool = True) -> bytes:
    """The filter as the kernel takes it.

    Args:
        memory_files: Whether files in memory may be made, which needs a control group to bound them.

    Raises:
        NoFilter: libseccomp is missing or refuses.
    """
    library = _library()
    context = library.seccomp_init(_ERROR | errno.ENOSYS)
    if not context:
        raise NoFilter("libseccomp can't make a filter on this processor")
    try:
        for name in ALLOWED:
            if memory_files or name != MEMORY_FILES:
                _add(library, context, _ALLOW, name)
        for name, argument in WITH_MODE.items():
            _add(library, context, _ALLOW, name, (argument, _MASKED_EQUAL, SET_ID_BITS, 0))
        _add(library, context, _ALLOW, "clone", (0, _MASKED_EQUAL, NEW_NAMESPACES, 0))
        _add(library, context, _ALLOW, "socket", (0, _EQUAL, UNIX_SOCKETS, 0))
        # The kernel looks at the lower 32 bits alone, so one of these has to differ.
        for bit in (1 << number for number in range(32)):
            _add(library, context, _ALLOW, "ioctl", (1, _MASKED_EQUAL, bit, ~PUSH_INPUT & bit))
        with tempfile.TemporaryFile() as file:
            if library.seccomp_export_bpf(context, file.fileno()) != 0:
                raise NoFilter("libseccomp can't write the filter")
            file.seek(0)
            return file.read()
    finally:
        library.seccomp_release(context)


def _library() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError as error:
        raise NoFilter("libseccomp is missing (Debian, Ubuntu: apt install libseccomp2)") from error
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_init.argtypes = [ctypes.c_uint32]
    library.seccomp_release.argtypes = [ctypes.c_void_p]
    library.seccomp_export_bpf.argtypes = [ctypes.c_void_p, ctypes.c_int]
    library.seccomp_rule_add_array.argtypes = [
        ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.POINTER(_Comparison),
    ]  # fmt: skip
    library.seccomp_syscall_resolve_name.argtypes = [ctypes.c_char_p]
    return library


def _add(
    library: ctypes.CDLL,
    context: int,
    action: int,
    name: str,
    *comparisons: tuple[int, int, int, int],
) -> None:
    number = library.seccomp_syscall_resolve_name(name.encode())
    if number == _UNKNOWN_CALL:
        return  # newer than this library, so it stays forbidden
    array = (_Comparison * len(comparisons))(*(_Comparison(*one) for one in comparisons))
    if library.seccomp_rule_add_array(context, action, number, len(comparisons), array) != 0:
        raise NoFilter(f"libseccomp refuses the rule for {name}")
