"""Parquet's own words about itself: read exactly, and never believed where they do not fit."""

import io

import polars as pl
import pytest

from scoring.errors import InvalidSubmission
from scoring.pages import check_pages
from scoring.parquet import read_footer

ROWS = 1000
FRAME = pl.DataFrame(
    {
        "id": range(ROWS),
        "né": ["cat", "dog"] * (ROWS // 2),
        "list": [[1, 2]] * ROWS,
        "struct": [{"a": 1, "b": {"c": 2}}] * ROWS,
        "x": [0.5, None] * (ROWS // 2),
    }
)


def written(**options) -> io.BytesIO:
    buffer = io.BytesIO()
    FRAME.write_parquet(buffer, **options)
    return buffer


@pytest.mark.parametrize("group", [70, ROWS])
@pytest.mark.parametrize("compression", ["zstd", "snappy", "uncompressed", "gzip", "lz4", "brotli"])
def test_a_whole_file_is_understood(group, compression):
    stream = written(row_group_size=group, compression=compression, metadata={"by": "us"})
    footer = read_footer(stream)
    assert (list(footer.columns), footer.rows) == (FRAME.columns, ROWS)
    assert footer.unpacked_bytes >= ROWS * 8
    check_pages(stream, footer, columns=["id", "né", "x"], limit=10**6)


def test_its_size_unpacked_is_known_before_a_value_is_read():
    stream = io.BytesIO()
    pl.DataFrame({"id": range(10**6), "x": [0] * 10**6}).write_parquet(stream)
    footer = read_footer(stream)
    assert footer.unpacked_bytes > 4 * 10**6
    with pytest.raises(InvalidSubmission, match="more than 1000000 bytes"):
        check_pages(stream, footer, columns=["id"], limit=10**6)


def test_a_page_that_lies_of_its_size_is_refused():
    stream = written(compression="uncompressed", statistics=False)
    content = stream.getvalue()
    start = read_footer(stream).chunks[0].start
    # The header begins with the page's kind; then come its unpacked and its packed size.
    changed = content[: start + 3] + b"\xff" * 4 + content[start + 7 :]
    with pytest.raises(InvalidSubmission, match="not a whole Parquet file"):
        check_pages(io.BytesIO(changed), read_footer(stream), columns=["id"], limit=10**6)


def test_values_packed_as_differences_are_refused_in_words():
    stream = written(statistics=False)
    footer = read_footer(stream)
    start = footer.chunks[0].start
    content = bytearray(stream.getvalue())
    # The data page's header names the encodings of values and of levels: 8 or 0, and 3.
    places = [content.find(bytes([0x15, 2 * code, 0x15, 6]), start) for code in (0, 8)]
    content[min(place for place in places if place > 0) + 1] = 2 * 5
    with pytest.raises(InvalidSubmission, match="plain or dictionary encoding"):
        check_pages(io.BytesIO(bytes(content)), footer, columns=["id"], limit=10**6)


def test_a_footer_cut_anywhere_is_damaged():
    content = written().getvalue()
    for cut in range(1, 400, 7):
        with pytest.raises(InvalidSubmission, match="not a whole Parquet file"):
            read_footer(io.BytesIO(content[:-cut]))
        try:
            assert read_footer(io.BytesIO(content[: -8 - cut] + content[-8:])).rows != ROWS
        except InvalidSubmission as error:
            assert [problem.code for problem in error.problems] == ["damaged_parquet"]  # noqa: PT017


def test_a_footer_of_endless_lists_is_refused_at_once():
    footer = b"\x29\xfc" + b"\xff" * 9 + b"\x01" + b"\x19" * 50
    content = b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1"
    with pytest.raises(InvalidSubmission, match="not a whole Parquet file"):
        read_footer(io.BytesIO(content))
