"""Packed files: whole ones come out as they went in, all others end in a sentence."""

import io
import random

import pytest
import zstandard
from scoring_files import gzipped, lying, zipped

from scoring.errors import InvalidSubmission
from scoring.unpacking import FREE_BYTES, Format, Packing, kind_of, read_capped, unpacked

TEXT = b"id,label\n" + b"".join(b"%d,%d\n" % (row, row % 10) for row in range(50_000))


def unpack(content, name, limit=10**9):
    stream = io.BytesIO(content)
    with unpacked(stream, name, limit=limit) as (format_, inner):
        return format_, read_capped(inner, limit=limit, packed_bytes=len(content))


def code_of(content, name, **kwargs):
    with pytest.raises(InvalidSubmission) as caught:
        unpack(content, name, **kwargs)
    return caught.value.problems[0].code


WHOLE = [
    ("a.csv", TEXT),
    ("a.csv.gz", gzipped(TEXT)),
    ("a.csv.gz", gzipped(TEXT[:999]) + gzipped(TEXT[999:])),
    ("a.csv.gz", gzipped(TEXT) + b"\0" * 500),
    ("a.csv.zst", zstandard.compress(TEXT)),
    ("a.csv.zst", zstandard.compress(TEXT[:999]) + zstandard.compress(TEXT[999:])),
    ("a.csv.zst", zstandard.ZstdCompressor(write_content_size=False).compress(TEXT)),
    ("a.csv.zst", b"\x50\x2a\x4d\x18\x03\0\0\0abc" + zstandard.compress(TEXT)),
    ("a.zip", zipped(("a.csv", TEXT))),
    ("a.zip", zipped(("a.csv", TEXT), compression=0)),
]


@pytest.mark.parametrize(("name", "content"), WHOLE)
def test_what_was_packed_comes_out(name, content):
    assert unpack(content, name) == (Format.CSV, TEXT)


@pytest.mark.parametrize(("name", "content"), WHOLE[1:])
def test_a_file_that_was_cut_short_or_changed_is_damaged(name, content):
    randomness = random.Random(name)
    for _ in range(20):
        cut = content[: randomness.randrange(30, len(content) - 520)]
        assert code_of(cut, name) == "damaged_archive"
    if name.endswith(".zst"):
        return  # the checksum is optional there, and most writers leave it out
    place = len(content) // 2
    changed = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
    assert code_of(changed, name) == "damaged_archive"


def test_a_limit_ends_the_unpacking():
    for name, content in WHOLE[1:]:
        assert code_of(content, name, limit=1000) == "unpacked_too_large"


def test_a_size_that_lies_is_damage():
    assert code_of(lying(zipped(("a.csv", TEXT)), size=100), "a.zip") == "damaged_archive"
    assert code_of(lying(zipped(("a.csv", TEXT)), size=10**6), "a.zip") == "damaged_archive"


def test_hundreds_of_times_its_size_is_too_much():
    bomb = zstandard.compress(b"1,1\n" * FREE_BYTES)
    assert code_of(bomb, "a.csv.zst") == "expansion_ratio"
    assert unpack(zstandard.compress(b"1,1\n" * 10**6), "a.csv.zst")[1].count(b"\n") == 10**6


@pytest.mark.parametrize("empty", [gzipped(b""), zstandard.compress(b"")])
def test_millions_of_empty_pieces_are_refused(empty):
    name = "a.csv.gz" if empty.startswith(b"\x1f") else "a.csv.zst"
    assert code_of(empty * 200_000, name) == "damaged_archive"


def test_a_zstd_window_that_would_cost_gigabytes_is_refused():
    parameters = zstandard.ZstdCompressionParameters(window_log=30, enable_ldm=True)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    assert code_of(compressor.compress(TEXT) + compressor.flush(), "a.csv.zst") == "damaged_archive"


@pytest.mark.parametrize(
    ("name", "packing", "format_"),
    [
        ("a.csv", Packing.NONE, Format.CSV),
        (".csv", Packing.NONE, Format.CSV),
        ("A.B.TSV", Packing.NONE, Format.CSV),
        ("../x.y/a.jsonl.gz", Packing.GZIP, Format.JSON_LINES),
        ("a.ndjson.zst", Packing.ZSTD, Format.JSON_LINES),
        ("a.csv.zip", Packing.ZIP, Format.CSV),
        ("a.pq", Packing.NONE, Format.PARQUET),
        ("a.npz", Packing.NONE, Format.NPZ),
    ],
)
def test_the_name_says_what_a_file_is(name, packing, format_):
    kind = kind_of(name)
    assert (kind.packing, kind.format) == (packing, format_)


@pytest.mark.parametrize(
    "name", ["", "csv", "a", "a.gz", "a.npz.gz", "a.csv/b", "a.csv.", "a.json"]
)
def test_any_other_name_is_refused(name):
    with pytest.raises(InvalidSubmission, match="not a kind of file"):
        kind_of(name)
