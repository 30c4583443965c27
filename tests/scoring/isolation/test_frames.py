"""What comes over the pipe is believed only as far as it is checked."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.isolation.frames import BadFrame, Reader, TooMuch

NONCE = {"kind": "hello", "nonce": "n"}


def frame(header, data=b""):
    text = json.dumps(header).encode()
    return struct.pack(">I", len(text)) + text + data


def array(values, **other):
    data = values.tobytes()
    header = {"kind": "array", "name": "a", "dtype": values.dtype.str, "shape": list(values.shape)}
    return frame({**header, "size": len(data), **other}, data)


def read(*frames, limit=10_000, piece=0, on_progress=lambda *_: None):
    reader = Reader(limit=limit, on_progress=on_progress)
    whole = b"".join([frame(NONCE), *frames])
    step = piece or len(whole)
    for start in range(0, len(whole), step):
        reader.feed(whole[start : start + step])
    return reader.received


@pytest.mark.parametrize("piece", [0, 1, 7])
def test_arrays_and_files_arrive_whole_however_they_are_cut(piece):
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    file = frame({"kind": "file", "name": "log.txt", "size": 3}, b"abc")
    received = read(array(values), file, frame({"kind": "done"}), piece=piece)
    np.testing.assert_array_equal(received.arrays["a"], values)
    assert received.files == {"log.txt": b"abc"}
    assert received.is_done


def test_progress_is_passed_on():
    told = []
    read(
        frame({"kind": "progress", "done": 3, "total": 8}),
        on_progress=lambda *both: told.append(both),
    )
    assert told == [(3, 8)]


@pytest.mark.parametrize("dtype", ["<f2", "<f4", "<f8", "|i1", "<i4", "<i8", "|u1", "|b1"])
def test_every_plain_type_is_taken(dtype):
    values = np.ones(4, dtype=dtype)
    assert read(array(values)).arrays["a"].dtype == np.dtype(dtype)


EIGHT = np.zeros(8, dtype=np.float64)
BAD = {
    "an unknown kind": frame({"kind": "exec"}),
    "no kind": frame({}),
    "a kind that is a list": frame({"kind": ["array"], "size": 1}, b"x"),
    "not an object": frame([1]),
    "no JSON": struct.pack(">I", 4) + b"abcd",
    "JSON that nests too deep": struct.pack(">I", 50_000) + b"[" * 50_000,
    "a header that is too long": struct.pack(">I", 2**31),
    "a second hello": frame(NONCE),
    "an object's type": array(EIGHT, dtype="|O"),
    "a structured type": array(EIGHT, dtype=[["a", "<f8"]]),
    "a type that is a number": array(EIGHT, dtype=5),
    "big-endian numbers": array(EIGHT, dtype=">f8"),
    "text": array(EIGHT, dtype="<U2"),
    "a shape that is larger than the bytes": array(EIGHT, shape=[9]),
    "a shape that is smaller": array(EIGHT, shape=[7]),
    "a negative axis": array(EIGHT, shape=[-8]),
    "an axis that is true": array(EIGHT, shape=[8, True]),
    "an axis that is a fraction": array(EIGHT, shape=[8.0]),
    "a shape that is no list": array(EIGHT, shape="8"),
    "too many axes": array(EIGHT, shape=[8, *[1] * 40]),
    "axes that nobody can count": array(np.zeros(0), shape=[0, 2**62, 2**62]),
    "a boolean of 2": frame(
        {"kind": "array", "name": "a", "dtype": "|b1", "shape": [1], "size": 1}, b"\2"
    ),
    "a negative size": frame({"kind": "file", "name": "f", "size": -1}),
    "a size that is a text": frame({"kind": "file", "name": "f", "size": "1"}, b"x"),
    "a size where there is no content": frame({"kind": "done", "size": 1}, b"x"),
    "a name that is a path": frame({"kind": "file", "name": "../f", "size": 0}),
    "no name": frame({"kind": "file", "size": 0}),
    "the same name twice": array(EIGHT) + array(EIGHT),
    "anything after the end": frame({"kind": "done"}) + frame({"kind": "done"}),
    "progress beyond the end": frame({"kind": "progress", "done": 9, "total": 8}),
    "negative progress": frame({"kind": "progress", "done": -1, "total": 8}),
    "progress in fractions": frame({"kind": "progress", "done": 0.5, "total": 1}),
    "a fault without a code": frame({"kind": "fault"}),
    "a fault with a sentence for a code": frame({"kind": "fault", "code": "it wasn't me"}),
    "a fault with a list": frame({"kind": "fault", "code": "a", "params": {"x": [1]}}),
    "a fault with too many values": frame(
        {"kind": "fault", "code": "a", "params": {str(number): 1 for number in range(99)}}
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_frame_is_the_programs_fault(name):
    with pytest.raises(BadFrame):
        read(BAD[name], limit=10**6)


def test_nothing_comes_before_the_hello():
    reader = Reader(limit=1000, on_progress=lambda *_: None)
    with pytest.raises(BadFrame):
        reader.feed(frame({"kind": "done"}))


def test_more_than_the_limit_is_too_much_before_it_has_come():
    with pytest.raises(TooMuch):
        read(frame({"kind": "file", "name": "f", "size": 10**9}))


def test_many_small_frames_are_too_much_in_the_end():
    with pytest.raises(TooMuch):
        read(*[frame({"kind": "progress", "done": 1, "total": 1})] * 1000)


def test_so_are_many_parts():
    with pytest.raises(TooMuch):
        read(*[frame({"kind": "file", "name": str(n), "size": 0}) for n in range(99)], limit=10**6)


def test_a_faults_text_is_cut_and_printable():
    params = {"reason": "a\0b\x1b[31m\ud800" + "x" * 5000, "count": 3}
    code, kept = read(frame({"kind": "fault", "code": "model_failed", "params": params})).fault
    assert code == "model_failed"
    assert kept["count"] == 3
    assert kept["reason"].startswith("a�b�[31m�x")
    assert len(kept["reason"]) == 2000
    kept["reason"].encode()


@given(st.lists(st.binary(max_size=200), max_size=6))
def test_any_bytes_are_frames_or_the_programs_fault(pieces):
    reader = Reader(limit=1000, on_progress=lambda *_: None)
    try:
        for piece in pieces:
            reader.feed(piece)
    except (BadFrame, TooMuch):
        return


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
FIELDS = ["kind", "name", "dtype", "shape", "size", "code", "params", "done", "total", "nonce"]
KINDS = st.sampled_from(["hello", "progress", "array", "file", "fault", "done"])


@given(KINDS, st.dictionaries(st.sampled_from(FIELDS[1:]), JSON), st.binary(max_size=40))
def test_any_header_is_a_frame_or_the_programs_fault(kind, fields, data):
    try:
        read(frame({"kind": kind, **fields}, data))
    except (BadFrame, TooMuch):
        return
