"""Pictures out of notebooks: kept as they are where they are what they say, else left out."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

MAX_BYTES = 5 * 1024**2
MAX_SIDE = 12_000
MAX_PIXELS = 40_000_000

FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG"}
SVG = "image/svg+xml"

_IS_SVG = re.compile(
    r"(?:\s++|<\?xml[^>]*\?>|<!--(?:(?!-->).)*-->|<!DOCTYPE[^>\[]*>)*+<(?:svg:)?svg[\s>]", re.DOTALL
)
_ACTIVE_SVG = re.compile(
    r"<\s*(?:[\w.-]+:)?(?:script|foreignObject|iframe|embed|object|handler|listener|audio|video|animate\w*|set)\b"
    r"|<!ENTITY|<\?xml-stylesheet"
    r"|[\s/\"']on\w+\s*="
    r"|(?:java|vb)\s*script\s*:"
    r"|href\s*+=\s*+[\"']?+\s*+(?!#|data:image/(?:png|jpeg))[^\s\"'#]"
    r"|@import|url\(\s*+[\"']?+\s*+(?!#)[^\s\"'#)]",
    re.IGNORECASE,
)
"""What a drawing needs for nothing, and an attack for everything."""

_REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);|#(?:\d+|x[0-9a-fA-F]+);)")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that may be served.

    Attributes:
        media_type: What it is, looked at and not only said.
        content: Its bytes.
        width: In pixels, where it says so; else 0.
        height: As `width`.
    """

    media_type: str
    content: bytes
    width: int = 0
    height: int = 0


def picture_of(media_type: str, text: str) -> Picture | None:
    """The picture in an output; None where it is none of the kind that it says it is."""
    if len(text) > MAX_BYTES * 4 // 3 + 4:
        return None
    return _drawing(text) if media_type == SVG else _bitmap(media_type, text)


def _bitmap(media_type: str, text: str) -> Picture | None:
    expected = FORMATS.get(media_type)
    if expected is None:
        return None
    try:
        content = b64decode("".join(text.split()), validate=True)
        with Image.open(BytesIO(content), formats=[expected]) as image:
            width, height = image.size
    except (
        binascii.Error,
        ValueError,
        OSError,
        SyntaxError,
        Warning,
        Image.DecompressionBombError,
    ):
        return None
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        return None
    return Picture(media_type, content, width, height)


def _drawing(text: str) -> Picture | None:
    """An SVG without anything that could act; references hide no word from that look."""
    if not _IS_SVG.match(text[:10_000]) or _REFERENCE.search(text):
        return None
    plain = re.sub(r"&#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}));", _character, text)
    if _ACTIVE_SVG.search(text) or _ACTIVE_SVG.search(plain):
        return None
    return Picture(SVG, text.encode())


def _character(reference: re.Match[str]) -> str:
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    return chr(code) if code < 0x110000 else " "
