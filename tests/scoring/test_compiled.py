"""The compiled reader: the same table as the library's, or none at all."""

import struct

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scoring.compiled import CHUNK_BYTES, read_plain
from scoring.contract import Layout, Limits
from scoring.errors import InvalidSubmission
from scoring.reading import open_file, read_checked, read_fast

LAYOUT = Layout(id_column="id", columns={"label": "integer", "p": "number", "q": "number"})
COLUMNS = ("id", "label", "p", "q")
HEADER = "id,label,p,q\n"


def compiled(text, *, rows, columns=COLUMNS, layout=LAYOUT):
    content = text if isinstance(text, bytes) else text.encode()
    return read_plain(content, columns=columns, layout=layout, rows=rows)


def float_of(text):
    """The float that the compiled reader makes of a text, or None."""
    layout = Layout(id_column="id", columns={"p": "number"})
    table = compiled(f"id,p\n1,{text}\n", rows=1, columns=("id", "p"), layout=layout)
    return None if table is None else table.columns["p"][0]


def test_an_ordinary_file_becomes_its_columns():
    table = compiled(HEADER + "5,-3,0.25,1e-3\n7,12,-.5,4.\n", rows=2)
    assert table.ids.tolist() == [5, 7]
    assert table.columns["label"].tolist() == [-3, 12]
    assert table.columns["p"].tolist() == [0.25, -0.5]
    assert table.columns["q"].tolist() == [0.001, 4.0]


def test_columns_may_stand_in_any_order_and_the_last_line_may_be_open():
    table = compiled("q,id,p,label\n1,5,2,3", rows=1, columns=("q", "id", "p", "label"))
    assert [table.columns[name][0] for name in ("label", "p", "q")] == [3, 2.0, 1.0]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (HEADER + "1,2,3,4\n", 2),
        (HEADER + "1,2,3,4\n2,2,3,4\n", 1),
        (HEADER + "1,2,3,4\n\n", 1),
        (HEADER + "1,2,3,4,5\n", 1),
        (HEADER + "1,2,3\n", 1),
        (HEADER + "1,2,3,4\r\n", 1),
        (HEADER + '1,2,"3",4\n', 1),
        (HEADER + "1,2, 3,4\n", 1),
        (HEADER + "+1,2,3,4\n", 1),
        (HEADER + "1,2.0,3,4\n", 1),
        (HEADER + "1,,3,4\n", 1),
        (HEADER + "1,2,,4\n", 1),
        (HEADER + "1,2,-,4\n", 1),
        (HEADER + "1,2,.,4\n", 1),
        (HEADER + "1,2,1e,4\n", 1),
        (HEADER + "1,2,1.2.3,4\n", 1),
        (HEADER + "1,2,nan,4\n", 1),
        (HEADER + "1,2,inf,4\n", 1),
        (HEADER + "1,2,1e999,4\n", 1),
        (HEADER + "1,2,0x10,4\n", 1),
        (HEADER + "1,2,1_0,4\n", 1),
        (HEADER + "1," + "9" * 19 + ",3,4\n", 1),
        (HEADER + "1,2,3\0,4\n", 1),
        ("id;label;p;q\n1;2;3;4\n", 1),
        ("id,label,p,q\r\n1,2,3,4\r\n", 1),
        (HEADER, 1),
        (HEADER + "9" * (CHUNK_BYTES + 5), 1),
    ],
)
def test_anything_unusual_is_left_to_the_library(text, rows):
    assert compiled(text, rows=rows) is None


def test_a_byte_order_mark_and_many_chunks_are_ordinary():
    size = 200_000
    lines = "".join(f"{row},{row % 10},{row / 7!r},0.{row}\n" for row in range(size))
    table = compiled(b"\xef\xbb\xbf" + (HEADER + lines).encode(), rows=size)
    np.testing.assert_array_equal(table.columns["label"], np.arange(size) % 10)
    np.testing.assert_array_equal(table.columns["p"], np.arange(size) / 7)
    assert table.columns["q"][199_999] == 0.199999


@given(st.integers(0, 2**64 - 1))
@example(0x0010000000000000)
@example(0x7FEFFFFFFFFFFFFF)
@settings(max_examples=2000)
def test_every_float_is_read_as_it_was_written_or_not_at_all(bits):
    value = struct.unpack("d", struct.pack("Q", bits))[0]
    if value != value or value in (float("inf"), float("-inf")):
        return
    for text in (repr(value), f"{value:.17e}", f"{value:.18e}"):
        found = float_of(text)
        # The smallest floats, and some in the middle between two, are left to the library.
        assert found is None or found == value


@given(st.from_regex(r"-?[0-9]{0,22}(\.[0-9]{0,22})?([eE][+-]?[0-9]{1,5})?", fullmatch=True))
@example("9007199254740993")
@example("0.000000000000000000000000000001234")
@example("1e23")
@example("8.5e22")
@example("9223372036854775807.5")
@settings(max_examples=3000)
def test_a_decimal_is_the_nearest_float_or_left_to_the_library(text):
    found = float_of(text)
    if found is not None:
        assert found == float(text)


FIELDS = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.floats(allow_nan=True, allow_infinity=True).map(repr),
    st.decimals(allow_nan=False, allow_infinity=False, places=6).map(str),
    st.sampled_from(["", " 1", "1 ", '"1"', "1e5", "1E-400", "--1", "1.", ".5", "+5", "0x1", "é"]),
)


@given(
    st.lists(st.tuples(st.integers(-5, 40), FIELDS, FIELDS, FIELDS), min_size=1, max_size=6),
    st.sampled_from(["\n", "\r\n", "\n\n"]),
    st.booleans(),
)
@settings(max_examples=1500, deadline=None)
def test_what_it_reads_the_library_reads_too(tmp_path_factory, rows, end, is_closed):
    text = HEADER + end.join(",".join(map(str, row)) for row in rows) + (end if is_closed else "")
    table = compiled(text, rows=len(rows))
    if table is None:
        return
    path = tmp_path_factory.mktemp("files") / "f.csv"
    path.write_text(text, newline="")
    try:
        file = open_file(
            path, name="f.csv", layout=LAYOUT, limits=Limits(), expected_rows=len(rows)
        )
        library = read_fast(file) or read_checked(file).table
    except InvalidSubmission as error:
        raise AssertionError(f"the library refuses what was read: {text!r}") from error
    np.testing.assert_array_equal(table.ids, library.ids)
    for name, column in table.columns.items():
        np.testing.assert_array_equal(column, library.columns[name])
