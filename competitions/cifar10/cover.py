"""The cover of CIFAR-10: hundreds of its images, chosen and placed by their colour."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

WIDTH, HEIGHT = 1200, 630
TILE = 30
TINT = 0.22  # how far each image is drawn to the colour of its place
RAMP = np.array(
    [[20, 120, 140], [60, 130, 220], [140, 100, 220], [220, 80, 130], [250, 150, 80]], dtype=float
)
NIGHT = np.array([13, 17, 38], dtype=float)
SEED = 10


def draw_cover(pixels: NDArray[np.uint8], path: Path) -> None:
    """Draw the cover from the training images; the same images give the same picture."""
    columns, rows = WIDTH // TILE, HEIGHT // TILE
    means = pixels.mean(axis=(1, 2))
    is_free = np.ones(len(pixels), dtype=bool)
    canvas = np.zeros((HEIGHT, WIDTH, 3))
    # In a mixed order, so that no corner is left with what the others did not want.
    for cell in np.random.default_rng(SEED).permutation(columns * rows).tolist():
        row, column = divmod(cell, columns)
        colour = _colour(column / (columns - 1), row / (rows - 1))
        distance = np.square(means - colour).sum(axis=1)
        distance[~is_free] = np.inf
        chosen = int(distance.argmin())
        is_free[chosen] = False
        tile = Image.fromarray(pixels[chosen]).resize((TILE, TILE), Image.Resampling.LANCZOS)
        drawn = np.asarray(tile, dtype=float)
        y, x = row * TILE, column * TILE
        canvas[y : y + TILE, x : x + TILE] = drawn + TINT * (colour - drawn)
    Image.fromarray(canvas.round().clip(0, 255).astype(np.uint8)).save(
        path, quality=88, optimize=True
    )


def _colour(across: float, down: float) -> NDArray[np.float64]:
    """Along the ramp from left to right, and from light to dark at the lower edge."""
    at = across * (len(RAMP) - 1)
    colour = np.array([np.interp(at, np.arange(len(RAMP)), channel) for channel in RAMP.T])
    light = colour + 0.45 * max(0.0, 0.45 - down) * (255 - colour)
    return light + max(0.0, down - 0.35) * 1.1 * (NIGHT - light)
