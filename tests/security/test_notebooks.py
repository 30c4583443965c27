"""A notebook is somebody else's document on our pages: none may run a script in the site's origin."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from notebook_files import PNG, code, display, error, markdown, notebook, of_types, stream
from playwright.sync_api import Error, Page

from agon.notebooks import pictures, rendering
from agon.notebooks.ansi import to_html
from agon.notebooks.pictures import picture_of
from agon.notebooks.reading import read
from tests.e2e.conftest import chromium, new_context, watch, website  # noqa: F401
from tests.security.hostile.notebooks import (
    CANARY,
    DISGUISED,
    DRAWINGS,
    HTML,
    MARKDOWN,
    POLYGLOT,
    notebooks,
)

BASE = "/competitions/digits/code/x/1/pictures/"
HOSTILE = dict(notebooks())

FINE_ATTRIBUTES = {
    "href", "src", "alt", "title", "class", "rel", "colspan", "rowspan", "scope", "id", "tabindex",
    "display", "xmlns", "mathvariant", "stretchy", "start", "fence", "form", "separator", "width", "height",
}  # fmt: skip
FORBIDDEN_TAGS = {
    "script", "style", "iframe", "object", "embed", "form", "input", "button", "svg", "link", "meta", "base",
    "video", "audio", "template", "noscript", "textarea", "select", "frame", "frameset", "mglyph",
}  # fmt: skip


class Tags(HTMLParser):
    """Every tag of a text with its attributes, as a browser reads them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def html_of(content: bytes) -> str:
    found = rendering.render(read(content), base=BASE)
    return "\n".join(
        part for cell in found.cells for part in [cell.html, *(out.html for out in cell.outputs)]
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_active_is_left_in_the_html(name):
    for tag, attributes in Tags(html_of(HOSTILE[name])).found:
        assert tag not in FORBIDDEN_TAGS
        assert set(attributes) <= FINE_ATTRIBUTES, (tag, attributes)
        assert attributes.get("id", "s-").startswith("s-")
        assert attributes.get("href", "#").startswith(("http://", "https://", "#", "mailto:")), (
            attributes
        )
        assert attributes.get("src", BASE).startswith(BASE), attributes


@pytest.mark.parametrize("html", HTML)
def test_outputs_keep_no_class_and_no_name_of_the_sites_own(html):
    tags = Tags(html_of(notebook(code("", of_types({"text/html": html}))))).found
    for _tag, attributes in tags:
        assert not {"id", "name", "class", "style", "title"} & set(attributes)


@pytest.mark.parametrize("text", MARKDOWN)
def test_markdown_leaves_no_id_of_the_sites_own(text):
    for _tag, attributes in Tags(html_of(notebook(markdown(text)))).found:
        assert re.match(r"s-\d+-", attributes.get("id", "s-1-"))


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_a_drawing_that_could_act_is_left_out(drawing):
    assert picture_of("image/svg+xml", drawing) is None


@pytest.mark.parametrize(
    ("media_type", "text"), [(kind, text) for kind, texts in DISGUISED.items() for text in texts]
)
def test_what_is_no_picture_is_not_served_as_one(media_type, text):
    assert picture_of(media_type, text) is None


def test_drawings_as_plotting_libraries_make_them_are_kept():
    drawing = """<?xml version="1.0" encoding="utf-8" standalone="no"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"
  "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="9pt" viewBox="0 0 9 9" xmlns="http://www.w3.org/2000/svg">
 <metadata><rdf:RDF xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <dc:type rdf:resource="http://purl.org/dc/dcmitype/StillImage"/></rdf:RDF></metadata>
 <defs><style type="text/css">*{stroke-linejoin: round}</style><clipPath id="p1"><rect width="9"/></clipPath></defs>
 <g clip-path="url(#p1)"><use xlink:href="#m1" x="1" style="fill: #1f77b4"/></g>
 <image xlink:href="data:image/png;base64,iVBORw0KGgo=" id="i1"/>
 <!-- a comment --><text>one &lt; two &#8722;1</text></svg>"""
    assert picture_of("image/svg+xml", drawing) is not None


def test_a_picture_as_large_as_a_wall_is_left_out(monkeypatch):
    assert picture_of("image/png", PNG) is not None
    for name, limit in [("MAX_SIDE", 2), ("MAX_PIXELS", 5), ("MAX_BYTES", 40)]:
        with monkeypatch.context() as patch:
            patch.setattr(pictures, name, limit)
            assert picture_of("image/png", PNG) is None


@pytest.mark.parametrize(
    "text",
    [
        "<!-- -->" * 100_000, " " * 1_000_000, "<" * 1_000_000, "<svg " + "href=" * 200_000,
        "<svg href=" + " " * 1_000_000, "<svg>" + "url(" + " " * 1_000_000, "<svg>" + " on" * 300_000,
        "<svg>" + "&#1" * 300_000, "<?xml" * 200_000, "<!DOCTYPE " * 100_000, "<svg>" + "java" * 300_000,
    ],
)  # fmt: skip
def test_looking_at_a_drawing_takes_no_time_to_speak_of(text):
    started = time.perf_counter()
    picture_of("image/svg+xml", text)
    assert time.perf_counter() - started < 3


@pytest.mark.parametrize(
    "text", ["\x1b[" * 300_000, "\x1b]" * 300_000, "\r" * 600_000, "\x1b[31m" * 100_000]
)
def test_reading_a_terminal_takes_no_time_to_speak_of(text):
    started = time.perf_counter()
    to_html(text)
    assert time.perf_counter() - started < 3


def test_a_notebook_of_huge_outputs_stays_a_page_of_some_size():
    big = "<td>" * 60_000
    cells = [
        code("x" * 200_000, stream("y" * 900_000), error("z" * 500_000)),
        *[code("", of_types({"text/html": f"<table>{big}</table>", "text/plain": big}))] * 10,
        *[markdown("$x$ " * 30_000)] * 5,
    ]
    assert len(html_of(notebook(*cells))) < 2 * rendering.MAX_SHOWN


def test_html_nested_a_hundred_thousand_deep_ends():
    deep = "<div>" * 100_000 + "x"
    assert (
        len(html_of(notebook(code("", of_types({"text/html": deep, "text/plain": "x"})))))
        < 2_000_000
    )


def test_markdown_nested_deep_ends():
    for text in [
        ">" * 20_000 + "x",
        "[" * 20_000,
        "*a_" * 10_000,
        "- " * 5_000 + "x",
        "$" * 30_000,
    ]:
        html_of(notebook(markdown(text)))


def test_lone_halves_of_characters_do_no_harm():
    content = json.dumps(json.loads(notebook(code("'\ud800'", stream("\udfff\0")))))
    html_of(content.encode()).encode()


# --- In a real browser ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def published(website, tmp_path_factory) -> dict[str, str]:  # noqa: F811
    """The hostile notebooks on a real site, by their names, and one that is not."""
    folder: Path = tmp_path_factory.mktemp("hostile")
    harmless = notebook(markdown("# Fine"), code("1", display(image_png=PNG), stream("2")))
    addresses = {}
    for name, content in {**HOSTILE, "harmless": harmless}.items():
        path = folder / f"{name}.ipynb"
        path.write_bytes(content)
        said = website.stack.run(
            "manage.py", "publish_notebook", "digits", str(path), "--title", name
        )
        addresses[name] = said.split()[0]
    return addresses


TOUCH = """document.querySelectorAll("article *").forEach((part) => {
  for (const name of ["mouseover", "focus", "load", "error", "toggle", "animationstart"]) {
    part.dispatchEvent(new Event(name, {bubbles: false}));
  }
  if (!part.closest("a")) part.dispatchEvent(new MouseEvent("click"));
})"""
"""What a reader does to a page, to every part of it."""


def traces(page: Page) -> Iterator[str]:
    """What a script that ran would have left."""
    if page.evaluate("window.pwned !== undefined"):
        yield "window.pwned"
    if "pwned" in page.title():
        yield "the title"


@pytest.mark.browser
def test_a_script_that_runs_is_noticed(chromium):  # noqa: F811
    """Otherwise the tests below would look for what is never there."""
    page = chromium.new_page()
    page.set_content(f"<title>x</title>{HTML[2]}")
    page.wait_for_load_state("load")
    assert list(traces(page)) == ["window.pwned", "the title"]
    page.close()


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("policy", ["with the policy", "without it"])
def test_no_hostile_notebook_runs_anything(website, published, new_context, policy):  # noqa: F811
    """Not even where the browser is told to forget the Content-Security-Policy."""
    context = new_context(website.participant(), bypass_csp=policy == "without it")
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    for name, address in published.items():
        page.goto(address)
        for shown in page.locator("img").all():
            shown.scroll_into_view_if_needed()
        page.evaluate(TOUCH)
        page.wait_for_load_state("networkidle")
        assert list(traces(page)) == [], name
        assert page.url.endswith(address), name
        assert page.evaluate("document.body instanceof HTMLBodyElement"), name
        assert page.locator("header form, footer form").count() >= 1, name
    assert not [url for url in asked if CANARY in url or "evil.example" in url]


@pytest.mark.browser
@pytest.mark.slow
def test_no_picture_is_a_page(website, published, new_context):  # noqa: F811
    """Opened by itself a picture is a file to keep, whatever is in it; a frame shows nothing of it."""
    page = new_context(website.participant(), bypass_csp=True).new_page()
    page.goto(published["disguised"])
    addresses = [str(shown.get_attribute("src")) for shown in page.locator("article img").all()]
    assert len(addresses) == 2
    for address in addresses:
        with pytest.raises(Error, match="Download is starting"):
            page.goto(address)
        page.goto(published["harmless"])
        answer = page.request.get(address)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-type"] in {"image/png", "image/svg+xml"}
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["content-security-policy"].endswith("sandbox")
    assert page.request.get(addresses[0]).body() == POLYGLOT


@pytest.mark.browser
@pytest.mark.slow
def test_pictures_of_a_harmless_notebook_are_seen(website, published, new_context):  # noqa: F811
    page = new_context(website.participant()).new_page()
    page.goto(published["harmless"])
    shown = page.locator("article img")
    shown.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    assert shown.evaluate("image => image.naturalWidth") == 3
