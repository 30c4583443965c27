"""Notebooks that try to run a script in the site's origin, or to send the reader's browser elsewhere.

Each payload leaves three traces where it runs: `window.pwned`, the page's title, and a request whose
address holds CANARY.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

from notebook_files import (
    PNG,
    SVG,
    bitmap,
    code,
    display,
    error,
    markdown,
    notebook,
    of_types,
    raw,
    stream,
)

CANARY = "canary-of-hostile-notebooks"
SCRIPT = f"window.pwned=1;document.title='pwned';fetch('/{CANARY}')"
TAG = f"<script>{SCRIPT}</script>"
FAR = f"https://evil.example/{CANARY}"

HTML = [
    TAG,
    f"<p>x</p>{TAG}<table><tr><td>{TAG}</td></tr></table>",
    f'<img src=x onerror="{SCRIPT}">',
    f'<table><tr><td onmouseover="{SCRIPT}" onfocus="{SCRIPT}" tabindex=1 autofocus>x</td></tr></table>',
    f'<svg onload="{SCRIPT}"><script>{SCRIPT}</script></svg>',
    f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={SCRIPT}&gt;">',
    f'<form action="{FAR}"><input name=q autofocus onfocus="{SCRIPT}"><button>x</button></form>',
    f'<iframe src="javascript:{SCRIPT}"></iframe><iframe srcdoc="{TAG}"></iframe>',
    f'<object data="data:text/html,{TAG}"></object><embed src="javascript:{SCRIPT}">',
    f'<a href="javascript:{SCRIPT}">a</a><a href=" &#106;ava&#x0A;script:{SCRIPT}">b</a>',
    f'<a href="data:text/html,{TAG}">c</a><a href="vbscript:x">d</a><a href="/accounts/logout/">e</a>',
    f'<base href="{FAR}"><p>base</p>',
    f'<meta http-equiv="refresh" content="0;url={FAR}"><p>meta</p>',
    f'<link rel="stylesheet" href="{FAR}"><p>link</p>',
    f"<style>@import '{FAR}'; body {{ background: url({FAR}) }}</style><p>style</p>",
    f'<p style="background:url({FAR})" class="skip" id="board" data-live hx-get="/{CANARY}" hx-trigger="load">x</p>',
    f'<div hx-get="/{CANARY}" hx-trigger="load" data-copy="x" data-focus>x</div>',
    f'<video src="{FAR}" autoplay></video><audio src="{FAR}"></audio><img src="{FAR}" srcset="{FAR} 2x">',
    '<p id="csrfmiddlewaretoken" name="cookie">clobber</p><a id="body" name="body">clobber</a>',
    f"<noscript><p title=\"</noscript><img src=x onerror={SCRIPT}>\"></noscript>",
    f"<textarea></textarea>{TAG}<xmp></xmp>{TAG}<plaintext>{TAG}",
    f"<template><img src=x onerror={SCRIPT}></template><p>x</p>",
    f"</div></article></main>{TAG}<p>out of the page</p>",
    f"<!--><img src=x onerror={SCRIPT}>--><p>x</p>",
]  # fmt: skip

MARKDOWN = [
    TAG,
    f"# <img src=x onerror={SCRIPT}>",
    f"[a](javascript:{SCRIPT}) [b](JaVaScRiPt:{SCRIPT}) [c](&#106;avascript:{SCRIPT})",
    f"[d](data:text/html;base64,{base64.b64encode(TAG.encode()).decode()}) <javascript:{SCRIPT}>",
    f"![e](javascript:{SCRIPT}) ![f]({FAR}) ![g](//evil.example/{CANARY}) ![h](/{CANARY})",
    f"![i](data:image/svg+xml;base64,{base64.b64encode(SVG.encode()).decode()})",
    f"$\\href{{javascript:{SCRIPT}}}{{x}}$ $\\text{{{TAG}}}$ $$\\unicode{{x3c}}script>$$",
    f'```html"><script>{SCRIPT}</script>\n{TAG}\n```',
    f"```{TAG}\nx\n```",
    f'[x]: javascript:{SCRIPT} "{TAG}"\n\n[x]',
    "# csrfmiddlewaretoken\n\n# location\n\n# body",
    f"| a |\n|---|\n| {TAG} |",
    f"[z](https://example.org/\"onmouseover=\"{SCRIPT})",
]  # fmt: skip

_NAMESPACES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
DRAWINGS = [
    f"<svg {_NAMESPACES}><script>{SCRIPT}</script></svg>",
    f'<svg {_NAMESPACES} onload="{SCRIPT}"></svg>',
    f"<svg {_NAMESPACES} ONLOAD='{SCRIPT}'/>",
    f'<svg {_NAMESPACES}><foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="javascript:{SCRIPT}"/></foreignObject></svg>',
    f'<svg {_NAMESPACES}><a xlink:href="javascript:{SCRIPT}"><text y="9">x</text></a></svg>',
    f'<svg {_NAMESPACES}><a xlink:href="java&#115;cript&#58;{SCRIPT}"><text y="9">x</text></a></svg>',
    f'<svg {_NAMESPACES}><use xlink:href="{FAR}#x"/><image href="{FAR}"/></svg>',
    f'<svg {_NAMESPACES}><image href="data:image/svg+xml,%3Csvg/%3E"/></svg>',
    f"<svg {_NAMESPACES}><style>@import url({FAR});</style></svg>",
    f'<svg {_NAMESPACES}><rect fill="url( \'{FAR}\')"/></svg>',
    f'<svg {_NAMESPACES}><set attributeName="onload" to="{SCRIPT}"/></svg>',
    f'<svg {_NAMESPACES}><animate attributeName="href" values="javascript:{SCRIPT}"/></svg>',
    f'<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:script>{SCRIPT}</s:script></s:svg>',
    f'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x "{TAG}">]><svg {_NAMESPACES}>&x;</svg>',
    f'<?xml version="1.0"?><?xml-stylesheet href="{FAR}"?><svg {_NAMESPACES}/>',
    f"<html>{TAG}</html>",
    f'<svg {_NAMESPACES}><handler type="text/javascript">{SCRIPT}</handler></svg>',
]  # fmt: skip


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


DISGUISED = {
    "image/png": [
        _encoded(f"<html>{TAG}</html>".encode()),
        _encoded(b"GIF89a" + TAG.encode()),
        _encoded(SVG.encode()),
        _encoded(bitmap("image/jpeg")),
        _encoded(b"\x89PNG\r\n\x1a\n"),
        f'"><script>{SCRIPT}</script>',
        "",
    ],
    "image/jpeg": [_encoded(bitmap()), _encoded(b"\xff\xd8\xff" + TAG.encode())],
}
"""What says that it is a picture and is none."""

POLYGLOT = bitmap() + TAG.encode()
"""A true picture with HTML behind it: it may be shown, but only as a picture."""

ODD_DATA = [
    {"application/javascript": SCRIPT},
    {"text/html; charset=utf-7": TAG},
    {"application/vnd.jupyter.widget-view+json": {"model_id": TAG, "version_major": 2}},
    {"application/vnd.plotly.v1+json": {"data": [TAG]}},
    {TAG: TAG},
    {"image/png": ["not", "one"], "text/plain": [TAG]},
    {"text/latex": f"$\\href{{javascript:{SCRIPT}}}{{x}}$"},
    {"text/markdown": f"[a](javascript:{SCRIPT}) {TAG}"},
    {"text/plain": TAG},
]


def notebooks() -> Iterator[tuple[str, bytes]]:
    """Each with a name of its own."""
    yield "html", notebook(*[code("x", of_types({"text/html": html})) for html in HTML])
    yield "markdown", notebook(*[markdown(text) for text in MARKDOWN])
    yield "drawings", notebook(*[code("x", of_types({"image/svg+xml": text})) for text in DRAWINGS])
    yield (
        "disguised",
        notebook(
            *[
                code("x", of_types({media_type: text}))
                for media_type, texts in DISGUISED.items()
                for text in texts
            ],
            code("x", display(image_png=_encoded(POLYGLOT)), of_types({"image/svg+xml": SVG})),
        ),
    )
    yield "odd-data", notebook(*[code("x", of_types(data)) for data in ODD_DATA])
    yield (
        "everything-else",
        notebook(
            code(TAG, stream(TAG), stream(f"\x1b[31m{TAG}\x1b[0m", "stderr"), error(TAG)),
            code(f'"""{TAG}"""', error()),
            raw(TAG),
            markdown(
                f'![x](attachment:a.png) ![y](attachment:{TAG}) ![z](attachment:b")',
                {
                    "a.png": {"image/png": PNG, "image/svg+xml": DRAWINGS[0]},
                    'b"': {"image/svg+xml": DRAWINGS[1]},
                },
            ),
            language=f'"><script>{SCRIPT}</script>',
        ),
    )
