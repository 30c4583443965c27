"""What a program wrote to a terminal, as HTML: colours become classes, the rest of its commands goes."""

from __future__ import annotations

import re
from html import escape

COLOURS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")

_COLOUR_COMMAND = re.compile(r"\x1b\[([0-9;]*)m")
_OTHER_COMMAND = re.compile(
    r"\x1b\[[0-9;:?]*[ -/]*[@-ln-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\^_]"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]")


def to_html(text: str) -> str:
    """Escaped text with a span for each stretch of one colour."""
    pieces = _COLOUR_COMMAND.split(_OTHER_COMMAND.sub("", overwritten(text)))
    colour, bold, found = "", False, []
    for number, piece in enumerate(pieces):
        if number % 2:
            colour, bold = _changed(piece, colour, bold=bold)
        elif piece:
            found.append(_span(piece, colour, bold=bold))
    return "".join(found)


def overwritten(text: str) -> str:
    """What stands on the screen after carriage returns, as progress bars use them."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(_last_written(line) if "\r" in line else line for line in lines)


def _last_written(line: str) -> str:
    return next((piece for piece in reversed(line.split("\r")) if piece.strip()), "")


def _span(text: str, colour: str, *, bold: bool) -> str:
    shown = escape(_CONTROLS.sub("", text.replace("\x1b", "")))
    classes = [f"ansi-{colour}"] if colour else []
    classes += ["ansi-bold"] if bold else []
    return f'<span class="{" ".join(classes)}">{shown}</span>' if classes else shown


def _changed(command: str, colour: str, *, bold: bool) -> tuple[str, bool]:
    """The colour and weight after a command; of 256 colours and backgrounds only the end is heard."""
    codes = [int(code or 0) for code in command[:40].split(";")]
    if codes[0] in {38, 48}:
        return colour, bold
    for code in codes:
        if code == 0:
            colour, bold = "", False
        elif code in {1, 22}:
            bold = code == 1
        elif code == 39:
            colour = ""
        elif 30 <= code <= 37 or 90 <= code <= 97:
            colour = COLOURS[code % 10]
    return colour, bold
