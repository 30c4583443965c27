"""A notebook's file, read within limits and checked to be one.

What comes out has the shape of nbformat 4, so that whoever renders it need not ask again.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import nbformat
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from nbformat import versions
from nbformat.validator import NotebookValidationError, normalize

from agon.notebooks.errors import NotebookRefused

MAX_BYTES = 10 * 1024**2
MAX_CELLS = 1_000
MAX_OUTPUTS = 5_000
MAX_BRACKETS = 400_000
"""Each opens a list or an object of Python's, which takes many times its room in the file."""

OLDEST, NEWEST, MINOR = 3, 4, 5
_OPENING = re.compile(rb"[\[{]")


@dataclass(frozen=True, slots=True)
class Document:
    """A notebook.

    Attributes:
        language: What its code is written in, in lower case.
        cells: As nbformat 4 has them.
    """

    language: str
    cells: list[dict[str, Any]]


def read(content: bytes) -> Document:
    """The notebook in a file, or `NotebookRefused`."""
    if len(content) > MAX_BYTES:
        raise NotebookRefused("too_large", too_large(len(content)))
    try:
        return _checked(_parsed(content))
    except RecursionError as error:
        raise NotebookRefused(
            "too_complex", _("The notebook is nested too deeply. Clear its outputs and save it.")
        ) from error


def too_large(size: int) -> str:
    return _(
        "The notebook has %(size)s; the limit is %(limit)s. Clear large outputs and save it again."
    ) % {"size": filesizeformat(size), "limit": filesizeformat(MAX_BYTES)}


def text_of(value: object) -> str:
    """A text of a notebook, which may be a list of lines; without what no page can hold."""
    if isinstance(value, list):
        value = "".join(line for line in value if isinstance(line, str))
    if not isinstance(value, str):
        return ""
    return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _parsed(content: bytes) -> dict[str, Any]:
    if sum(1 for _bracket in _OPENING.finditer(content)) > MAX_BRACKETS:
        raise NotebookRefused(
            "too_complex",
            _("The notebook's outputs hold too much data. Clear them and save it again."),
        )
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except ValueError as error:
        raise _not_a_notebook() from error
    if not isinstance(found, dict) or type(found.get("nbformat")) is not int:
        raise _not_a_notebook()
    if not OLDEST <= found["nbformat"] <= NEWEST:
        raise NotebookRefused(
            "not_a_notebook",
            _(
                "The notebook is of format %(found)s; this site reads formats %(oldest)s and %(newest)s. Open it in Jupyter and save it."
            )
            % {"found": found["nbformat"], "oldest": OLDEST, "newest": NEWEST},
        )
    return found


def _not_a_notebook() -> NotebookRefused:
    return NotebookRefused(
        "not_a_notebook",
        _("The file is not a Jupyter notebook. Save it as .ipynb in Jupyter and upload that."),
    )


def _checked(found: dict[str, Any]) -> Document:
    notebook = _of_newest_format(found)
    metadata, cells = notebook["metadata"], notebook["cells"]
    outputs = sum(len(cell.get("outputs", ())) for cell in cells)
    if len(cells) > MAX_CELLS or outputs > MAX_OUTPUTS:
        raise NotebookRefused(
            "too_complex",
            _(
                "The notebook has %(cells)s cells and %(outputs)s outputs; at most %(most_cells)s and %(most_outputs)s are taken."
            )
            % {
                "cells": len(cells),
                "outputs": outputs,
                "most_cells": MAX_CELLS,
                "most_outputs": MAX_OUTPUTS,
            },
        )
    named = metadata.get("language_info", {}).get("name") or metadata.get("kernelspec", {}).get(
        "language"
    )
    return Document(language=text_of(named).lower() or "python", cells=cells)


def _of_newest_format(found: dict[str, Any]) -> dict[str, Any]:
    try:
        joined = versions[found["nbformat"]].to_notebook_json(
            found, minor=found.get("nbformat_minor")
        )
        notebook = nbformat.convert(joined, NEWEST)  # type: ignore[no-untyped-call]
        for number, cell in enumerate(notebook["cells"]):
            cell["id"] = f"cell-{number}"
        notebook["nbformat_minor"] = MINOR
        _changes, notebook = normalize(notebook, NEWEST, strip_invalid_metadata=True)
        nbformat.validate(notebook, relax_add_props=True)
    except RecursionError:
        raise
    except NotebookValidationError as error:
        raise NotebookRefused(
            "not_a_notebook",
            _("The notebook is damaged: %(reason)s. Open it in Jupyter and save it again.")
            % {"reason": text_of(error.message)[:200]},
        ) from error
    except Exception as error:  # the converter trusts what it is given, and raises what it likes
        raise _not_a_notebook() from error
    return dict(notebook)
