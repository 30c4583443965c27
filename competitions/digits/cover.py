"""The cover of the Digits competition: thirty-two digits as dots of light."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

SIZE = (1200, 630)
COLUMNS, ROWS = 8, 4
CELL = 144  # eight dots of 16 pixels and a gap of one
PITCH = 16
SCALE = 3  # drawn larger and shrunk, for smooth edges
NIGHT = np.array([12, 18, 42])
UNLIT = np.array([29, 39, 74])
RAMP = np.array([[45, 212, 191], [96, 165, 250], [192, 132, 252], [251, 113, 133], [253, 186, 116]])
STEP = 3  # next to each other stand digits that differ: 0, 3, 6, 9, 2, …


def draw_cover(images: NDArray[np.int64], labels: NDArray[np.int64], path: Path) -> None:
    """Draw one image a cell; a dot's size is the pixel's ink, its colour its place on the cover."""
    canvas = Image.new("RGB", (SIZE[0] * SCALE, SIZE[1] * SCALE), tuple(NIGHT.tolist()))
    pen = ImageDraw.Draw(canvas)
    left = (SIZE[0] - COLUMNS * CELL + PITCH) / 2
    top = (SIZE[1] - ROWS * CELL + PITCH) / 2
    taken: dict[int, int] = {}
    for cell in range(COLUMNS * ROWS):
        digit = cell * STEP % 10
        image = _clear_examples(images, labels, digit)[taken.get(digit, 0)]
        taken[digit] = taken.get(digit, 0) + 1
        for (row, column), ink in np.ndenumerate(image):
            x = left + cell % COLUMNS * CELL + (column + 0.5) * PITCH
            y = top + cell // COLUMNS * CELL + (row + 0.5) * PITCH
            _dot(pen, x, y, ink / 16)
    canvas.resize(SIZE, Image.Resampling.LANCZOS).save(path, optimize=True)


def _clear_examples(
    images: NDArray[np.int64], labels: NDArray[np.int64], digit: int
) -> NDArray[np.int64]:
    """The images of a digit, those nearest to its mean first: they read well from afar."""
    own = images[labels == digit]
    distance = np.square(own - own.mean(axis=0)).sum(axis=(1, 2))
    return own[np.argsort(distance, kind="stable")]


def _dot(pen: ImageDraw.ImageDraw, x: float, y: float, ink: float) -> None:
    radius = 1.6 + 5.8 * ink
    along = np.clip((x / SIZE[0] * 0.8 + y / SIZE[1] * 0.2), 0, 1) * (len(RAMP) - 1)
    glow = np.array([np.interp(along, np.arange(len(RAMP)), channel) for channel in RAMP.T])
    colour = UNLIT + (glow - UNLIT) * min(1.0, ink * 1.3)
    box = [(x - radius) * SCALE, (y - radius) * SCALE, (x + radius) * SCALE, (y + radius) * SCALE]
    pen.ellipse(box, fill=tuple(int(value) for value in colour))
