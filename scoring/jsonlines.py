"""JSON Lines read line by line: one object on each, blank lines between them allowed.

Numbers fall under the rules of `rows.parse`. A number in quotation marks is text, and text
without them is none. A missing key and ``null`` are an empty value.
"""

from __future__ import annotations

import json
from typing import IO, Any

from scoring.contract import ColumnType, Layout
from scoring.errors import InvalidSubmission, Problem
from scoring.heads import JsonText, RepeatedKey, expected_object, json_decoder
from scoring.rows import EMPTY, IS_TEXT, WRONG, Refusal, RowCollector, Value, bounded_lines, parse
from scoring.tables import CheckedTable, shown


def read_objects(stream: IO[str], *, layout: Layout, max_rows: int) -> CheckedTable:
    """Read the needed keys of each object and everything that is wrong with them.

    Args:
        stream: The text, opened with ``newline="\\n"``.
        layout: Which keys are needed, and their types.
        max_rows: Where to stop reading.

    Raises:
        InvalidSubmission: the text can't be split into lines.
    """
    collector = RowCollector[Any](layout=layout, max_rows=max_rows, parse=parse_json, show=_show)
    names = [wanted.name for wanted in collector.wanted]
    decoder = json_decoder(names)
    expected: dict[str, str | int] = {"expected": expected_object(layout)}
    try:
        for number, line in enumerate(bounded_lines(stream), start=1):
            if not line.strip():
                collector.pass_blank()
                continue
            if not collector.begin():
                break
            found = _object(decoder, line)
            if isinstance(found, dict):
                collector.take(number, [found.get(name) for name in names])
            else:
                collector.tally("json_rows", "", expected).add(f"line {number}: {found}")
    except UnicodeDecodeError as error:
        raise InvalidSubmission(Problem("not_utf8")) from error
    return collector.result()


def parse_json(value: Any, kind: ColumnType) -> Value | Refusal:
    """One value of an object, whose numbers are still text."""
    if value is None:
        return "" if kind is ColumnType.SEQUENCE else EMPTY
    is_text = isinstance(value, str) and not isinstance(value, JsonText)
    if is_text != (kind in IS_TEXT) or not isinstance(value, str):
        return WRONG
    if is_text and not _is_whole(value):
        return WRONG
    return parse(value, kind)


def _object(decoder: json.JSONDecoder, line: str) -> dict[str, Any] | str:
    """The object on a line, or in words what is there instead."""
    try:
        found = decoder.decode(line)
    except RepeatedKey as error:
        return f"{shown(error)} is there twice"
    except (ValueError, RecursionError):
        return shown(line.strip())
    return found if isinstance(found, dict) else shown(line.strip())


def _is_whole(text: str) -> bool:
    """Whether a text has no half of a character, which ``\\ud800`` alone would be."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _show(value: Any) -> str:
    if isinstance(value, JsonText):
        return shown(value)
    try:
        return shown(json.dumps(value, ensure_ascii=False))
    except RecursionError:
        return shown("…")
