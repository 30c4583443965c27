"""What cells put out: streams, errors, and data in several types of which one is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import nh3

from agon.notebooks.ansi import to_html
from agon.notebooks.reading import text_of

MAX_TEXT = 20_000
MAX_HTML = 500_000

PICTURES = ("image/svg+xml", "image/png", "image/jpeg")
ORDER = (
    "text/html", "text/markdown", "image/svg+xml", "text/latex", "image/png", "image/jpeg", "text/plain",
)  # fmt: skip
"""The first of these that an output has and that can be shown is shown."""

TAGS = {
    "a", "b", "br", "caption", "code", "dd", "del", "div", "dl", "dt", "em", "hr", "i", "ins", "kbd", "li",
    "ol", "p", "pre", "s", "samp", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot",
    "th", "thead", "tr", "u", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
GONE_WITH_THEIR_CONTENT = {
    "script", "style", "svg", "math", "iframe", "frame", "noscript", "template", "object", "embed",
    "select", "textarea", "title", "button", "video", "audio", "canvas", "xmp", "plaintext",
}  # fmt: skip

_PROGRAM = re.compile(
    r"<\s*(?:script|form|input|iframe|canvas|object|embed|svg|video|audio|link)\b", re.IGNORECASE
)
"""Where one of these is, the rest of the HTML is seldom worth showing alone."""


@dataclass(slots=True)
class Output:
    """An output.

    Attributes:
        kind: text, error or data.
        number: Its place in the cell.
        text: What a stream or an error says.
        data: The output by its types.
    """

    kind: str
    number: int
    text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    is_cut: bool = False


def merged(found: Iterable[Mapping[str, Any]]) -> list[Output]:
    """A cell's outputs; streams that follow each other, as programs write them, are one."""
    shown: list[Output] = []
    for number, output in enumerate(found):
        kind = output.get("output_type")
        if kind == "stream":
            if not shown or shown[-1].kind != "text":
                shown.append(Output("text", number))
            _add(shown[-1], text_of(output.get("text")))
        elif kind == "error":
            shown.append(Output("error", number))
            _add(shown[-1], _traceback(output))
        else:
            data = output.get("data")
            shown.append(Output("data", number, data=data if isinstance(data, Mapping) else {}))
    return [output for output in shown if output.kind == "data" or output.text.strip()]


def _add(output: Output, text: str) -> None:
    room = MAX_TEXT - len(output.text)
    output.is_cut = output.is_cut or len(text) > room
    output.text += text[:room]


def _traceback(output: Mapping[str, Any]) -> str:
    lines = output.get("traceback")
    if isinstance(lines, list) and lines:
        return "\n".join(text_of(line) for line in lines)
    return f"{text_of(output.get('ename'))}: {text_of(output.get('evalue'))}"


def as_text(text: str) -> str:
    """Text of a terminal as safe HTML."""
    return to_html(text)


def as_html(text: str) -> str:
    """An output's own HTML without anything but text, lists and tables; empty where nothing is left."""
    if len(text) > MAX_HTML or _PROGRAM.search(text):
        return ""
    clean = nh3.clean(
        text,
        tags=TAGS,
        clean_content_tags=GONE_WITH_THEIR_CONTENT,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer nofollow",
        attribute_filter=_only_far_links,
    )
    return clean if nh3.clean(clean, tags=set()).strip() else ""


def _only_far_links(_tag: str, attribute: str, value: str) -> str | None:
    """A link in an output leads to the web, never to a page of this site."""
    if attribute == "href" and not value.lower().startswith(("https://", "http://")):
        return None
    return value


def what_is_missing(data: Mapping[str, Any]) -> str:
    """Why nothing of an output is shown: interactive, picture, or other."""
    types = " ".join(data)
    if "image/" in types:
        return "picture"
    if any(word in types for word in ("widget", "javascript", "plotly", "vega", "bokeh", "html")):
        return "interactive"
    return "other" if data else "empty"
