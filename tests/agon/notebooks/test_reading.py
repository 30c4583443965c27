"""What counts as a notebook, and what is said of what does not."""

from __future__ import annotations

import json

import pytest
from notebook_files import code, markdown, notebook, old_notebook, stream

from agon.notebooks import reading
from agon.notebooks.errors import NotebookRefused
from agon.notebooks.reading import read, text_of


def test_a_notebook_is_read():
    document = read(notebook(markdown("# Title"), code("x = 1", stream("out"))))
    assert [cell["cell_type"] for cell in document.cells] == ["markdown", "code"]
    assert document.language == "python"


def test_format_3_is_brought_up_to_date():
    document = read(old_notebook())
    assert [text_of(cell["source"]) for cell in document.cells] == ["# Old times", "print 'old'"]
    assert document.cells[1]["execution_count"] == 7


def test_a_notebook_without_ids_or_language_is_taken_as_jupyter_takes_it():
    content = json.loads(notebook(code()))
    del content["cells"][0]["id"]
    content["metadata"] = {}
    assert read(json.dumps(content).encode()).language == "python"


def test_a_byte_order_mark_and_a_later_minor_format_do_no_harm():
    assert read(b"\xef\xbb\xbf" + notebook(markdown("x"), nbformat_minor=9)).cells


@pytest.mark.parametrize(
    "content",
    [
        b"", b"id,label\n1,2\n", b"{", b"[]", b"null", b"\xff\xfe\x00", b'"text"', b'{"cells": []}',
        b'{"nbformat": "4"}', b'{"nbformat": true}', b'{"nbformat": 4}', b'{"nbformat": 3}',
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": [], "cells": []}',
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": {}}',
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [1]}',
        b'{"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": [7]}]}',
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "trick"}]}',
        b'{"nbformat": ' + b"9" * 5_000 + b"}",
    ],
)  # fmt: skip
def test_what_is_no_notebook_is_refused_with_a_sentence(content):
    with pytest.raises(NotebookRefused) as refusal:
        read(content)
    assert refusal.value.code == "not_a_notebook"
    assert "Jupyter" in refusal.value.message


@pytest.mark.parametrize("version", [1, 2, 5, -4, 10**9])
def test_other_formats_are_named(version):
    with pytest.raises(NotebookRefused, match=f"format {version}") as refusal:
        read(json.dumps({"nbformat": version}).encode())
    assert refusal.value.code == "not_a_notebook"


def test_what_is_wrong_with_a_damaged_one_is_told():
    content = json.loads(notebook(code()))
    content["cells"][0]["outputs"] = [{"output_type": "stream", "text": 3}]
    with pytest.raises(NotebookRefused, match="damaged"):
        read(json.dumps(content).encode())


@pytest.mark.parametrize("depth", [2_000, 150_000])
@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_deep_nesting_ends_in_a_refusal(depth, opening):
    closing = "]" if opening == "[" else "}"
    nested = opening * depth + "0" + closing * depth
    content = notebook(markdown("x"), deep="HERE").replace(b'"HERE"', nested.encode())
    with pytest.raises(NotebookRefused) as refusal:
        read(content)
    assert refusal.value.code == "too_complex"


def test_a_file_that_is_all_brackets_is_refused_unread(monkeypatch):
    monkeypatch.setattr(reading.json, "loads", None)
    with pytest.raises(NotebookRefused) as refusal:
        read(b"[" * (reading.MAX_BRACKETS + 1))
    assert refusal.value.code == "too_complex"


def test_too_many_bytes_cells_or_outputs_are_refused(monkeypatch):
    monkeypatch.setattr(reading, "MAX_CELLS", 3)
    monkeypatch.setattr(reading, "MAX_OUTPUTS", 3)
    assert read(notebook(*[markdown("x")] * 3)).cells
    with pytest.raises(NotebookRefused, match="4 cells"):
        read(notebook(*[markdown("x")] * 4))
    with pytest.raises(NotebookRefused, match="4 outputs"):
        read(notebook(code("x", *[stream("y")] * 4)))
    monkeypatch.setattr(reading, "MAX_BYTES", 100)
    with pytest.raises(NotebookRefused, match="limit is") as refusal:
        read(notebook(markdown("x")))
    assert refusal.value.code == "too_large"


def test_texts_come_as_one_without_what_no_page_can_hold():
    assert text_of(["a\n", "b"]) == "a\nb"
    assert text_of("a\0b\ud800c") == "ab?c"
    assert text_of(["a", 1, None]) == "a"
    assert text_of(None) == text_of(7) == text_of({}) == ""
