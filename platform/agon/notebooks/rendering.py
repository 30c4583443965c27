"""A notebook as parts of a page.

Nothing of the file reaches the page but through `agon.common.markdown`, Pygments or `nh3`, and
pictures only by an address of their own. What can't be shown so is a note that says what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Any
from urllib.parse import quote, unquote

import nh3
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from agon.common import markdown
from agon.notebooks import outputs
from agon.notebooks.outputs import Output
from agon.notebooks.pictures import Picture, picture_of
from agon.notebooks.reading import Document, text_of

MAX_SOURCE = 100_000
MAX_MARKDOWN = 50_000
MAX_SHOWN = 3_000_000
"""Characters of HTML in all; what comes behind them is a note."""
MAX_PICTURES = 300
MAX_HEADINGS = 100

_ATTACHMENT = re.compile(r"\]\(attachment:([^)\s]{1,300})\)")
_HEADING = re.compile(r'<h([2-4]) id="(s-[^"]*)">(.*?)</h\1>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class ShownOutput:
    """One output of a cell.

    Attributes:
        kind: text, error, html, picture or note.
        html: What it says; empty for a picture or a note.
        address: Where the picture is.
        picture: The picture itself.
        note: What is left out, and why, as the template words it.
    """

    kind: str
    html: str = ""
    address: str = ""
    picture: Picture | None = None
    note: str = ""
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell.

    Attributes:
        number: Its place, from 1.
        kind: markdown, code or raw.
        html: Its Markdown, or its code with classes for colours.
        count: The number beside a cell that has run.
        outputs: What it put out.
    """

    number: int
    kind: str
    html: SafeString
    count: int | None = None
    outputs: list[ShownOutput] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of the table of contents."""

    level: int
    anchor: str
    title: str


@dataclass(frozen=True, slots=True)
class Rendered:
    cells: list[ShownCell]
    headings: list[Heading]
    pictures: list[Picture]


def render(document: Document, *, base: str) -> Rendered:
    """The notebook as parts of a page.

    Args:
        document: The notebook.
        base: The address under which its pictures are served by their number, with a slash.
    """
    renderer = _Renderer(document.language, base)
    cells = list(renderer.cells(document.cells))
    return Rendered(cells, headings_of(cells), renderer.pictures)


def headings_of(cells: Iterable[ShownCell]) -> list[Heading]:
    found = [
        Heading(int(level), anchor, unescape(strip_tags(title)).strip())
        for cell in cells
        if cell.kind == "markdown"
        for level, anchor, title in _HEADING.findall(cell.html)
    ]
    return [heading for heading in found if heading.title][:MAX_HEADINGS]


class _Renderer:
    """Keeps what the cells of one notebook share: its pictures, and how much is shown by now."""

    def __init__(self, language: str, base: str) -> None:
        self.language = language
        self.base = base
        self.pictures: list[Picture] = []
        self._left = MAX_SHOWN

    def cells(self, cells: list[dict[str, Any]]) -> Iterator[ShownCell]:
        for number, cell in enumerate(cells, start=1):
            source = text_of(cell.get("source"))
            kind = cell["cell_type"]
            if kind == "markdown":
                if source.strip():
                    yield ShownCell(
                        number, kind, self._markdown(self._attached(cell, source), number)
                    )
            elif kind == "code":
                shown = [self._output(output, number) for output in outputs.merged(cell["outputs"])]
                if source.strip() or shown:
                    count = cell.get("execution_count")
                    yield ShownCell(number, kind, self._code(source), count, shown)
            elif source.strip():
                yield ShownCell(number, "raw", self._taken(escape(source)))

    def _taken(self, html: str) -> SafeString:
        """HTML that is safe already, as long as there is room for it."""
        if len(html) > self._left:
            self._left = 0
            return SafeString()
        self._left -= len(html)
        return mark_safe(html)  # noqa: S308  # every caller's has been escaped or cleaned

    def _code(self, source: str) -> SafeString:
        lexer = None
        if len(source) <= MAX_SOURCE:
            try:
                lexer = get_lexer_by_name(self.language)
            except ClassNotFound:
                lexer = None
        inner = highlight(source, lexer, HtmlFormatter(nowrap=True)) if lexer else escape(source)
        return self._taken(inner)

    def _markdown(self, source: str, number: int, part: str = "") -> SafeString:
        """Markdown by the site's own renderer, then its ids made the cell's and foreign pictures off."""
        if len(source) > MAX_MARKDOWN:
            return self._taken(f'<p class="pre">{escape(source)}</p>')
        anchor = f"{markdown.ANCHOR_PREFIX}{number}{part}-"

        def kept(tag: str, attribute: str, value: str) -> str | None:
            if attribute == "id":
                return anchor + value.removeprefix(markdown.ANCHOR_PREFIX)
            if tag == "img" and attribute == "src":
                return value if value.startswith(self.base) else None
            if tag == "a" and attribute == "href" and value.startswith("#"):
                return f"#{anchor}{value[1:].removeprefix(markdown.ANCHOR_PREFIX)}"
            return value

        return self._taken(
            nh3.clean(
                markdown.render(source),
                tags=markdown.TEXT_TAGS | markdown.MATH_TAGS,
                attributes=markdown.ATTRIBUTES,
                attribute_filter=kept,
                url_schemes={"http", "https", "mailto"},
                link_rel="noopener noreferrer nofollow",
            )
        )

    def _attached(self, cell: dict[str, Any], source: str) -> str:
        """Markdown whose attached pictures are named by their addresses."""
        attachments = cell.get("attachments") or {}

        def address(match: re.Match[str]) -> str:
            bundle = attachments.get(match[1]) or attachments.get(unquote(match[1])) or {}
            for media_type in outputs.PICTURES:
                kept = (
                    self._kept(media_type, bundle.get(media_type)) if media_type in bundle else ""
                )
                if kept:
                    return f"]({quote(kept)})"
            return "]()"

        return _ATTACHMENT.sub(address, source)

    def _kept(self, media_type: str, value: object) -> str:
        """The address of a picture that is served from now on; empty where it can't be."""
        if len(self.pictures) >= MAX_PICTURES:
            return ""
        picture = picture_of(media_type, text_of(value))
        if picture is None:
            return ""
        self.pictures.append(picture)
        return f"{self.base}{len(self.pictures) - 1}/"

    def _output(self, output: Output, number: int) -> ShownOutput:
        if output.kind in {"text", "error"}:
            return self._as_shown(output.kind, outputs.as_text(output.text), is_cut=output.is_cut)
        for media_type in outputs.ORDER:
            if media_type not in output.data:
                continue
            shown = self._of_type(media_type, output, number)
            if shown is not None:
                return shown
        return ShownOutput("note", note=outputs.what_is_missing(output.data))

    def _of_type(self, media_type: str, output: Output, number: int) -> ShownOutput | None:
        """The output as this type has it; None where another should be tried."""
        if media_type in outputs.PICTURES:
            address = self._kept(media_type, output.data[media_type])
            picture = self.pictures[-1] if address else None
            return ShownOutput("picture", address=address, picture=picture) if address else None
        text = text_of(output.data[media_type])
        if media_type == "text/html":
            table = outputs.as_html(text)
            return self._as_shown("html", table) if table else None
        if media_type in {"text/markdown", "text/latex"}:
            return ShownOutput("html", self._markdown(text, number, f"o{output.number}"))
        shortened = text[: outputs.MAX_TEXT]
        is_cut = len(text) > outputs.MAX_TEXT
        return self._as_shown("text", outputs.as_text(shortened), is_cut=is_cut)

    def _as_shown(self, kind: str, html: str, *, is_cut: bool = False) -> ShownOutput:
        taken = self._taken(html)
        if html and not taken:
            return ShownOutput("note", note="long")
        return ShownOutput(kind, taken, is_cut=is_cut)
