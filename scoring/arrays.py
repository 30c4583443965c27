"""The arrays of an NPZ file, whose headers fit already, read straight into numpy."""

from __future__ import annotations

from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from scoring.archives import CHUNK, DAMAGE, open_member
from scoring.errors import InvalidSubmission, Problem
from scoring.npz import ArrayHeader


def read_array(stream: BinaryIO, header: ArrayHeader) -> NDArray[Any]:
    """The values of one array of shape (n,), of which nothing is ever unpickled.

    Raises:
        InvalidSubmission: they are damaged.
    """
    try:
        values = np.empty(header.shape, dtype=np.dtype(header.descr))
        content = open_member(stream, header.member)
        left = header.data_at
        while left:
            left -= len(content.read(left))
        target = memoryview(values.data).cast("B") if values.nbytes else memoryview(b"")
        at = 0
        while chunk := content.read(CHUNK):
            target[at : at + len(chunk)] = chunk
            at += len(chunk)
    except (*DAMAGE, ValueError, TypeError) as error:
        raise InvalidSubmission(Problem("damaged_npz")) from error
    if at != values.nbytes:
        raise InvalidSubmission(Problem("damaged_npz"))
    return values
