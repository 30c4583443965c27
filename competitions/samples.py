"""Pictures of labelled images for the data pages: some of each class, and how many of each there are.

The same images give the same pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from charts import AMBER, BLUE, CORAL, INK, NIGHT, TEAL, VIOLET, WIDTH, Chart, Colour
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

GAP = 6
MARGIN = 24
TEXT_SIZE = 22
RAMP = (TEAL, BLUE, VIOLET, CORAL, AMBER)


def draw_samples(
    images: NDArray[np.uint8],
    labels: NDArray[np.integer],
    names: Sequence[str],
    path: Path,
    *,
    count: int = 12,
    is_sharp: bool = True,
) -> None:
    """The first images of each class side by side, a class a row.

    Args:
        images: Shape (n, height, width) or (n, height, width, 3), from 0 to 255.
        labels: The number of each image's class.
        names: The classes' names.
        path: Where to write the picture.
        count: How many of each class.
        is_sharp: Whether pixels stay squares when they are enlarged.
    """
    font = ImageFont.load_default(TEXT_SIZE)
    text_width = max(font.getlength(name) for name in names)
    left = round(MARGIN + text_width + MARGIN)
    side = (WIDTH - left - MARGIN - (count - 1) * GAP) // count
    height = 2 * MARGIN + len(names) * (side + GAP) - GAP
    canvas = Image.new("RGB", (WIDTH, height), NIGHT)
    pen = ImageDraw.Draw(canvas)
    way = Image.Resampling.NEAREST if is_sharp else Image.Resampling.LANCZOS
    for number, name in enumerate(names):
        top = MARGIN + number * (side + GAP)
        place = (left - MARGIN, top + side // 2)
        pen.text(place, name, fill=INK, font=font, anchor="rm")
        for column, image in enumerate(images[labels == number][:count]):
            picture = Image.fromarray(image).convert("RGB").resize((side, side), way)
            canvas.paste(picture, (left + column * (side + GAP), top))
    canvas.save(path, quality=88, optimize=True)


def draw_classes(
    labels: NDArray[np.integer], names: Sequence[str], path: Path, *, what: str
) -> None:
    """How many images of each class there are, as bars.

    Args:
        labels: The number of each image's class.
        names: The classes' names.
        path: Where to write the picture.
        what: What is counted, such as "training images".
    """
    counts = np.bincount(labels, minlength=len(names)).tolist()
    chart = Chart(x=(-0.6, len(names) - 0.4), y=(0.0, 1.12 * max(counts)), height=400)
    chart.y_axis({}, f"{what[:1].upper()}{what[1:]} of each class")
    for number, count in enumerate(counts):
        chart.bars([number], [count], _colour(number / max(1, len(names) - 1)), width=0.7)
        chart.label(number, count, f"{count:,}")
    chart.x_axis(dict(enumerate(names)))
    chart.save(path)


def _colour(along: float) -> Colour:
    """A place on the ramp of colours, from 0 to 1."""
    at = along * (len(RAMP) - 1)
    red, green, blue = (
        round(float(np.interp(at, range(len(RAMP)), channel)))
        for channel in zip(*RAMP, strict=True)
    )
    return red, green, blue
