"""What has changed between two texts, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

CONTEXT = 3
"""Unchanged lines that are shown around a change."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the comparison.

    Attributes:
        kind: `same`, `gone`, `new`, or `gap` for lines that are left out.
        count: How many lines a gap leaves out.
    """

    kind: str
    text: str = ""
    count: int = 0


def differences(before: str, after: str) -> list[Line]:
    """Nothing where the texts are the same."""
    old, new = before.splitlines(), after.splitlines()
    groups = list(SequenceMatcher(a=old, b=new, autojunk=False).get_grouped_opcodes(CONTEXT))
    return list(_lines(groups, old, new))


def _lines(
    groups: list[list[tuple[str, int, int, int, int]]], old: list[str], new: list[str]
) -> Iterator[Line]:
    seen = 0
    for group in groups:
        first = group[0][1]
        if first > seen:
            yield Line("gap", count=first - seen)
        for kind, from_old, to_old, from_new, to_new in group:
            if kind == "equal":
                yield from (Line("same", text) for text in old[from_old:to_old])
                continue
            yield from (Line("gone", text) for text in old[from_old:to_old])
            yield from (Line("new", text) for text in new[from_new:to_new])
        seen = group[-1][2]
    if groups and seen < len(old):
        yield Line("gap", count=len(old) - seen)
