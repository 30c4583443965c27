"""Thrift's compact protocol, as far as Parquet's metadata needs it, for bytes from strangers.

Every length is checked against the bytes that are there, and nesting is bounded. Reading past the
end raises IndexError, anything else that is not right ValueError.
"""

from __future__ import annotations

from collections.abc import Iterator

_TRUE, _FALSE, _BYTE, _DOUBLE, _SET, _MAP = 1, 2, 3, 7, 10, 11
I32, I64, BINARY, LIST, STRUCT = 5, 6, 8, 9, 12
_INTEGERS = {4, I32, I64}
_MAX_DEPTH = 30
_MAX_NUMBER_BYTES = 10


class ThriftReader:
    """Reads values one after another.

    Attributes:
        at: Where the next value begins.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def fields(self) -> Iterator[tuple[int, int]]:
        """Number and type of each field of a structure; its value must be read before the next."""
        field = 0
        while head := self._byte():
            delta, kind = head >> 4, head & 0xF
            field = field + delta if delta else self.integer()
            yield field, kind

    def skip(self, kind: int, depth: int = 0) -> None:
        """Pass over a value that is not needed."""
        if depth > _MAX_DEPTH:
            raise ValueError("nested too deeply")
        if kind in {_TRUE, _FALSE}:
            return
        if kind == _BYTE:
            self.at += 1
        elif kind in _INTEGERS:
            self._number()
        elif kind == _DOUBLE:
            self.at += 8
        elif kind == BINARY:
            self.binary()
        elif kind in {LIST, _SET}:
            self._skip_items(depth)
        elif kind == STRUCT:
            for _, inner in self.fields():
                self.skip(inner, depth + 1)
        elif kind == _MAP:
            self._skip_map(depth)
        else:
            raise ValueError("no such type")

    def _skip_items(self, depth: int) -> None:
        head = self._byte()
        length, kind = head >> 4, head & 0xF
        length = self._number() if length == 15 else length
        for _ in range(self._bounded(length)):
            # A truth value is written in its field's type, but as a byte inside a list.
            self.skip(_BYTE if kind in {_TRUE, _FALSE} else kind, depth + 1)

    def _skip_map(self, depth: int) -> None:
        length = self._bounded(self._number())
        kinds = self._byte() if length else 0
        for _ in range(length):
            self.skip(kinds >> 4, depth + 1)
            self.skip(kinds & 0xF, depth + 1)

    def list_length(self, kind: int = STRUCT) -> int:
        """How many items a list has, which are of this type."""
        head = self._byte()
        if head & 0xF != kind:
            raise ValueError("items of another type")
        return self._bounded(self._number() if head >> 4 == 15 else head >> 4)

    def _bounded(self, length: int) -> int:
        """A number of items, each of which takes a byte at least."""
        if length > len(self.data) - self.at:
            raise ValueError("more items than bytes")
        return length

    def binary(self) -> bytes:
        """Bytes, or a text in UTF-8."""
        length = self._bounded(self._number())
        self.at += length
        return self.data[self.at - length : self.at]

    def integer(self) -> int:
        """A whole number with sign."""
        number = self._number()
        return (number >> 1) ^ -(number & 1)

    def _number(self) -> int:
        number = 0
        for shift in range(0, 7 * _MAX_NUMBER_BYTES, 7):
            byte = self._byte()
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number
        raise ValueError("an endless number")

    def _byte(self) -> int:
        byte = self.data[self.at]
        self.at += 1
        return byte
