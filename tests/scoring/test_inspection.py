"""The check at the door: each kind of bad file, and how fast it is refused."""

import io
import subprocess
import sys
import time

import pytest
from scoring_files import LAYOUT, PERFECT, encrypted, gzipped, lying, overlapping, zipped

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
    ("semicolons", "a.csv", PERFECT.replace(b",", b";"), "wrong_delimiter"),
    ("tabs", "a.csv", PERFECT.replace(b",", b"\t"), "wrong_delimiter"),
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
    ("no Parquet", "a.parquet", PERFECT, "damaged_parquet"),
    ("cut Parquet", "a.parquet", b"PAR1" + b"\0" * 20, "damaged_parquet"),
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
        ("a.csv.gz", gzipped(PERFECT)),
        ("a.zip", zipped(("deep/er/a.csv", PERFECT), ("__MACOSX/._a.csv", b"x"))),
        ("../../etc/a.csv", PERFECT),
        ("a.csv", "id,label,ü\n1,2,3\n".encode() + "4,5,é\n".encode() * 60_000),
    ],
)
def test_a_good_file_passes(name, content):
    inspect(name, content)


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
