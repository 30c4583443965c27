"""The cover of MNIST: two large digits, each pixel of which is a small one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

WIDTH, HEIGHT = 1200, 630
TILE_WIDTH, TILE_HEIGHT = 21, 22
SIDE = 28
PAPER = np.array([13, 17, 38], dtype=float)
LEFT = np.array([255, 176, 92], dtype=float)
RIGHT = np.array([255, 72, 132], dtype=float)
BIG = (4, 7)


def draw_cover(images: NDArray[np.uint8], labels: NDArray[np.uint8], path: Path) -> None:
    """Draw the cover from the training images; the same images give the same picture."""
    big = np.hstack([_clearest(images, labels, digit) for digit in BIG]) / 255
    small = iter(images)
    canvas = np.tile(PAPER, (HEIGHT, WIDTH, 1))
    left = (WIDTH - TILE_WIDTH * big.shape[1]) // 2
    top = (HEIGHT - TILE_HEIGHT * big.shape[0]) // 2
    for (row, column), light in np.ndenumerate(big):
        tile = _tile(next(small)) * (0.13 + 0.87 * light)
        colour = LEFT + (RIGHT - LEFT) * (column / big.shape[1])
        y, x = top + row * TILE_HEIGHT, left + column * TILE_WIDTH
        place = canvas[y : y + TILE_HEIGHT, x : x + TILE_WIDTH]
        place += tile[..., None] * (colour - place)
    Image.fromarray(canvas.round().astype(np.uint8)).save(path, optimize=True)


def _tile(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """A small digit without its margin, with values from 0 to 1."""
    picture = Image.fromarray(image[3:-3, 3:-3])
    shrunk = picture.resize((TILE_WIDTH, TILE_HEIGHT), Image.Resampling.LANCZOS)
    return np.asarray(shrunk, dtype=float) / 255


def _clearest(
    images: NDArray[np.uint8], labels: NDArray[np.uint8], digit: int
) -> NDArray[np.uint8]:
    """The image of a digit that is nearest to the mean of its kind."""
    mine = images[labels == digit][:2000].astype(float)
    distance = ((mine - mine.mean(axis=0)) ** 2).sum(axis=(1, 2))
    return mine[distance.argmin()].astype(np.uint8)
