"""Which rows of a solution are public, where its host has not said so.

Rows of one class are shared out among themselves, so that both parts are alike. Which they are
depends on the seed and the ids alone: the same file comes out of the same draft each time.
"""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from pathlib import Path

MOST_CLASSES = 200
USAGE = "Usage"


def add_usage(
    source: Path, target: Path, *, id_column: str, label_column: str, public_percent: int, seed: int
) -> dict[str, int]:
    """Write the table with a column `Usage`; gives the rows of each split."""
    with source.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    header, body = rows[0], [row for row in rows[1:] if row]
    ids, labels = header.index(id_column), header.index(label_column)
    groups: dict[str, list[int]] = defaultdict(list)
    distinct = {row[labels] for row in body if labels < len(row)}
    for number, row in enumerate(body):
        label = row[labels] if labels < len(row) and len(distinct) <= MOST_CLASSES else ""
        groups[label].append(number)
    public: set[int] = set()
    for label in sorted(groups):
        drawn = sorted(groups[label], key=lambda number: _place(seed, body[number], ids))
        public |= set(drawn[: round(len(drawn) * public_percent / 100)])
    if body and not public:
        public.add(min(range(len(body)), key=lambda number: _place(seed, body[number], ids)))
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*header, USAGE])
        for number, row in enumerate(body):
            writer.writerow([*row, "Public" if number in public else "Private"])
    return {"public": len(public), "private": len(body) - len(public)}


def _place(seed: int, row: list[str], ids: int) -> bytes:
    name = row[ids] if ids < len(row) else ""
    return hashlib.sha256(f"{seed}:{name}".encode()).digest()
