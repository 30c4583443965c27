"""Markdown with mathematics and highlighted code, made safe.

`nh3` runs last of all, on the finished HTML: whatever a step before it let through, such as the
`href` that LaTeX's `\\href` becomes, is removed there.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from unicodedata import normalize
from urllib.parse import urlsplit

import nh3
from django.utils.safestring import SafeString, mark_safe
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.anchors import anchors_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

MAX_FORMULA = 5_000
ANCHOR_PREFIX = "s-"

TEXT_TAGS = {
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "code",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
}
MATH_TAGS = {
    "math",
    "menclose",
    "merror",
    "mfrac",
    "mi",
    "mmultiscripts",
    "mn",
    "mo",
    "mover",
    "mpadded",
    "mphantom",
    "mprescripts",
    "mroot",
    "mrow",
    "ms",
    "mspace",
    "msqrt",
    "mstyle",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
}
MATH_ATTRIBUTES = {
    "accent",
    "accentunder",
    "columnalign",
    "columnlines",
    "columnspacing",
    "depth",
    "display",
    "displaystyle",
    "fence",
    "form",
    "height",
    "largeop",
    "linethickness",
    "lspace",
    "mathcolor",
    "mathvariant",
    "maxsize",
    "minsize",
    "movablelimits",
    "notation",
    "rowalign",
    "rowlines",
    "rowspacing",
    "rspace",
    "scriptlevel",
    "separator",
    "stretchy",
    "symmetric",
    "voffset",
    "width",
}
ATTRIBUTES = {
    "*": {"title", "lang", "dir"},
    "a": {"href", "id", "class", "aria-label"},
    "code": {"class"},
    "div": {"class"},
    "img": {"src", "alt", "width", "height"},
    "li": {"value"},
    "ol": {"start"},
    "pre": {"class", "tabindex"},
    "span": {"class"},
    "table": {"class"},
    "td": {"class", "colspan", "rowspan"},
    "th": {"class", "colspan", "rowspan", "scope"},
    **{f"h{level}": {"id"} for level in range(1, 7)},
    **dict.fromkeys(MATH_TAGS, MATH_ATTRIBUTES),
}
ALIGNMENTS = {
    "text-align:left": "align-left",
    "text-align:center": "align-center",
    "text-align:right": "align-right",
}


def render(text: str) -> SafeString:
    """The text as HTML that is safe to put into a page."""
    return _render(text)


@lru_cache(maxsize=256)
def _render(text: str) -> SafeString:
    return sanitized(_parser().render(text))


def render_formula(source: str, *, block: bool = False) -> SafeString:
    """One LaTeX formula, without delimiters, as MathML."""
    return sanitized(_formula(source, {"display_mode": block}))


def sanitized(html: str) -> SafeString:
    """Only what the allow lists name; addresses only of this site, the web and mail."""
    clean = nh3.clean(
        html,
        tags=TEXT_TAGS | MATH_TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_filtered,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(clean)  # noqa: S308  # nh3 made it so


def _filtered(tag: str, attribute: str, value: str) -> str | None:
    """Images only from this site: the reader's browser asks nobody else for anything."""
    if tag == "img" and attribute == "src":
        address = urlsplit(value)
        if address.scheme or address.netloc or "\\" in value:
            return None
    if attribute == "id" and not value.startswith(ANCHOR_PREFIX):
        return None
    return value


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "highlight": _highlighted})
    parser.enable(["table", "strikethrough"])
    parser.use(dollarmath_plugin, allow_space=False, double_inline=True, renderer=_formula)
    parser.use(anchors_plugin, min_level=1, max_level=4, slug_func=_anchor)
    parser.core.ruler.push("agon", _adapt)
    return parser


def _adapt(state: object) -> None:
    """Fit the tokens to the page: headings below the page's own, alignment by class."""
    tokens: list[Token] = state.tokens  # type: ignore[attr-defined]
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
        style = token.attrs.pop("style", None) if token.type in {"th_open", "td_open"} else None
        if style in ALIGNMENTS:
            token.attrSet("class", ALIGNMENTS[str(style)])
        if token.type == "th_open":
            token.attrSet("scope", "col")


def _anchor(title: str) -> str:
    """An id from a heading, in any script, that cannot be one of the page's own."""
    words = re.findall(r"\w+", normalize("NFKC", title).lower())
    return ANCHOR_PREFIX + "-".join(words)


def _highlighted(code: str, language: str, _attributes: str) -> str:
    try:
        lexer = get_lexer_by_name(language) if language else None
    except ClassNotFound:
        lexer = None
    inner = highlight(code, lexer, HtmlFormatter(nowrap=True)) if lexer else escape(code)
    return f'<pre class="code" tabindex="0"><code>{inner}</code></pre>\n'


def _formula(source: str, options: dict[str, bool]) -> str:
    """MathML; the source itself where it is no LaTeX that can be read."""
    block = options.get("display_mode", False)
    if len(source) > MAX_FORMULA:
        return _formula_source(source)
    try:
        return convert(source, display="block" if block else "inline")
    except Exception:  # noqa: BLE001  # the converter raises what it likes on bad LaTeX
        return _formula_source(source)


def _formula_source(source: str) -> str:
    return f'<code class="formula-source">{escape(source)}</code>'
