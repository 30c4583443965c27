"""Charts for the competitions' data pages, drawn with Pillow: lines, dots, bars and bands.

    chart = Chart(x=(1958, 2002), y=(310, 375))
    chart.y_axis({320: "320", 340: "340"}, "parts per million")
    chart.line(years, values, AMBER)
    chart.save(path)

The same numbers give the same picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]
Point = tuple[float, float]

WIDTH, HEIGHT = 1200, 520
LEFT, RIGHT, TOP, BOTTOM = 96, 40, 64, 76
SCALE = 3  # drawn larger and shrunk, for smooth edges
TEXT_SIZE = 22

NIGHT: Colour = (12, 18, 42)
GRID: Colour = (36, 46, 84)
INK: Colour = (203, 213, 235)
TEAL: Colour = (45, 212, 191)
BLUE: Colour = (96, 165, 250)
VIOLET: Colour = (192, 132, 252)
CORAL: Colour = (251, 113, 133)
AMBER: Colour = (253, 186, 116)


class Chart:
    """A picture with two axes; what is drawn later lies on top."""

    def __init__(self, *, x: Point, y: Point, height: int = HEIGHT) -> None:
        self._x, self._y, self._height = x, y, height
        self._image = Image.new("RGB", (WIDTH * SCALE, height * SCALE), NIGHT)
        self._pen = ImageDraw.Draw(self._image)
        self._font = ImageFont.load_default(TEXT_SIZE * SCALE)
        self._next_key = float(LEFT)

    def x_axis(self, ticks: Mapping[float, str], title: str = "") -> None:
        """Marks below the chart, and what they measure."""
        bottom = self._height - BOTTOM
        self._line([(LEFT, bottom), (WIDTH - RIGHT, bottom)], GRID, 2)
        for value, text in ticks.items():
            self._text((self._at(value, 0)[0], bottom + 10), text, "ma")
        self._text(((LEFT + WIDTH - RIGHT) / 2, self._height - 10), title, "md")

    def y_axis(self, ticks: Mapping[float, str], title: str = "") -> None:
        """Lines across the chart with their values, and what these measure."""
        for value, text in ticks.items():
            _, y = self._at(0, value)
            self._line([(LEFT, y), (WIDTH - RIGHT, y)], GRID, 1)
            self._text((LEFT - 12, y), text, "rm")
        self._text((LEFT, 14), title, "la")
        self._next_key = LEFT + self._font.getlength(title) / SCALE + (40 if title else 0)

    def key(self, text: str, colour: Colour) -> None:
        """A colour and what it stands for, after those before it, above the chart."""
        left = self._next_key
        self._pen.rounded_rectangle(_scaled((left, 18), (left + 18, 36)), 4 * SCALE, fill=colour)
        self._text((left + 28, 14), text, "la")
        self._next_key = left + 28 + self._font.getlength(text) / SCALE + 32

    def line(
        self, xs: Sequence[float], ys: Sequence[float], colour: Colour, width: float = 3
    ) -> None:
        points = [self._at(x, y) for x, y in zip(xs, ys, strict=True)]
        self._line(points, colour, width)

    def dots(
        self, xs: Sequence[float], ys: Sequence[float], colour: Colour, radius: float = 5
    ) -> None:
        for x, y in zip(xs, ys, strict=True):
            left, top = self._at(x, y)
            box = _scaled((left - radius, top - radius), (left + radius, top + radius))
            self._pen.ellipse(box, fill=colour)

    def bars(
        self, xs: Sequence[float], ys: Sequence[float], colour: Colour, *, width: float
    ) -> None:
        """Bars from the bottom; `width` is in the units of x."""
        for x, y in zip(xs, ys, strict=True):
            left, top = self._at(x - width / 2, y)
            right, bottom = self._at(x + width / 2, self._y[0])
            if bottom - top > 1 / SCALE:
                self._pen.rectangle(_scaled((left, top), (right, bottom)), fill=colour)

    def band(self, begin: float, end: float, colour: Colour) -> None:
        """A stretch of x, from the bottom to the top."""
        left, right = self._at(begin, 0)[0], self._at(end, 0)[0]
        self._pen.rectangle(_scaled((left, TOP), (right, self._height - BOTTOM)), fill=colour)

    def label(self, x: float, y: float, text: str, *, above: float = 8) -> None:
        """A text centred above a point."""
        left, top = self._at(x, y)
        self._text((left, top - above), text, "md")

    def label_beside(self, x: float, y: float, text: str, *, right: bool = True) -> None:
        """A text that begins right of a point, or ends left of it."""
        left, top = self._at(x, y)
        self._text((left + (8 if right else -8), top), text, "lm" if right else "rm")

    def save(self, path: Path) -> None:
        size = (WIDTH, self._height)
        self._image.resize(size, Image.Resampling.LANCZOS).save(path, optimize=True)

    def _at(self, x: float, y: float) -> Point:
        across = (x - self._x[0]) / (self._x[1] - self._x[0])
        up = (y - self._y[0]) / (self._y[1] - self._y[0])
        bottom = self._height - BOTTOM
        return LEFT + across * (WIDTH - RIGHT - LEFT), bottom - up * (bottom - TOP)

    def _line(self, points: Sequence[Point], colour: Colour, width: float) -> None:
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self._pen.line(scaled, fill=colour, width=max(1, round(width * SCALE)), joint="curve")

    def _text(self, place: Point, text: str, anchor: str) -> None:
        x, y = place
        self._pen.text((x * SCALE, y * SCALE), text, fill=INK, font=self._font, anchor=anchor)


def _scaled(first: Point, second: Point) -> tuple[float, float, float, float]:
    return (first[0] * SCALE, first[1] * SCALE, second[0] * SCALE, second[1] * SCALE)
