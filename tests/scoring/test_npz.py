"""Arrays in an NPZ file: numpy's own files are read, and nothing is unpickled or believed."""

import io
import pickle

import numpy as np
import pytest
from scoring_files import npz, zipped

from scoring.arrays import read_array
from scoring.errors import InvalidSubmission
from scoring.npz import array_names, read_headers


def read(content, name="a", limit=10**6):
    stream = io.BytesIO(content)
    members = array_names(stream)[name]
    (header,) = read_headers(stream, [(name, members[0])], limit=limit)
    return read_array(stream, header)


def npy(header: bytes, values: bytes = b"", magic: bytes = b"\x93NUMPY\x01\x00") -> bytes:
    return magic + len(header).to_bytes(2, "little") + header + values


def header(descr="'<i8'", shape="(1,)") -> bytes:
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()


@pytest.mark.parametrize(
    "values",
    [
        np.arange(1000),
        np.arange(1000, dtype=">i4"),
        np.linspace(0, 1, 1000, dtype=np.float16),
        np.array([2**64 - 1], dtype=np.uint64),
        np.array(["a", "é😀", ""]),
        np.array([], dtype=float),
    ],
)
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_what_numpy_writes_is_read(values, save):
    buffer = io.BytesIO()
    save(buffer, a=values, b=np.zeros((2, 2)))
    found = read(buffer.getvalue())
    assert found.dtype == values.dtype
    np.testing.assert_array_equal(found, values)


ONE = (1).to_bytes(8, "little")
REFUSED = [
    ("pickled", npz(a=[{}]), "wrong_column_type"),
    ("a pickle alone", zipped(("a.npy", pickle.dumps([1]))), "damaged_npz"),
    ("record", zipped(("a.npy", npy(header("[('x', '<i8')]"), ONE))), "wrong_column_type"),
    ("bytes", npz(a=[b"x"]), "wrong_column_type"),
    ("truth values", npz(a=[True]), "wrong_column_type"),
    ("a matrix", npz(a=[[1]]), "array_shape"),
    ("a single number", npz(a=1), "array_shape"),
    ("4 TiB claimed", zipped(("a.npy", npy(header(shape="(549755813888,)"), ONE))), "damaged_npz"),
    ("one too many", zipped(("a.npy", npy(header(), ONE * 2))), "damaged_npz"),
    ("none there", zipped(("a.npy", npy(header()))), "damaged_npz"),
    ("endless length", zipped(("a.npy", npy(header(shape=f"({'9' * 100},)"), ONE))), "damaged_npz"),
    ("endless header", zipped(("a.npy", npy(header() + b" " * 60_000, ONE))), "damaged_npz"),
    ("code", zipped(("a.npy", npy(header(shape="(len([1]),)"), ONE))), "wrong_column_type"),
    ("no version", zipped(("a.npy", npy(header(), ONE, b"\x93NUMPY\x09\x00"))), "damaged_npz"),
    ("odd width", zipped(("a.npy", npy(header("'<i7'"), ONE[:7]))), "damaged_npz"),
    ("empty member", zipped(("a.npy", b"")), "damaged_npz"),
    ("too large", npz(a=[0] * 200_000), "unpacked_too_large"),
]


@pytest.mark.parametrize(
    ("content", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_anything_else_is_refused(content, code):
    with pytest.raises(InvalidSubmission) as caught:
        read(content)
    assert caught.value.problems[0].code == code
