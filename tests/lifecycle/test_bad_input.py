"""Files that people really send, through the browser's door to the worker and back.

Each ends in a sentence. What the door can see costs nothing; what only the worker can see is
rejected with its rows; nothing reaches a traceback, and the worker lives on.
"""

from __future__ import annotations

import gzip
import html
import io
import json
import re
import zipfile

import numpy as np
import pytest
import zstandard

from tests.chaos.run import predictions
from tests.stack import Browser

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("logs")]

ROWS = 1_000
GOOD = predictions(ROWS, 10)


def zipped(content: bytes, name: str = "predictions.csv") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return target.getvalue()


def submit(browser, content, name="predictions.csv", slug="arena"):
    return browser.client.post(
        f"/competitions/{slug}/submit/", files={"file": (name, content, "text/csv")}
    )


def submissions(browser) -> int:
    page = browser.client.get("/competitions/arena/submissions/").text
    return len(set(re.findall(r"/submissions/(\d+)/", page)))


def end_of(browser, response) -> str:
    """The submission's page once it has ended."""
    return html.unescape(browser.page_at_end(response.headers["Location"]))


AT_THE_DOOR = {
    "an empty file": (b"", "a.csv", "empty"),
    "a header alone": (b"id,label\n", "a.csv", "no rows"),
    "binary rubbish": (bytes(range(256)) * 500, "a.csv", ""),
    "a picture called CSV": (b"\x89PNG\r\n\x1a\n" + bytes(5000), "a.csv", ""),
    "five million columns": (b"c," * 5_000_000 + b"c\n", "a.csv", "column"),
    "one endless line": (b"x" * 5_000_000, "a.csv", ""),
    "spaces": (GOOD.replace(b",", b" "), "a.csv", "comma"),
    "UTF-16": (GOOD.decode().encode("utf-16"), "a.csv", "UTF-8"),
    "Latin-1": ("id,label\n1,é\n".encode("latin-1"), "a.csv", "UTF-8"),
    "a misspelled column": (GOOD.replace(b"label", b"lable"), "a.csv", "label"),
    "a missing column": (b"id\n1\n2\n", "a.csv", "label"),
    "a doubled column": (b"id,label,label\n1,2,3\n", "a.csv", "label"),
    "a program": (b"MZ\x90", "a.exe", ".csv"),
    "no ending": (GOOD, "predictions", ".csv"),
    "a broken zip": (b"PK\x03\x04rubbish", "a.zip", "zip"),
    "a zip of two": (None, "two.zip", ""),
    "a zip without a table": (zipped(b"hello", "readme.txt"), "a.zip", ""),
    "a gzip that is none": (b"not gzip", "a.csv.gz", ""),
    "a zstd that is none": (b"not zstd", "a.csv.zst", ""),
    "a parquet that is none": (b"not parquet", "a.parquet", "Parquet"),
    "arrays that are none": (b"not arrays", "a.npz", "numpy.savez"),
    "objects that are none": (GOOD, "a.jsonl", "JSON"),
    "an object without a key": (b'{"id": 1}\n', "a.jsonl", "label"),
    "a file over the limit": (b"id,label\n" + b"1,1\n" * 6_000_000, "a.csv", "limit"),
}


def two_files() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.csv", GOOD)
        archive.writestr("b.csv", GOOD)
    return target.getvalue()


def test_what_the_door_can_see_is_refused_with_a_sentence_and_costs_nothing(browser):
    for what, (content, name, word) in AT_THE_DOOR.items():
        response = submit(browser, two_files() if content is None else content, name)
        assert response.status_code == 422, f"{what}: {response.status_code}"
        page = html.unescape(response.text)
        assert "cannot be scored" in page or "limit is" in page, what
        assert word in page, f"{what}: no “{word}”"
        assert "Traceback" not in page
    assert submissions(browser) == 0
    assert submit(browser, GOOD).status_code == 201  # the three of today are still there


def objects() -> bytes:
    rows = (line.split(",") for line in GOOD.decode().splitlines()[1:])
    return "\n".join(f'{{"id": {number}, "label": {label}}}' for number, label in rows).encode()


def arrays() -> bytes:
    table = np.loadtxt(io.BytesIO(GOOD), delimiter=",", skiprows=1, dtype=np.int64)
    target = io.BytesIO()
    np.savez_compressed(target, id=table[:, 0], label=table[:, 1])
    return target.getvalue()


def lines_with(replaced: dict[int, str]) -> bytes:
    lines = GOOD.decode().splitlines()
    for number, line in replaced.items():
        lines[number - 1] = line
    return ("\n".join(lines) + "\n").encode()


REJECTED = {
    "a missing id": (b"\n".join(GOOD.splitlines()[:-1]) + b"\n", "1000"),
    "an unknown id": (lines_with({12: "5555,1"}), "line 12"),
    "an id twice": (lines_with({30: "5,1"}), "line 30"),
    "a word for a number": (lines_with({7: "6,cat"}), "line 7"),
    "an empty value": (lines_with({8: "7,"}), "line 8"),
    "not a number": (lines_with({9: "8,NaN"}), "line 9"),
    "infinity": (lines_with({9: "8,1e999"}), "line 9"),
    "a row too long": (lines_with({10: "9,1,2,3"}), ""),
}
REJECTED_OBJECTS = objects().replace(b'"id": 6, "label": ', b'"id": 6, "label": "cat", "x": ')


@pytest.mark.parametrize("what", REJECTED)
def test_what_the_worker_sees_is_rejected_with_its_rows(browser, what):
    content, row = REJECTED[what]
    page = end_of(browser, submit(browser, content))
    assert "badge-rejected" in page
    assert row in page, what
    assert "Traceback" not in page


def test_a_bad_object_is_rejected_with_its_line(browser):
    page = end_of(browser, submit(browser, REJECTED_OBJECTS, "a.jsonl"))
    assert "badge-rejected" in page
    assert "line 6: id 6" in page


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\xef\xbb\xbf" + GOOD, "bom.csv"),
        (GOOD.replace(b"\n", b"\r\n"), "crlf.csv"),
        (GOOD.replace(b",", b";"), "semicolons.csv"),
        (GOOD.replace(b",", b"\t"), "tabs.tsv"),
        (gzip.compress(GOOD, mtime=0), "predictions.csv.gz"),
        (zstandard.compress(GOOD), "predictions.csv.zst"),
        (zipped(GOOD), "predictions.zip"),
        (objects(), "predictions.jsonl"),
        (arrays(), "predictions.npz"),
        (GOOD.rstrip(b"\n"), "no-last-newline.csv"),
        (GOOD.replace(b"id,label", b'"id","label"'), "quoted.csv"),
        (GOOD, "../../etc/passwd.csv"),
        (GOOD, "预测 结果.csv"),
    ],
    ids=["BOM", "CRLF", "semicolons", "tabs", "gzip", "zstd", "zip", "JSON Lines", "NPZ", "no newline", "quotes", "slashes", "Chinese"],
)  # fmt: skip
def test_harmless_oddities_are_scored(browser, content, name):
    assert "badge-scored" in end_of(browser, submit(browser, content, name))


def test_a_million_rows_with_one_bad_id_name_that_row(stack):
    site = json.loads(stack.run("-m", "tests.populate", "1000000", "1", "3", "million"))
    browser = Browser(stack.web_url, *site["sessions"].values(), site["csrf"])
    lines = [f"{i},{i % 10}" for i in range(1, 1_000_001)]
    lines[499_999] = "nine,1"
    content = zipped(("id,label\n" + "\n".join(lines) + "\n").encode())
    page = end_of(browser, submit(browser, content, "large.zip", "million"))
    browser.client.close()
    assert "badge-rejected" in page
    assert "line 500001" in page


def test_a_zip_bomb_is_refused_and_the_worker_lives(browser):
    bomb = zipped(b"id,label\n" + b"1,1\n" * 200_000_000)
    assert len(bomb) < 5_000_000
    response = submit(browser, bomb, "bomb.zip")
    if response.status_code == 201:
        assert "badge-rejected" in end_of(browser, response)
    else:
        assert response.status_code == 422
    assert "badge-scored" in end_of(browser, submit(browser, GOOD))
