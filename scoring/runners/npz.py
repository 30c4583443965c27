"""Arrays of an ``.npz`` file one by one, without reading what is not asked for.

`numpy.load` reads a member whole into memory. Here a member that is stored without compression
is mapped instead, so predicting on 8 of its rows costs 8 rows.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
from numpy.typing import NDArray

_LOCAL_HEADER = struct.Struct("<4s5H3L2H")


@dataclass(frozen=True, slots=True)
class Header:
    """What an array in the file is, before it is read."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    is_fortran: bool
    length: int
    """How many bytes stand before the array's own."""


class ArrayFile(Mapping[str, NDArray[Any]]):
    """The arrays by name; objects are refused.

    Raises:
        ValueError: Where the file, or the array that is asked for, is none.
        OSError: Where the file can't be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._archive = zipfile.ZipFile(path)
        except zipfile.BadZipFile as error:
            raise ValueError(f"it is no .npz file: {error}") from error
        self._members = {
            member.filename.removesuffix(".npy"): member
            for member in self._archive.infolist()
            if member.filename.endswith(".npy")
        }

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __getitem__(self, name: str) -> NDArray[Any]:
        header = self.header(name)
        member = self._members[name]
        if member.compress_type == zipfile.ZIP_STORED and all(header.shape):
            order: Literal["C", "F"] = "F" if header.is_fortran else "C"
            at = self._start(member) + header.length
            # "c": writable for libraries that insist on it, but what is written stays in memory
            mapped: NDArray[Any] = np.memmap(self._path, header.dtype, "c", at, header.shape, order)
            return mapped
        with self._archive.open(member) as stream:
            array: NDArray[Any] = np.lib.format.read_array(stream, allow_pickle=False)
            return array

    def header(self, name: str) -> Header:
        """The type and shape of an array."""
        with self._archive.open(self._members[name]) as stream:
            header = _read_header(stream)
        if header.dtype.hasobject:
            raise ValueError(f"the array “{name}” holds Python objects")
        return header

    def _start(self, member: zipfile.ZipInfo) -> int:
        """Where a member's bytes begin: behind its local header, which has its own lengths."""
        with self._path.open("rb") as stream:
            stream.seek(member.header_offset)
            fields = _LOCAL_HEADER.unpack(stream.read(_LOCAL_HEADER.size))
        return member.header_offset + _LOCAL_HEADER.size + int(fields[-2]) + int(fields[-1])


def _read_header(stream: IO[bytes]) -> Header:
    version = np.lib.format.read_magic(stream)
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }.get(version)
    if read is None:
        raise ValueError(f"the array format {version} is not known")
    shape, is_fortran, dtype = read(stream)
    return Header(dtype, shape, is_fortran, stream.tell())
