"""The check at the door: each kind of bad file, and how fast it is refused."""

import io
import subprocess
import sys
import time

import pytest
import zstandard
from scoring_files import (
    LAYOUT,
    PERFECT,
    encrypted,
    gzipped,
    lying,
    npz,
    overlapping,
    parquet,
    zipped,
)

from scoring.contract import Limits
from scoring.errors import InvalidSubmission
from scoring.inspection import inspect_upload

FIVE_MILLION_COLUMNS = b"id,label" + b",c" * 5_000_000 + b"\n1,2\n"

REFUSED = [
    ("empty", "a.csv", b"", "empty_file"),
    ("only blanks", "a.csv", b"\n\n", "empty_file"),
    ("no rows", "a.csv", b"id,label\n", "no_rows"),
    ("no rows, blank line", "a.csv", b"id,label\r\n\r\n", "no_rows"),
    ("binary rubbish", "a.csv", bytes(range(256)) * 40, "binary_file"),
    ("NUL inside", "a.csv", PERFECT + b"6,\0\n", "binary_file"),
    ("UTF-16 with mark", "a.csv", PERFECT.decode().encode("utf-16"), "utf16"),
    ("UTF-16 without mark", "a.csv", PERFECT.decode().encode("utf-16-le"), "utf16"),
    ("UTF-16 big-endian", "a.csv", PERFECT.decode().encode("utf-16-be"), "utf16"),
    ("Latin-1", "a.csv", "id,label,é\n1,2,3\n".encode("latin-1"), "not_utf8"),
    ("spaces", "a.csv", PERFECT.replace(b",", b" "), "wrong_delimiter"),
    ("a semicolon too much", "a.csv", b"id;other\n1;2\n", "missing_column"),
    ("two delimiters", "a.csv", b"id;x|label|id\n1;2|3|4\n", "missing_column"),
    ("a quote left open", "a.csv", b'id,label,"x\n1,2,3\n', "unclosed_quote"),
    ("a quote astray", "a.csv", b'id,label,"x"y\n1,2,3\n', "misplaced_quote"),
    ("5 million columns", "a.csv", FIVE_MILLION_COLUMNS, "too_many_columns"),
    ("endless header", "a.csv", b"x" * 5_000_000, "header_too_long"),
    ("missing column", "a.csv", b"id,other\n1,2\n", "missing_column"),
    ("misspelled column", "a.csv", b"id,Lable\n1,2\n", "misspelled_column"),
    ("duplicate column", "a.csv", b"id,label,label\n1,2,3\n", "duplicate_column"),
    ("spreadsheet", "a.xlsx", b"PK\x03\x04", "unsupported_extension"),
    ("no extension", "a", PERFECT, "unsupported_extension"),
    ("zip named csv", "a.csv", zipped(("a.csv", PERFECT)), "disguised_file"),
    ("too large", "a.csv", PERFECT + b"\n" * 3_000_000, "file_too_large"),
    ("zip of nothing", "a.zip", zipped(), "archive_contents"),
    ("zip of two", "a.zip", zipped(("a.csv", PERFECT), ("b.csv", PERFECT)), "archive_contents"),
    ("zip of zip", "a.zip", zipped(("a.zip", zipped(("a.csv", PERFECT)))), "archive_contents"),
    ("encrypted zip", "a.zip", encrypted(zipped(("a.csv", PERFECT))), "encrypted_archive"),
    (
        "overlapping zip",
        "a.zip",
        overlapping(zipped(("a.csv", PERFECT), ("notes.txt", b"x" * 9))),
        "damaged_archive",
    ),
    ("something before a zip", "a.zip", b"x" + zipped(("a.csv", PERFECT)), "damaged_archive"),
    ("cut zip", "a.zip", zipped(("a.csv", PERFECT))[:-30], "damaged_archive"),
    ("zip rubbish", "a.zip", b"rubbish" * 9, "damaged_archive"),
    ("cut gzip", "a.csv.gz", gzipped(PERFECT)[:-12], "damaged_archive"),
    ("not gzip", "a.csv.gz", PERFECT, "damaged_archive"),
    ("honest zip bomb", "a.zip", zipped(("a.csv", b"1" * 2_000_000)), "unpacked_too_large"),
    ("honest gzip bomb", "a.csv.gz", gzipped(b"1" * 2_000_000), "unpacked_too_large"),
    (
        "lying zip bomb",
        "a.zip",
        lying(zipped(("a.csv", b"1" * 2_000_000)), size=40),
        "damaged_archive",
    ),
    ("cut zstd", "a.csv.zst", zstandard.compress(PERFECT)[:-3], "damaged_archive"),
    ("not zstd", "a.csv.zst", PERFECT, "damaged_archive"),
    ("zstd named csv", "a.csv", zstandard.compress(PERFECT), "disguised_file"),
    ("a million empty pieces", "a.csv.gz", gzipped(b"") * 900_000, "damaged_archive"),
    ("gzip of Parquet", "a.parquet.gz", gzipped(parquet(id=[1])), "unsupported_extension"),
    ("no object", "a.jsonl", PERFECT, "not_json_lines"),
    ("a list", "a.jsonl", b"[[1, 2]]\n", "not_json_lines"),
    ("a deep list", "a.jsonl", b"[" * 100_000, "not_json_lines"),
    ("a document", "a.jsonl", b'{\n"id": 1,\n"label": 2}\n', "not_json_lines"),
    ("a missing key", "a.jsonl", b'{"id": 1}\n', "missing_column"),
    ("a key twice", "a.jsonl", b'{"id": 1, "label": 2, "id": 3}\n', "duplicate_column"),
    ("an endless object", "a.jsonl", b'{"id": 1, "x": "' + b"x" * 300_000, "row_too_long"),
    ("no arrays", "a.npz", PERFECT, "damaged_npz"),
    ("a missing array", "a.npz", npz(id=[1]), "missing_column"),
    ("a table of arrays", "a.npz", npz(id=[1], label=[[1, 2]]), "array_shape"),
    ("arrays of two lengths", "a.npz", npz(id=[1, 2], label=[1]), "array_lengths"),
    ("an array of objects", "a.npz", npz(id=[1], label=[{}]), "wrong_column_type"),
    (
        "an array of dates",
        "a.npz",
        npz(id=[1], label=["2026-01-01"], dtype="M8[D]"),
        "wrong_column_type",
    ),
    ("empty arrays", "a.npz", npz(id=[], label=[]), "no_rows"),
    ("large arrays", "a.npz", npz(id=[0] * 200_000, label=[0] * 200_000), "unpacked_too_large"),
    ("no Parquet", "a.parquet", PERFECT, "damaged_parquet"),
    ("cut Parquet", "a.parquet", b"PAR1" + b"\0" * 20, "damaged_parquet"),
    (
        "large Parquet",
        "a.parquet",
        parquet(id=range(500_000), label=[1] * 500_000),
        "unpacked_too_large",
    ),
    ("Parquet column", "a.parquet", parquet(id=[1], lable=[1]), "misspelled_column"),
    ("hollow Parquet", "a.parquet", b"PAR1" + b"\xff" * 4 + b"PAR1", "damaged_parquet"),
]
LIMITS = Limits(file_bytes=1_000_000, unpacked_bytes=1_000_000)
WIDE = Limits(file_bytes=20_000_000, unpacked_bytes=1_000_000)


def inspect(name, content, limits=WIDE):
    inspect_upload(io.BytesIO(content), name=name, layout=LAYOUT, limits=limits)


@pytest.mark.parametrize(
    ("name", "content", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_bad_file_is_refused_with_a_sentence_within_milliseconds(name, content, code):
    limits = LIMITS if code == "file_too_large" else WIDE
    started = time.perf_counter()
    with pytest.raises(InvalidSubmission) as caught:
        inspect(name, content, limits)
    assert time.perf_counter() - started < 0.25
    assert code in [problem.code for problem in caught.value.problems]
    assert str(caught.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", PERFECT),
        ("A.CSV", PERFECT),
        ("a.csv", b"\xef\xbb\xbf" + PERFECT.replace(b"\n", b"\r\n")),
        ("a.csv", b'"id","label","note"\n1,2,"a,b"\n'),
        ("a.csv", b"label , id\n1,2\n"),
        ("a.csv", PERFECT.replace(b",", b";")),
        ("a.csv", PERFECT.replace(b",", b"|")),
        ("a.tsv", PERFECT.replace(b",", b"\t")),
        ("a.csv", b"id;x,label,id\n1;2,3,4\n"),
        ("a.csv.gz", gzipped(PERFECT)),
        ("a.csv.zst", zstandard.compress(PERFECT)),
        ("a.jsonl", b'\xef\xbb\xbf\n{"label": 7, "id": 1, "note": [{"x": null}]}\n'),
        ("a.ndjson", b'{"id": 1, "label": 7}'),
        ("a.jsonl.gz", gzipped(b'{"id": 1, "label": 7}\r\n' * 20_000)),
        ("a.npz", npz(id=[1, 2], label=[7.0, 8.0])),
        ("a.zip", zipped(("a.npz", npz(id=[1], label=[7])))),
        ("a.parquet", parquet(id=[1], label=[7], note=[[{"a": [1]}]])),
        ("a.zip", zipped(("deep/er/a.csv", PERFECT), ("__MACOSX/._a.csv", b"x"))),
        ("../../etc/a.csv", PERFECT),
        ("a.csv", "id,label,ü\n1,2,3\n".encode() + "4,5,é\n".encode() * 60_000),
    ],
)
def test_a_good_file_passes(name, content):
    inspect(name, content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.zip", zipped(("a.csv", b"id,label\n" + b"1,1\n" * 5_000_000))),
        ("a.csv.gz", gzipped(b"id,label\n" + b"1,1\n" * 5_000_000)),
    ],
)
def test_what_unpacks_to_hundreds_of_times_its_size_is_refused_unread(name, content):
    limits = Limits(unpacked_bytes=10**9)
    with pytest.raises(InvalidSubmission, match="more than 500 times its size"):
        inspect(name, content, limits)


def test_the_closest_column_is_suggested():
    with pytest.raises(InvalidSubmission, match="did you mean it by “Labels”"):
        inspect("a.csv", b"id,Labels\n1,2\n")


def test_a_name_with_slashes_is_shown_without_them():
    with pytest.raises(InvalidSubmission, match="“passwd”"):
        inspect("../../etc/passwd", PERFECT)


def test_the_door_needs_neither_numpy_nor_polars_nor_django():
    code = (
        "import sys, scoring.inspection, scoring.definition;"
        "print({'numpy', 'polars', 'django'} & set(sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=30
    )
    assert result.stdout == "set()\n", result.stderr
