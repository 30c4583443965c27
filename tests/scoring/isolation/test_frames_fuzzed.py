"""Whatever comes over the pipe, and however it is cut, there is a result or one of two refusals."""

import json
import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.isolation.frames import BadFrame, Reader, TooMuch

LIMIT = 100_000
FOUR = struct.pack("<4f", 0.0, 1.0, float("nan"), float("-inf"))


def frame(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack(">I", len(text)) + text + data


HELLO = frame({"kind": "hello", "nonce": "n"})
DONE = frame({"kind": "done"})
ARRAY = frame({"kind": "array", "name": "y", "dtype": "<f4", "shape": [2, 2], "size": 16}, FOUR)

numbers = st.one_of(st.integers(), st.floats(allow_nan=False), st.booleans(), st.none())
values = st.recursive(
    st.one_of(numbers, st.text(max_size=8)),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
kinds = st.sampled_from(["hello", "progress", "array", "file", "fault", "done", "other"])
keys = {
    "nonce": st.one_of(st.text(max_size=3), values),
    "name": st.one_of(st.sampled_from(["y", "z", "..", "a/b", ""]), values),
    "dtype": st.one_of(st.sampled_from(["<f4", "<f8", "|b1", "O", "<U3", ">i4", "<i8"]), values),
    "shape": st.one_of(st.lists(st.integers(-2, 2**63), max_size=9), values),
    "size": st.one_of(st.integers(0, 40), st.integers(), values),
    "code": st.one_of(st.just("model_failed"), values),
    "params": values,
    "done": numbers,
    "total": numbers,
}
headers = st.fixed_dictionaries({"kind": st.one_of(kinds, values)}, optional=keys)
frames = st.one_of(
    st.builds(frame, headers, st.binary(max_size=40)),
    st.sampled_from([HELLO, ARRAY, DONE]),
    st.builds(frame, st.binary(max_size=60)),
    st.binary(max_size=40),
)


def outcome(stream, sizes):
    """What comes of a stream in pieces of these sizes, over and over, as a text to compare."""
    reader = Reader(limit=LIMIT, on_progress=lambda *_: None)
    at = 0
    try:
        while at < len(stream):
            for size in sizes:
                reader.feed(stream[at : at + size])
                at += size
    except (BadFrame, TooMuch) as error:
        return type(error).__name__
    received = reader.received
    arrays = {name: (one.shape, one.tobytes()) for name, one in received.arrays.items()}
    return repr((received.nonce, arrays, received.files, received.fault, received.is_done))


@settings(max_examples=300, deadline=None)
@given(st.lists(frames, max_size=6), st.booleans(), st.lists(st.integers(1, 50), min_size=1))
def test_whatever_comes_is_taken_or_refused_alike_however_it_is_cut(some, has_hello, sizes):
    stream = (HELLO if has_hello else b"") + b"".join(some)
    assert outcome(stream, [len(stream) or 1]) == outcome(stream, sizes)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_sound_stream_with_one_byte_changed_is_taken_or_refused(data):
    stream = bytearray(HELLO + ARRAY + DONE)
    stream[data.draw(st.integers(0, len(stream) - 1))] = data.draw(st.integers(0, 255))
    outcome(bytes(stream), [len(stream)])


def test_a_stream_that_ends_early_is_never_done():
    whole = HELLO + ARRAY + DONE
    assert outcome(whole, [len(whole)]).endswith("True)")
    for size in range(len(whole)):
        assert outcome(whole[:size], [len(whole)]).endswith("False)")


def test_a_hello_that_is_missing_or_comes_twice_is_refused():
    for stream in (DONE, ARRAY, HELLO + HELLO, HELLO + DONE + DONE, HELLO + DONE + ARRAY):
        assert outcome(stream, [len(stream)]) == "BadFrame"
