"""An address as a picture that phones read."""

from __future__ import annotations

import qrcode
from qrcode.image.svg import SvgPathFillImage


def svg(text: str) -> bytes:
    """Black on white whatever the page's colours are, with the margin that readers need."""
    code = qrcode.QRCode(image_factory=SvgPathFillImage, border=4)
    code.add_data(text)
    content: bytes = code.make_image().to_string(encoding="utf-8")
    return content
