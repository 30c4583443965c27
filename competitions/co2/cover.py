"""The cover of the CO2 competition: each year a line of light, the later the higher and the warmer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from PIL import Image, ImageDraw, ImageFilter
from series import Floats, Windows

WIDTH, HEIGHT = 1200, 630
SCALE = 3  # drawn larger and shrunk, for smooth edges
NIGHT = (12, 18, 42)
RAMP = np.array([[45, 212, 191], [96, 165, 250], [192, 132, 252], [251, 113, 133], [253, 186, 116]])
FIRST_YEAR = 1959
LOWEST, HIGHEST = 311.5, 374.0
STEPS = 400
GLOW = 7
LAST_YEARS = 3  # are drawn stronger


def draw_cover(weeks: pl.DataFrame, path: Path) -> None:
    """Draw the years of the training weeks, smoothed; the same weeks give the same picture."""
    train = weeks.head(Windows.ending_with(weeks.height).origins[0] + 1)
    lines = _years(train)
    canvas = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), NIGHT)
    _draw(canvas, lines, 6.5, 0.55)
    canvas = canvas.filter(ImageFilter.GaussianBlur(GLOW * SCALE))
    _draw(canvas, lines, 2.2, 1.0)
    canvas.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(path, optimize=True)


def _years(train: pl.DataFrame) -> list[Floats]:
    """The values of each year at the same moments, from its first day to the next year's."""
    days = train["date"].to_physical().to_numpy() / 365.25 + 1970
    window = np.hanning(7)
    padded = np.pad(train["co2"].to_numpy(), 3, mode="edge")
    values = np.convolve(padded, window / window.sum(), mode="valid")
    last = int(days[-1])
    moments = np.linspace(0, 1, STEPS)
    return [np.interp(year + moments, days, values) for year in range(FIRST_YEAR, last)]


def _draw(canvas: Image.Image, lines: list[Floats], width: float, strength: float) -> None:
    pen = ImageDraw.Draw(canvas)
    across = np.linspace(-0.01, 1.01, STEPS) * WIDTH
    for number, values in enumerate(lines):
        age = number / (len(lines) - 1)
        up = HEIGHT - (values - LOWEST) / (HIGHEST - LOWEST) * HEIGHT
        light = strength * (0.55 + 0.45 * age)
        bold = width * (1.5 if number >= len(lines) - LAST_YEARS else 1.0)
        points = [(x * SCALE, y * SCALE) for x, y in zip(across, up, strict=True)]
        pen.line(points, fill=_colour(age, light), width=round(bold * SCALE), joint="curve")


def _colour(age: float, light: float) -> tuple[int, int, int]:
    place = age * (len(RAMP) - 1)
    glow = np.array([np.interp(place, np.arange(len(RAMP)), channel) for channel in RAMP.T])
    red, green, blue = np.array(NIGHT) + (glow - np.array(NIGHT)) * light
    return int(red), int(green), int(blue)
