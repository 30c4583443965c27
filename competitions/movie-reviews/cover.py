"""The cover of the movie-reviews competition: critics' words in a projector's light."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from words import balances

WIDTH, HEIGHT = 1200, 630
SCALE = 2  # drawn larger and shrunk, for smooth edges
NIGHT = np.array([12, 18, 42], dtype=float)
PRAISE = np.array([255, 186, 92], dtype=float)
SCORN = np.array([96, 165, 250], dtype=float)
PLAIN = np.array([120, 132, 175], dtype=float)
BEAM = np.array([196, 206, 255], dtype=float)
TEXT_SIZE = 23
LINE = 38
OFTEN = 12
FULL = 1.6  # a word that leans so far glows fully
LEAST_TELLING = 0.33  # how far a sentence's words must lean on average to be on the cover
LONGEST = 20
GLOW = 9


def draw_cover(train: pl.DataFrame, path: Path) -> None:
    """Draw sentences of the training rows; the same rows give the same picture."""
    leaning = balances(train, least=OFTEN)
    light = _written(_telling(train["text"].to_list(), leaning), leaning)
    glow = light.filter(ImageFilter.GaussianBlur(GLOW * SCALE))
    beam = _beam()[..., None]
    words = np.asarray(light, dtype=float) + 0.9 * np.asarray(glow, dtype=float)
    picture = NIGHT + beam * BEAM * 0.17 + words * (0.16 + 0.84 * beam)
    image = Image.fromarray(picture.clip(0, 255).round().astype(np.uint8))
    image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(path, optimize=True)


def _telling(texts: list[str], leaning: dict[str, float]) -> list[str]:
    """The sentences whose words say clearly what they mean."""
    chosen = []
    for text in texts:
        words = text.split()
        mean = sum(abs(leaning.get(word, 0.0)) for word in words) / len(words)
        if mean >= LEAST_TELLING and len(words) <= LONGEST:
            chosen.append(text)
    return chosen


def _written(texts: list[str], leaning: dict[str, float]) -> Image.Image:
    """The words on black, one sentence after the other, each as bright as it is telling."""
    image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE))
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(TEXT_SIZE * SCALE)
    space = font.getlength(" ") * 1.3
    words = iter([word for text in texts for word in text.split() if word != '"'])
    for line in range(HEIGHT // LINE + 1):
        x = -(line * 83 % 140) * SCALE
        while x < WIDTH * SCALE:
            word = next(words)
            lean = leaning.get(word, 0.0)
            strength = min(1.0, abs(lean) / FULL) ** 1.4
            side = PRAISE if lean > 0 else SCORN
            colour = PLAIN * 0.34 * (1 - strength) + side * strength
            place = (x, (line * LINE + 6) * SCALE)
            pen.text(place, word, fill=tuple(colour.astype(int).tolist()), font=font)
            x += int(font.getlength(word) + space)
    return image


def _beam() -> np.ndarray:
    """How much light falls where: a cone that widens from the left edge to the right one."""
    y, x = np.mgrid[0 : HEIGHT * SCALE, 0 : WIDTH * SCALE] / SCALE
    middle = HEIGHT * (0.12 + 0.43 * x / WIDTH)
    half = 34 + 0.215 * x
    inside = 1 / (1 + np.exp((np.abs(y - middle) - half) / (8 + 0.022 * x)))
    return np.asarray(inside * (1 - 0.2 * x / WIDTH))
