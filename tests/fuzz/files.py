"""Files as strangers send them: almost right, written in every way, and then damaged."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from typing import Any

import numpy as np
import polars as pl
import zstandard
from hypothesis import strategies as st

from scoring.contract import ColumnType, Layout
from tests.fuzz.oracle import Case

WHOLE = ["0", "7", "+7", "-3", "007", "-0", "9223372036854775807", "-9223372036854775808"]
DECIMAL = ["0.5", ".5", "5.", "-1.5", "1e5", "1E-5", "1e-999", "0.1", "123456789.123456789", "-0.0"]
TEXTS = ["cat", "a b c", "é", "😀", "x,y", 'say "hi"', "two\nlines", "1", "nan", " ", "a;b", "a|b"]
ODD = [
    "", " ", " 7 ", "7.0", "7.5", "1e999", "-1e999", "nan", "NaN", "inf", "-Infinity", "0x1f",
    "1_000", "1,000", "1 000", "١", "9223372036854775808", "-9223372036854775809", "NULL", "\0",
    'a"b', '"', '""', '"x"y', "'", "\u00a07", "a\rb", "\ufeff1", "1e", "--1", "True", "=1+1",
    "9" * 40, "0" * 400 + "1", "1." + "3" * 400, "\x1f7", "1d5", "1e5f", "infinity", "1;2", "\t7",
    "[1]", "{}", "\\", "\\u0000", "#1", "1\u2028", "\x85",
]  # fmt: skip
GOOD = {
    ColumnType.INTEGER: WHOLE,
    ColumnType.NUMBER: WHOLE + DECIMAL,
    ColumnType.TEXT: TEXTS,
    ColumnType.SEQUENCE: [*TEXTS, ""],
}
TOKENS = [
    b"\n", b"\r", b"\r\n", b",", b'"', b'""', b";", b"\0", b"\xef\xbb\xbf", b"\xff", b"{", b"}",
    b"[" * 30, b'{"id":', b":", b"null", b"NaN", b"\\u0069", b"\\ud800", b"\x00\x00\x00\x00",
    b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"PK\x01\x02", b"PK\x05\x06", b"PAR1", b"1e999",
    b"\x28\xb5\x2f\xfd", b"\x1f\x8b", b"9" * 30, b" ",
]  # fmt: skip
LAYOUTS = [
    Layout(id_column="id", columns={"label": ColumnType.INTEGER}),
    Layout(id_column="id", columns={"p0": ColumnType.NUMBER, "p1": ColumnType.NUMBER}),
    Layout(id_column="id", id_type=ColumnType.TEXT, columns={"label": ColumnType.TEXT}),
    Layout(id_column="id", columns={"label": ColumnType.TEXT, "items": ColumnType.SEQUENCE}),
    Layout(id_column="né", columns={'a "b"': ColumnType.SEQUENCE, "x": ColumnType.NUMBER}),
]
ENDINGS = [
    ".csv", ".tsv", ".csv.gz", ".csv.zst", ".jsonl", ".ndjson", ".jsonl.gz", ".jsonl.zst",
    ".parquet", ".npz", ".zip",
]  # fmt: skip
_FLAWS = {
    "none": 0,
    "few": 6,
    "many": 2,
}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A file for one of the layouts, good, nearly good, damaged, or nothing but bytes."""
    layout = draw(st.sampled_from(LAYOUTS))
    ending = draw(st.sampled_from(ENDINGS))
    inner = draw(st.sampled_from([".csv", ".jsonl", ".parquet", ".npz"]))
    inner = inner if ending == ".zip" else "." + ending.split(".")[1]
    if draw(st.integers(0, 19)) == 0:
        content = draw(st.binary(max_size=400))
    else:
        content = draw(written(layout, inner))
        if draw(st.integers(0, 2)) == 0:
            content = draw(damaged(content))
    content = packed(content, ending, inner)
    if ending not in {".csv", ".tsv", ".jsonl", ".ndjson"} and draw(st.integers(0, 3)) == 0:
        content = draw(damaged(content))
    block_bytes = draw(st.sampled_from([8 * 1024**2, 8 * 1024**2, 30, 100]))
    return Case(f"mine{ending}", content, layout, block_bytes)


@st.composite
def tables(draw: st.DrawFn, layout: Layout, *, flaws: int) -> dict[str, list[str]]:
    """Each column's values as text; one in `flaws` is odd, none where it is 0."""
    rows = draw(st.integers(0 if flaws else 1, 6))
    wanted = {layout.id_column: layout.id_type, **layout.columns}
    columns = {}
    for name, kind in wanted.items():
        good = st.sampled_from(GOOD[kind])
        odd = st.sampled_from(ODD)
        cell = st.one_of(*([good] * (flaws - 1)), odd) if flaws else good
        columns[name] = draw(st.lists(cell, min_size=rows, max_size=rows))
    return columns


@st.composite
def written(draw: st.DrawFn, layout: Layout, ending: str) -> bytes:
    """A table in one of the formats, in some dialect."""
    flaws = _FLAWS[draw(st.sampled_from(sorted(_FLAWS)))]
    columns = draw(tables(layout, flaws=flaws))
    if draw(st.integers(0, 4)) == 0:
        extra = draw(st.lists(st.sampled_from(ODD), min_size=6, max_size=6))
        columns["note"] = extra[: len(columns[layout.id_column])]
        if draw(st.booleans()):
            columns = dict(sorted(columns.items()))
    match ending:
        case ".csv" | ".tsv":
            return draw(csv_texts(columns, flaws=flaws))
        case ".parquet":
            return draw(parquets(columns, layout))
        case ".npz":
            return draw(npzs(columns, layout))
        case _:
            return draw(json_texts(columns, layout, flaws=flaws))


@st.composite
def csv_texts(draw: st.DrawFn, columns: dict[str, list[str]], *, flaws: int) -> bytes:
    delimiter = draw(st.sampled_from([",", ",", ",", ";", "\t", "|"]))
    end = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"] if flaws else ["\n", "\r\n"]))
    quotes_all = draw(st.booleans())
    quotes_raw = flaws > 0 and draw(st.integers(0, 3)) == 0

    def cell(text: str) -> str:
        needs = any(letter in text for letter in (delimiter, '"', "\n", "\r"))
        if quotes_raw or not (quotes_all or needs):
            return text
        return '"' + text.replace('"', '""') + '"'

    lines = [delimiter.join(map(cell, columns))]
    for row in zip(*columns.values(), strict=True):
        cells = list(map(cell, row))
        change = draw(st.integers(0, 30)) if flaws else 30
        if change == 0:
            cells.append("x")
        elif change == 1:
            cells.pop()
        lines.append(delimiter.join(cells))
        if change == 2:
            lines.append(draw(st.sampled_from(["", " ", delimiter])))
    text = end.join(lines) + draw(st.sampled_from([end, "", end + end]))
    mark = draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf"]))
    return mark + text.encode("utf-8", "surrogatepass")


@st.composite
def json_texts(
    draw: st.DrawFn, columns: dict[str, list[str]], layout: Layout, *, flaws: int
) -> bytes:
    wanted = {layout.id_column: layout.id_type, **layout.columns}
    separators = draw(st.sampled_from([(",", ":"), (", ", ": ")]))
    ascii_only = draw(st.booleans())
    lines = []
    for row in zip(*columns.values(), strict=True):
        pairs = []
        for name, text in zip(columns, row, strict=True):
            is_text = wanted.get(name) in {ColumnType.TEXT, ColumnType.SEQUENCE, None}
            change = draw(st.integers(0, 40)) if flaws else 40
            is_text ^= change == 0
            value = json.dumps(text, ensure_ascii=ascii_only) if is_text else _json_number(text)
            if change == 1:
                value = draw(
                    st.sampled_from(["null", "true", "[1]", '{"a":{"b":[]}}', '"\\ud800"'])
                )
            if change != 2:
                pairs.append(f"{json.dumps(name, ensure_ascii=ascii_only)}{separators[1]}{value}")
            if change == 3:
                pairs.append(pairs[-1])
            if change == 4:
                pairs.append('"\\u0069d": 1')
        lines.append("{" + separators[0].join(pairs) + "}")
    end = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    return (end.join(lines) + draw(st.sampled_from(["", end, end + end]))).encode()


def _json_number(text: str) -> str:
    """The text where JSON writes such a number, a like one where it does not."""
    if text in ODD or _is_json(text):
        return text
    for convert in (int, float):
        try:
            return repr(convert(text))
        except ValueError:
            continue
    return text


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@st.composite
def parquets(draw: st.DrawFn, columns: dict[str, list[str]], layout: Layout) -> bytes:
    buffer = io.BytesIO()
    series = [pl.Series(name, draw(typed(texts))) for name, texts in columns.items()]
    pl.DataFrame(series).write_parquet(
        buffer,
        compression=draw(st.sampled_from(["zstd", "snappy", "uncompressed", "gzip", "lz4"])),
        row_group_size=draw(st.sampled_from([1, 2, 1000])),
        statistics=draw(st.booleans()),
    )
    return buffer.getvalue()


@st.composite
def npzs(draw: st.DrawFn, columns: dict[str, list[str]], layout: Layout) -> bytes:
    buffer = io.BytesIO()
    arrays = {name: np.array(draw(typed(texts))) for name, texts in columns.items()}
    for name, array in arrays.items():
        if array.dtype == object:
            arrays[name] = np.array([str(value) for value in array.tolist()])
        elif array.dtype.kind in "if":
            code = draw(st.sampled_from(["<f8", ">f8", "<f4", "<f2", "<i8", ">i4", "<u8", "u1"]))
            with np.errstate(all="ignore"):
                arrays[name] = array.astype(code)
    save: Any = np.savez_compressed if draw(st.booleans()) else np.savez
    save(buffer, **arrays)
    return buffer.getvalue()


@st.composite
def typed(draw: st.DrawFn, texts: list[str]) -> list[Any]:
    """The values as numbers where all of them are, else as texts; some are left out."""
    values: list[Any] = list(texts)
    for convert in (int, float):
        try:
            values = [convert(text) for text in texts]
        except ValueError:
            continue
        break
    if any(isinstance(value, int) and abs(value) >= 2**63 for value in values):
        values = [float(value) for value in values]
    if values and draw(st.integers(0, 9)) == 0:
        values[draw(st.integers(0, len(values) - 1))] = None
    return values


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """Some bytes lost, doubled, changed, or put between."""
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        length = draw(st.integers(1, 12))
        match draw(st.integers(0, 4)):
            case 0:
                content = content[:at] + content[at + length :]
            case 1:
                content = content[:at] + content[at : at + length] * 2 + content[at + length :]
            case 2:
                content = content[:at] + draw(st.sampled_from(TOKENS)) + content[at:]
            case 3:
                content = content[:at] + draw(st.binary(max_size=4)) + content[at + length :]
            case 4 if at < len(content):
                flipped = content[at] ^ (1 << (length % 8))
                content = content[:at] + bytes([flipped]) + content[at + 1 :]
    return content


def packed(content: bytes, ending: str, inner: str) -> bytes:
    """The content in the packing that an ending stands for."""
    if ending.endswith(".gz"):
        return gzip.compress(content, mtime=0)
    if ending.endswith(".zst"):
        return zstandard.compress(content)
    if ending != ".zip":
        return content
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"mine{inner}", content)
    return buffer.getvalue()
