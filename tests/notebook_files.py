"""Notebooks for tests, as Jupyter writes them."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def bitmap(media_type: str = "image/png", size: tuple[int, int] = (3, 2)) -> bytes:
    stream = BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(stream, media_type.partition("/")[2].upper())
    return stream.getvalue()


PNG = base64.b64encode(bitmap()).decode()
JPEG = base64.b64encode(bitmap("image/jpeg")).decode()
SVG = '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><circle r="2"/></svg>'

Cell = dict[str, Any]


def markdown(source: str, attachments: dict[str, Any] | None = None) -> Cell:
    cell: Cell = {"cell_type": "markdown", "metadata": {}, "source": source}
    return cell if attachments is None else {**cell, "attachments": attachments}


def raw(source: str) -> Cell:
    return {"cell_type": "raw", "metadata": {}, "source": source}


def code(source: str = "1 + 1", *outputs: dict[str, Any], count: int | None = 1) -> Cell:
    return {
        "cell_type": "code",
        "metadata": {},
        "source": source,
        "execution_count": count,
        "outputs": list(outputs),
    }


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def display(**data: Any) -> dict[str, Any]:
    """An output by its types, each written as `image_png` for image/png."""
    bundle = {name.replace("_", "/", 1): value for name, value in data.items()}
    return {"output_type": "display_data", "metadata": {}, "data": bundle}


def of_types(data: dict[str, Any]) -> dict[str, Any]:
    return {"output_type": "display_data", "metadata": {}, "data": data}


def error(*traceback: str) -> dict[str, Any]:
    return {
        "output_type": "error",
        "ename": "ValueError",
        "evalue": "no such thing",
        "traceback": list(traceback),
    }


def notebook(*cells: Cell, language: str = "python", **top: Any) -> bytes:
    """The file; every cell gets an id, as format 4.5 wants."""
    made = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": language},
            "language_info": {"name": language},
        },
        "cells": [{"id": f"cell-{number}", **cell} for number, cell in enumerate(cells)],
    }
    return json.dumps({**made, **top}).encode()


def old_notebook() -> bytes:
    """Format 3, which Jupyter wrote until 2015."""
    cells = [
        {"cell_type": "heading", "level": 1, "metadata": {}, "source": ["Old times"]},
        {
            "cell_type": "code",
            "language": "python",
            "metadata": {},
            "collapsed": False,
            "prompt_number": 7,
            "input": ["print 'old'"],
            "outputs": [{"output_type": "stream", "stream": "stdout", "text": ["old\n"]}],
        },
    ]
    return json.dumps(
        {
            "nbformat": 3,
            "nbformat_minor": 0,
            "metadata": {"name": "old"},
            "worksheets": [{"cells": cells, "metadata": {}}],
        }
    ).encode()


def upload(content: bytes | None = None, name: str = "work.ipynb") -> SimpleUploadedFile:
    """A file as a browser sends it; without content, a small notebook."""
    made = notebook(markdown("# Work"), code("1 + 1", display(text_plain="2")))
    return SimpleUploadedFile(name, made if content is None else content)
