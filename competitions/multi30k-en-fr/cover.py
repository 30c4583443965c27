"""The cover of the translation competition: each word of a sentence tied to what it became."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

WIDTH, HEIGHT = 1200, 630
SCALE = 3  # drawn larger and shrunk, for smooth edges
NIGHT = (12, 18, 42)
RAMP = np.array([[45, 212, 191], [96, 165, 250], [192, 132, 252], [251, 113, 133], [253, 186, 116]])
ENGLISH = "A little girl climbing into a wooden playhouse."
# Which French word each English one became; the same row has both sentences.
TIES = ((0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 7), (6, 8), (7, 6))
TOP, BOTTOM = 170, 460
TEXT_SIZE = 39
MARGIN = 84
STEPS = 120
FAINT_ROWS = 14
FAINT = 0.13


def draw_cover(train: pl.DataFrame, path: Path) -> None:
    """Draw one pair of the training sentences, on many faint ones."""
    (french,) = train.filter(pl.col("english") == ENGLISH)["french"].unique()
    font = ImageFont.load_default(TEXT_SIZE * SCALE)
    above, below = _placed(ENGLISH.split(), font), _placed(french.split(), font)
    glow = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), NIGHT)
    _tie(glow, above, below, 16, 0.5)
    glow = glow.filter(ImageFilter.GaussianBlur(8 * SCALE))
    faint = Image.new("RGB", glow.size, NIGHT)
    _write_faintly(faint, train)
    canvas = ImageChops.lighter(glow, faint)
    _tie(canvas, above, below, 3.2, 1.0)
    _write(canvas, above, TOP, font)
    _write(canvas, below, BOTTOM, font)
    canvas.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(path, optimize=True)


def _placed(words: list[str], font: ImageFont.FreeTypeFont) -> list[tuple[str, float]]:
    """The words of a line and where the middle of each is; the line fills the width."""
    widths = [font.getlength(word) / SCALE for word in words]
    gap = (WIDTH - 2 * MARGIN - sum(widths)) / (len(words) - 1)
    lefts = MARGIN + np.cumsum([0.0, *widths[:-1]]) + gap * np.arange(len(words))
    return [
        (word, left + width / 2) for word, left, width in zip(words, lefts, widths, strict=True)
    ]


def _colour(x: float, light: float = 1.0) -> tuple[int, int, int]:
    place = np.clip(x / WIDTH, 0, 1) * (len(RAMP) - 1)
    glow = np.array([np.interp(place, np.arange(len(RAMP)), channel) for channel in RAMP.T])
    red, green, blue = np.array(NIGHT) + (glow - np.array(NIGHT)) * light
    return int(red), int(green), int(blue)


def _tie(
    canvas: Image.Image,
    above: list[tuple[str, float]],
    below: list[tuple[str, float]],
    width: float,
    light: float,
) -> None:
    """Curves from the words above to those below that they became."""
    pen = ImageDraw.Draw(canvas)
    way = np.linspace(0, 1, STEPS)
    ease = way**2 * (3 - 2 * way)
    for first, second in TIES:
        begin, end = above[first][1], below[second][1]
        xs = begin + (end - begin) * ease
        ys = TOP + TEXT_SIZE * 0.8 + (BOTTOM - TOP - TEXT_SIZE * 1.6) * way
        points = [(x * SCALE, y * SCALE) for x, y in zip(xs, ys, strict=True)]
        pen.line(points, fill=_colour(begin, light), width=round(width * SCALE), joint="curve")
        radius = width * 1.5
        for x, y in (points[0], points[-1]):
            box = (x - radius * SCALE, y - radius * SCALE, x + radius * SCALE, y + radius * SCALE)
            pen.ellipse(box, fill=_colour(begin, light))


def _write(
    canvas: Image.Image, words: list[tuple[str, float]], y: float, font: ImageFont.FreeTypeFont
) -> None:
    pen = ImageDraw.Draw(canvas)
    for word, x in words:
        pen.text((x * SCALE, y * SCALE), word, fill=(236, 240, 252), font=font, anchor="mm")


def _write_faintly(canvas: Image.Image, train: pl.DataFrame) -> None:
    """Lines of other sentences: English in the upper half, French in the lower one.

    Pillow's own font has no accents, so these are sentences without any.
    """
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(20 * SCALE)
    plain = train.filter(pl.col("french").str.contains(r"^[\x20-\x7e]+$"))
    step = HEIGHT / FAINT_ROWS
    for row in range(FAINT_ROWS):
        column = "english" if row < FAINT_ROWS / 2 else "french"
        text = "   ".join(plain[column][100 + row * 6 : 106 + row * 6])
        place = (-(row * 97 % 160) * SCALE, (row + 0.5) * step * SCALE)
        pen.text(place, text, fill=_colour(WIDTH * row / FAINT_ROWS, FAINT), font=font, anchor="lm")
