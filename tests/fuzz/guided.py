"""The same by Atheris: bytes that are changed towards code that no earlier file has reached.

Atheris sees into our own readers of containers, headers and rows, not into polars.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

# numba compiles its source itself, and must find it as it was written.
with atheris.instrument_imports(include=["scoring"], exclude=["scoring.compiled"]):
    from tests.fuzz import files, oracle

_SCRATCH = tempfile.TemporaryDirectory()
_HEAD_BYTES = 3


def send(data: bytes) -> None:
    """The first bytes choose name and layout, the others are the file."""
    if len(data) < _HEAD_BYTES:
        return
    name = f"mine{files.ENDINGS[data[0] % len(files.ENDINGS)]}"
    layout = files.LAYOUTS[data[1] % len(files.LAYOUTS)]
    block_bytes = (8 * 1024**2, 30, 100)[data[2] % 3]
    case = oracle.Case(name, data[_HEAD_BYTES:], layout, block_bytes)
    oracle.examine(case, Path(_SCRATCH.name))


if __name__ == "__main__":
    atheris.Setup(sys.argv, send)
    atheris.Fuzz()
