"""Every format gives the same columns, by the fast and by the exact way, and the same messages."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from scoring_files import npz, parquet, zipped

from scoring import reading
from scoring.contract import ColumnType, Layout, Limits
from scoring.errors import InvalidSubmission
from scoring.reading import open_file, read_checked, read_fast
from scoring.rows import Refusal, parse

LAYOUT = Layout(id_column="id", columns={"p": "number", "n": "integer"})
WORDS = Layout(id_column="id", id_type="text", columns={"words": "text", "items": "sequence"})
IDS, PS, NS = [3, 1, 2], [0.5, 1e-3, -2.0], [7, -8, 9]


def opened(folder, content, name="a.csv", layout=LAYOUT, expected_rows=30_000, limits=None):
    path = folder / "file"
    path.write_bytes(content)
    limits = limits or Limits()
    return open_file(path, name=name, layout=layout, limits=limits, expected_rows=expected_rows)


def csv_of(delimiter=",", end="\n"):
    lines = [delimiter.join(("p", "id", "n"))]
    lines += [delimiter.join(map(repr, row)) for row in zip(PS, IDS, NS, strict=True)]
    return (end.join(lines) + end).encode()


def jsonl_of(**separators):
    rows = zip(IDS, PS, NS, strict=True)
    lines = [json.dumps({"id": i, "p": p, "n": n}, **separators) for i, p, n in rows]
    return "\n".join(lines).encode()


COLUMNS = {"id": IDS, "p": PS, "n": NS}
SAME = [
    ("a.csv", csv_of()),
    ("a.csv", b"\xef\xbb\xbf" + csv_of(end="\r\n")),
    ("a.csv", csv_of(";")),
    ("a.csv", csv_of("|")),
    ("a.tsv", csv_of("\t")),
    ("a.csv", b'"id","p","n","note"\n3,0.5,7,"a,b"\n1,0.001,-8,""\n2,-2,9,"c\nd ""e"""\n'),
    ("a.csv.gz", gzip.compress(csv_of(), mtime=0)),
    ("a.csv.zst", zstandard.compress(csv_of())),
    ("a.zip", zipped(("x/a.jsonl", jsonl_of()))),
    ("a.jsonl", jsonl_of()),
    ("a.jsonl", b"\xef\xbb\xbf" + jsonl_of(separators=(",", ":"))),
    ("a.ndjson.gz", gzip.compress(jsonl_of().replace(b"\n", b"\r\n\n"), mtime=0)),
    ("a.parquet", parquet(**COLUMNS)),
    ("a.parquet", parquet(n=[7.0, -8.0, 9.0], p=PS, id=IDS, note=["x", "y", "z"])),
    ("a.npz", npz(**COLUMNS)),
    ("a.zip", zipped(("a.npz", npz(**COLUMNS)))),
]


@pytest.mark.parametrize(("name", "content"), SAME)
def test_the_fast_and_the_exact_way_give_the_same_columns(tmp_path, name, content):
    file = opened(tmp_path, content, name)
    for table in (read_fast(file), read_checked(file).table):
        assert table is not None
        np.testing.assert_array_equal(table.ids, IDS)
        np.testing.assert_array_equal(table.columns["p"], PS)
        np.testing.assert_array_equal(table.columns["n"], NS)
        assert (table.columns["p"].dtype, table.columns["n"].dtype) == (np.float64, np.int64)


WORD_ROWS = {"id": ["a/1", "é"], "words": ['say "hi"', "two\nlines, 😀"], "items": ["", "x y"]}
WORD_FILES = [
    ("a.csv", 'id,items,words\na/1,,"say ""hi"""\né,x y,"two\nlines, 😀"\n'.encode()),
    ("a.csv", 'id;words;items\na/1;"say ""hi""";\né;"two\nlines, 😀";x y'.encode()),
    ("a.csv", 'id|words|items\na/1|"say ""hi"""|""\né|"two\nlines, 😀"|"x y"\n'.encode()),
    ("a.parquet", parquet(**WORD_ROWS)),
    ("a.parquet", parquet(**{**WORD_ROWS, "items": [None, "x y"]})),
    ("a.npz", npz(**WORD_ROWS)),
    (
        "a.jsonl",
        b"\n".join(
            json.dumps(dict(zip(WORD_ROWS, row, strict=True))).encode()
            for row in zip(*WORD_ROWS.values(), strict=True)
        ),
    ),
    (
        "a.jsonl",
        '{"id":"a/1","words":"say \\"hi\\"","items":null}\n'
        '{"id":"é","words":"two\\nlines, 😀","items":"x y"}'.encode(),
    ),
]


@pytest.mark.parametrize(("name", "content"), WORD_FILES)
def test_texts_come_out_of_every_format_alike(tmp_path, name, content):
    file = opened(tmp_path, content, name, WORDS)
    fast = read_fast(file)
    for table in [table for table in (fast, read_checked(file).table) if table is not None]:
        assert {"id": table.ids, **table.columns} == WORD_ROWS


def test_ordinary_quotes_and_sequences_take_the_fast_way(tmp_path):
    assert [read_fast(opened(tmp_path, content, name, WORDS)) is None for name, content in WORD_FILES[:6]] == [False] * 6  # fmt: skip


RULES = [
    # text, as a whole number, as a number
    ("7", 7, 7.0),
    ("+7", 7, 7.0),
    ("-007", -7, -7.0),
    (" 7 ", 7, 7.0),
    ("7.", 7, 7.0),
    ("7.00", 7, 7.0),
    ("0" * 400 + "7", 7, 7.0),
    ("7.5", "wrong_type", 7.5),
    (".5", "wrong_type", 0.5),
    ("7e3", "wrong_type", 7000.0),
    ("1e-999", "wrong_type", 0.0),
    ("1e999", "wrong_type", "not_finite"),
    ("nan", "not_finite", "not_finite"),
    ("-Infinity", "not_finite", "not_finite"),
    ("NULL", "not_finite", "not_finite"),
    ("9223372036854775807", 2**63 - 1, 2.0**63),
    ("-9223372036854775808", -(2**63), -(2.0**63)),
    ("9223372036854775808", "out_of_range", 2.0**63),
    ("9" * 500, "out_of_range", "not_finite"),
    ("", "empty_values", "empty_values"),
    ("  ", "empty_values", "empty_values"),
    ("cat", "wrong_type", "wrong_type"),
    ("0x1f", "wrong_type", "wrong_type"),
    ("1_000", "wrong_type", "wrong_type"),
    ("1,000", "wrong_type", "wrong_type"),
    ("0,5", "wrong_type", "wrong_type"),
    ("1 000", "wrong_type", "wrong_type"),
    ("1d5", "wrong_type", "wrong_type"),
    ("١", "wrong_type", "wrong_type"),
    ("true", "wrong_type", "wrong_type"),
    ("1e", "wrong_type", "wrong_type"),
]


@pytest.mark.parametrize(("text", "whole", "number"), RULES)
def test_each_way_to_write_a_number_has_its_verdict(tmp_path, text, whole, number):
    for kind, expected in ((ColumnType.INTEGER, whole), (ColumnType.NUMBER, number)):
        value = parse(text, kind)
        assert (value.code if isinstance(value, Refusal) else value) == expected
        layout = Layout(id_column="id", columns={"x": kind})
        file = opened(tmp_path, f'id,x\n1,"{text}"\n'.encode(), layout=layout)
        fast, checked = read_fast(file), read_checked(file)
        if isinstance(expected, str):
            assert fast is None
            assert [problem.code for problem in checked.problems] == [expected]
        else:
            assert checked.table.columns["x"].tolist() == [expected]
            assert fast is None or fast.columns["x"].tolist() == [expected]


BAD_ROWS = [
    (
        "a.csv",
        b"id,p,n\n1,0.5,7\n2,cat,8\n3,,9\n4,inf,9999999999999999999\nx,1,1\n6,1,1.5\n7,1\n",
        "line {}",
        1,
    ),
    (
        "a.jsonl",
        (
            b'{"id":1,"p":0.5,"n":7}\n{"id":2,"p":"cat","n":8}\n{"id":3,"n":9}\n'
            b'{"id":4,"p":Infinity,"n":9999999999999999999}\n{"id":"x","p":1,"n":1}\n'
            b'{"id":6,"p":1,"n":1.5}\n[7, 1]\n'
        ),
        "line {}",
        0,
    ),
]


@pytest.mark.parametrize(("name", "content", "place", "head"), BAD_ROWS)
def test_each_bad_row_of_a_text_is_told_with_line_id_and_value(
    tmp_path, name, content, place, head
):
    file = opened(tmp_path, content, name)
    assert read_fast(file) is None
    checked = read_checked(file)
    found = {
        (problem.code, problem.params.get("column", "")): problem for problem in checked.problems
    }
    at = {row: place.format(row + head) for row in range(1, 8)}
    quoted = '"cat"' if head == 0 else "cat"
    unquoted = '"x"' if head == 0 else "x"
    assert found["wrong_type", "p"].examples == (f"{at[2]}: id 2 → “{quoted}”",)
    assert found["empty_values", "p"].examples == (f"{at[3]}: id 3",)
    assert found["not_finite", "p"].count == 1
    assert found["out_of_range", "n"].examples == (f"{at[4]}: id 4 → “9999999999999999999”",)
    assert found["wrong_type", "id"].examples == (f"{at[5]} → “{unquoted}”",)
    assert found["wrong_type", "n"].examples == (f"{at[6]}: id 6 → “1.5”",)
    assert found["wrong_type", "n"].params["expected"] == "whole numbers"
    ragged = found["ragged_rows", ""] if head else found["json_rows", ""]
    assert ragged.examples[0].startswith(f"{at[7]}: ")
    assert len(found) == 7


def test_each_bad_row_of_typed_columns_is_told_with_row_id_and_value(tmp_path):
    content = parquet(
        id=[1, 2, 3, 4, None], p=[0.5, None, float("inf"), 1.0, None], n=[1.0, 1.5, 1e300, 2.0, 1.0]
    )
    problems = read_checked(opened(tmp_path, content, "a.parquet")).problems
    told = {(problem.code, problem.params["column"]): problem.examples for problem in problems}
    assert told == {
        ("empty_values", "id"): ("row 5",),
        ("empty_values", "p"): ("row 2: id 2",),
        ("not_finite", "p"): ("row 3: id 3 → “inf”",),
        ("wrong_type", "n"): ("row 2: id 2 → “1.5”",),
        ("out_of_range", "n"): ("row 3: id 3 → “1e+300”",),
    }
    big = npz(id=[1, 2], p=[0.5, 1.0], n=np.array([2**63, 5], np.uint64))
    problems = read_checked(opened(tmp_path, big, "a.npz")).problems
    assert [(problem.code, problem.examples) for problem in problems] == [
        ("out_of_range", ("row 1: id 1 → “9223372036854775808”",))
    ]


def test_a_row_without_an_id_is_left_out_and_the_others_keep_their_place(tmp_path):
    checked = read_checked(opened(tmp_path, parquet(id=[1, None, 3], p=PS, n=NS), "a.parquet"))
    assert checked.table.ids.tolist() == [1, 3]
    assert checked.table.columns["n"].tolist() == [7, 9]
    assert checked.table.where(1) == "row 3"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (parquet(id=["1"], p=[0.5], n=[1]), "wrong_column_type"),
        (parquet(id=[1], p=[True], n=[1]), "wrong_column_type"),
        (parquet(id=[1], p=[[0.5]], n=[1]), "wrong_column_type"),
        (parquet(id=[1] * 70_000, p=[0.5] * 70_000, n=[1] * 70_000), "too_many_rows"),
        (parquet(id=[1], p=[0.5]), "missing_column"),
        (parquet(id=[1], p=[0.5], n=[1])[:-20] + b"PAR1", "damaged_parquet"),
    ],
)
def test_a_bad_parquet_file_is_refused(tmp_path, content, code):
    with pytest.raises(InvalidSubmission) as caught:
        read_checked(opened(tmp_path, content, "a.parquet"))
    assert caught.value.problems[0].code == code


def test_a_long_text_said_once_and_meant_a_thousand_times_is_too_large(tmp_path):
    layout = Layout(id_column="id", columns={"t": "text"})
    content = parquet(id=range(1000), t=["x" * 20_000] * 1000)
    assert len(content) < 100_000
    limits = Limits(unpacked_bytes=1_000_000)
    with pytest.raises(InvalidSubmission, match="more than 1000000 bytes"):
        read_checked(opened(tmp_path, content, "a.parquet", layout, limits=limits))


@pytest.mark.parametrize(
    "line",
    [
        '{"id": 1, "p": 0.5, "n": 7, "n": 8}',
        '{"id": 1, "p": 0.5, "n": 7, "\\u006e": 8}',
        '{"id": 1, "p": 0.5, "n": 7',
        '{"id": 1, "p": 0.5, "n": 07}',
        '{"id": 1, "p": "0.5", "n": 7}',
        '{"id": 1, "p": true, "n": 7}',
        '{"id": 1, "p": [0.5], "n": 7}',
        '{"id": 1, "p": 0.5, "n": 7, "x": ' + "[" * 5000,
        "1",
    ],
)
def test_an_object_that_says_too_much_or_too_little_is_refused(tmp_path, line):
    content = b'{"id": 0, "p": 0.5, "n": 7}\n' + line.encode()
    file = opened(tmp_path, content, "a.jsonl")
    assert read_fast(file) is None
    checked = read_checked(file)
    assert len(checked.problems) == 1
    assert checked.problems[0].examples[0].startswith("line 2: ")


def test_half_a_character_is_no_text(tmp_path):
    for text, code in (
        ('"\\ud83d\\ude00"', None),
        ('"\\ud83d"', "wrong_type"),
        ('"\\u0000"', "wrong_type"),
    ):
        content = f'{{"id": "a", "words": {text}, "items": ""}}'.encode()
        problems = read_checked(opened(tmp_path, content, "a.jsonl", WORDS)).problems
        assert [problem.code for problem in problems] == ([code] if code else [])


@pytest.mark.parametrize(
    "content",
    [
        b"id,p,n,x\n1,0.5,7\n",
        b"id,p,n,x\n1,0.5,7,8,9\n",
        b"id,p,n,x\n1,0.5,7\n2,1,1,1,1\n",
        b'id,p,n,x\n1,0.5,7,"a"b\n',
        b'id,p,n,x\n1,0.5,7,a"b\n2,0.5,7,c"d\n',
        b"id,p,n\n\n1,0.5,7\n",
        b"id,p,n\r1,0.5,7\n2,0.5,7\n",
        b"id,p,n\n1,0.5,7\r2,0.5,7\r\n",
        b"id,p,n\n\xef\xbb\xbf1,0.5,7\n",
        b"id,p,n,x\n" + b"1,0.5,7,x\n" * 30_000 + b"1,0.5,7,\0\n",
        b"id,p,n,x\n1,0.5,7," + b"x" * 600_000 + b"\n",
    ],
)
def test_what_polars_would_read_in_its_own_way_takes_the_exact_one(tmp_path, content):
    assert read_fast(opened(tmp_path, content)) is None


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_millions_of_blank_lines_are_too_many_rows(tmp_path, name):
    content = b'{"id": 1, "p": 0.5, "n": 7}\n' if name == "a.jsonl" else b"id,p,n\n1,0.5,7\n"
    file = opened(tmp_path, content + b"\n" * 5_000_000, name, expected_rows=1)
    assert name == "a.jsonl" or read_fast(file) is None
    with pytest.raises(InvalidSubmission, match="more than 1002 rows"):
        read_checked(file)


values = st.floats(allow_nan=False, allow_infinity=False)
# Line ends inside values, yes; other control characters make a file binary.
letters = st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.just("\n")
words = st.text(letters, min_size=1, max_size=9)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(words, values, words), min_size=1, max_size=30),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from([40, 200, 8 * 1024**2]),
)
def test_what_was_written_is_read_whatever_the_block(tmp_path_factory, rows, delimiter, block):
    layout = Layout(id_column="id", id_type="text", columns={"x": "number", "t": "text"})
    frame = pl.DataFrame(rows, schema=["id", "x", "t"], orient="row")
    usual = reading.BLOCK_BYTES
    for name, content in (
        ("a.csv", frame.write_csv(separator=delimiter, quote_style="non_numeric").encode()),
        ("a.jsonl", frame.write_ndjson().encode()),
        ("a.parquet", parquet(**frame.to_dict(as_series=False))),
    ):
        file = opened(tmp_path_factory.mktemp("x"), content, name, layout, expected_rows=30)
        try:
            reading.BLOCK_BYTES = block
            fast = read_fast(file)
        finally:
            reading.BLOCK_BYTES = usual
        checked = read_checked(file)
        assert not checked.problems
        for table in (fast, checked.table):
            if table is not None:
                assert list(zip(table.ids, table.columns["x"].tolist(), table.columns["t"], strict=True)) == rows  # fmt: skip
        # JSON with line ends in its texts, and rows over several blocks, may take the exact way.
        assert fast is not None or name == "a.jsonl" or block < 1000


def test_a_large_csv_takes_at_most_twice_its_size(tmp_path):
    path = tmp_path / "large.csv"
    line = ",".join(["0.123456"] * 10)
    path.write_text("id," + ",".join(f"p{place}" for place in range(10)) + "\n" + "".join(f"{row},{line}\n" for row in range(500_000)))  # fmt: skip
    code = """
import resource, sys
from pathlib import Path
from scoring.contract import Layout, Limits
from scoring.reading import open_file, read_fast

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

def read(path):
    layout = Layout(id_column="id", columns={f"p{place}": "number" for place in range(10)})
    file = open_file(path, name="a.csv", layout=layout, limits=Limits(), expected_rows=500_000)
    return read_fast(file)

small = Path("small.csv")
small.write_text("id," + ",".join(f"p{place}" for place in range(10)) + "\\n" + "1,1,1,1,1,1,1,1,1,1,1\\n")
read(small)
before = peak()
assert len(read(Path("large.csv")).ids) == 500_000
print(peak() - before)
"""
    root = str(Path(__file__).parents[2])
    result = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": root},
        timeout=60,
    )
    assert int(result.stdout) < 2 * path.stat().st_size
