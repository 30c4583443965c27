"""Cells as parts of a page."""

from __future__ import annotations

import pytest
from notebook_files import (
    JPEG,
    PNG,
    SVG,
    bitmap,
    code,
    display,
    error,
    markdown,
    notebook,
    of_types,
    old_notebook,
    raw,
    stream,
)

from agon.notebooks import outputs, rendering
from agon.notebooks.ansi import overwritten, to_html
from agon.notebooks.reading import read

BASE = "/competitions/digits/code/cnn/1/pictures/"


def rendered(*cells, **options):
    return rendering.render(read(notebook(*cells, **options)), base=BASE)


def one(*cells):
    return rendered(*cells).cells[0]


def output(*found):
    return one(code("x", *found)).outputs[0]


def test_markdown_is_the_sites_own_with_mathematics():
    html = one(markdown("## The *task*\n\n$\\alpha$ and `code`")).html
    assert '<h3 id="s-1-the-task">' in html and "<math" in html and "<code>code</code>" in html


def test_headings_make_a_table_of_contents_with_ids_of_their_own():
    found = rendered(markdown("# Data"), code(), markdown("## Data & *more*\n\n### $x$ deep"))
    assert [(h.level, h.anchor, h.title) for h in found.headings] == [
        (2, "s-1-data", "Data"),
        (3, "s-3-data-more", "Data & more"),
        (4, "s-3-deep", "x deep"),
    ]
    for heading in found.headings:
        assert any(f'id="{heading.anchor}"' in cell.html for cell in found.cells)


def test_code_has_classes_for_its_colours_and_its_number():
    cell = one(code("import os  # why", count=12))
    assert '<span class="kn">import</span>' in cell.html and cell.count == 12


@pytest.mark.parametrize("language", ["r", "no-such-language", "<script>"])
def test_code_of_any_language_is_shown(language):
    html = rendered(code("x <- 1"), language=language).cells[0].html
    assert "&lt;-" in html or "&lt;" in html


def test_raw_cells_are_text_and_empty_cells_are_left_out():
    found = rendered(raw("<b>x</b>"), markdown(" "), code(""), raw(""))
    assert [cell.html for cell in found.cells] == ["&lt;b&gt;x&lt;/b&gt;"]


def test_an_old_notebook_is_rendered():
    found = rendering.render(read(old_notebook()), base=BASE)
    assert "Old times" in found.cells[0].html
    assert found.cells[1].outputs[0].html == "old\n"


def test_streams_that_follow_each_other_are_one():
    shown = one(code("x", stream("a\n"), stream("b\n", "stderr"), display(text_plain="c")))
    assert [out.html for out in shown.outputs] == ["a\nb\n", "c"]


def test_progress_bars_leave_their_last_state():
    assert overwritten("10%\r50%\r100%\nnext\r\n") == "100%\nnext\n"
    assert overwritten("a\rb\r") == "b"


def test_colours_of_a_terminal_become_classes_and_nothing_else_comes_through():
    html = to_html("\x1b[1;31mred\x1b[0m \x1b[38;5;12mplain\x1b[2K\x1b]0;title\x07<b>\x1b[?25l\x08")
    assert html == '<span class="ansi-red ansi-bold">red</span> plain&lt;b&gt;'


def test_an_error_is_its_traceback():
    shown = output(error("\x1b[0;31mValueError\x1b[0m: no", "<line>"))
    assert shown.kind == "error"
    assert shown.html == '<span class="ansi-red">ValueError</span>: no\n&lt;line&gt;'
    assert output(error()).html == "ValueError: no such thing"


@pytest.mark.parametrize(
    ("media_type", "text"), [("image/png", PNG), ("image/jpeg", JPEG), ("image/svg+xml", SVG)]
)
def test_pictures_are_kept_and_named_by_their_address(media_type, text):
    found = rendered(code("x", of_types({media_type: text, "text/plain": "<Figure>"})))
    shown = found.cells[0].outputs[0]
    assert (shown.kind, shown.address) == ("picture", f"{BASE}0/")
    assert found.pictures[0].media_type == media_type
    assert found.pictures[0] == shown.picture


def test_a_bitmap_knows_its_size_and_may_be_broken_into_lines():
    picture = output(display(image_png=PNG[:20] + "\n" + PNG[20:])).picture
    assert (picture.width, picture.height) == (3, 2)
    assert picture.content == bitmap()


def test_pictures_are_numbered_in_their_order():
    found = rendered(
        code("x", display(image_png=PNG), display(image_jpeg=JPEG)),
        code("y", display(image_png=PNG)),
    )
    addresses = [out.address for cell in found.cells for out in cell.outputs]
    assert addresses == [f"{BASE}{number}/" for number in range(3)]
    assert [picture.media_type for picture in found.pictures] == [
        "image/png",
        "image/jpeg",
        "image/png",
    ]


def test_attached_pictures_of_markdown_are_kept():
    found = rendered(markdown("![what](attachment:a%20b.png)", {"a b.png": {"image/png": PNG}}))
    assert f'<img src="{BASE}0/" alt="what">' in found.cells[0].html
    assert found.pictures[0].content == bitmap()


def test_tables_keep_their_cells_and_lose_their_style():
    html = output(
        of_types(
            {
                "text/html": '<style scoped>td{color:red}</style><table border="1" class="dataframe"><tr>'
                '<th onclick="x()">a</th><td colspan="2" style="x">1</td></tr></table>',
                "text/plain": "a 1",
            }
        )
    ).html
    assert html == '<table><tbody><tr><th>a</th><td colspan="2">1</td></tr></tbody></table>'


@pytest.mark.parametrize(
    "html",
    [
        "<script>1</script>",
        "<div></div>",
        "<style>x</style>",
        "<form><input></form>",
        "<svg></svg>",
        " ",
    ],
)
def test_html_of_which_nothing_is_left_gives_way_to_the_text(html):
    assert output(of_types({"text/html": html, "text/plain": "Pipeline()"})).html == "Pipeline()"


def test_what_cannot_be_shown_is_a_note():
    assert output(of_types({"text/html": "<script>1</script>"})).note == "interactive"
    assert (
        output(of_types({"application/vnd.jupyter.widget-view+json": {"model_id": "1"}})).note
        == "interactive"
    )
    assert output(of_types({"image/png": "bm90IGEgcGljdHVyZQ=="})).note == "picture"
    assert output(of_types({"image/gif": "R0lGODlhAQABAAAAACw="})).note == "picture"
    assert output(of_types({"application/pdf": "JVBERi0="})).note == "other"
    assert output(of_types({})).note == "empty"


def test_markdown_and_formulas_in_outputs_are_rendered():
    assert "<strong>b</strong>" in output(of_types({"text/markdown": "**b**"})).html
    assert "<math" in output(of_types({"text/latex": "$\\displaystyle x^2$"})).html


def test_long_outputs_are_cut_and_say_so(monkeypatch):
    monkeypatch.setattr(outputs, "MAX_TEXT", 10)
    for found in (stream("x" * 30), display(text_plain="x" * 30)):
        shown = output(found)
        assert (len(shown.html), shown.is_cut) == (10, True)


def test_there_is_an_end_to_how_much_a_page_shows(monkeypatch):
    monkeypatch.setattr(rendering, "MAX_SHOWN", 50)
    found = rendered(*[code("", stream("x" * 40))] * 3)
    assert [out.note for cell in found.cells for out in cell.outputs] == ["", "long", "long"]


def test_there_is_an_end_to_how_many_pictures_are_kept(monkeypatch):
    monkeypatch.setattr(rendering, "MAX_PICTURES", 2)
    found = rendered(code("x", *[display(image_png=PNG)] * 4))
    assert [out.kind for out in found.cells[0].outputs] == ["picture", "picture", "note", "note"]
