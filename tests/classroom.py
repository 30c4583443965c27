"""A class that competes on a running site, and what must come of it, reckoned from the files sent.

Everything here is plain Python over the very bytes that went to the site: nothing is asked of the
site's own code, so that a figure of the site and a figure of here agree only if both are right.
"""

from __future__ import annotations

import csv
import io
import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import competition_folders

from tests.stack import Browser

ROWS = 300
PUBLIC = 100
CONTESTED = 60
TOTAL = 8
SLUG = "class-of-200"
HEADING = (
    "name", "user_name", "email", "reference", "team", "members", "rank", "score", "public_rank",
    "public_score", "submissions", "medal", "disqualified",
)  # fmt: skip

MAKE_PEOPLE = """
import json, sys
import django
django.setup()
from agon.accounts.models import User
from tests.populate import session_of

names = ["teacher", "stranger", *(f"student{number:03}" for number in range(int(sys.argv[1])))]
made = [User(username=name, email=f"{name}@example.org", password="!") for name in names]
User.objects.bulk_create(made)
print(json.dumps({user.username: session_of(user) for user in made}))
"""


@dataclass(frozen=True)
class Student:
    """Somebody on the roster; two of them have names that tables and letters must bear."""

    number: int

    @property
    def username(self) -> str:
        return f"student{self.number:03}"

    @property
    def email(self) -> str:
        return f"{self.username}@example.org"

    @property
    def reference(self) -> str:
        return f"S{10_000 + self.number}"

    @property
    def name(self) -> str:
        return {5: "=1+1", 6: "李雷"}.get(self.number, f"Student Number {self.number}")


def roster(students: Iterable[Student]) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(["Student", "Student ID", "E-mail address"])
    writer.writerows([one.name, one.reference, one.email] for one in students)
    return stream.getvalue().encode()


@dataclass
class Sent:
    """A file as it went to the site, and the number that the site gave to it."""

    content: bytes
    number: int
    is_chosen: bool = False


@dataclass
class Group:
    """A team of the class, its captain first."""

    name: str
    members: list[Student]
    sent: list[Sent] = field(default_factory=list)
    is_disqualified: bool = False
    link: str = ""

    @property
    def captain(self) -> Student:
        return self.members[0]

    def sender(self) -> Student:
        """They take turns."""
        return self.members[len(self.sent) % len(self.members)]


def usage(row: int) -> str:
    return "Public" if row % 3 == 1 else "Private"


def solution(*, second: bool = False) -> bytes:
    """The second one says something else about the contested rows."""
    lines = [
        f"{row},{row % 10 + (10 if second and row <= CONTESTED else 0)},{usage(row)}"
        for row in range(1, ROWS + 1)
    ]
    return ("id,label,Usage\n" + "\n".join(lines) + "\n").encode()


def answers(chance: random.Random, *, foresees: bool, skill: float) -> bytes:
    """About so many rows right; of the contested ones by the second solution or by the first."""
    lines = []
    for row in range(1, ROWS + 1):
        label = row % 10 + (10 if foresees and row <= CONTESTED else 0)
        lines.append(f"{row},{label if chance.random() < skill else 99}")
    return ("id,label\n" + "\n".join(lines) + "\n").encode()


def write_folder(home: Path) -> Path:
    """The competition as its host has it on the disk: private, results only when published."""
    made = competition_folders.write_folder(
        home,
        visibility="private",
        starts="2020-01-01T00:00:00Z",
        ends="2099-01-01T00:00:00Z",
        teams={"size": 4},
        results={"medals": True},
        phases=[
            {
                "submission": {"sample": "prepared/sample.csv", "columns": {"label": "integer"}},
                "solution": {"file": "prepared/solution.csv"},
                "metrics": [{"name": "accuracy"}],
                "limits": {"per_day": None, "total": TOTAL, "pending": TOTAL},
                "final_submissions": 2,
                "results": "published",
            }
        ],
    )
    prepared = made / "prepared"
    prepared.mkdir()
    (prepared / "train.csv").write_text("id,label\n1000,1\n")
    (prepared / "solution.csv").write_bytes(solution())
    sample = "".join(f"{row},0\n" for row in range(1, ROWS + 1))
    (prepared / "sample.csv").write_text("id,label\n" + sample)
    return made


def table(content: bytes | str) -> list[dict[str, str]]:
    text = content.decode() if isinstance(content, bytes) else content
    return list(csv.DictReader(io.StringIO(text)))


def accuracy(content: bytes, truth: bytes, split: str) -> float:
    given = {row["id"]: row["label"] for row in table(content)}
    asked = [row for row in table(truth) if row["Usage"] == split]
    return sum(given[row["id"]] == row["label"] for row in asked) / len(asked)


def finals(group: Group, truth: bytes) -> list[Sent]:
    """What the team has chosen; the best public ones, the earliest first, in the free places."""
    by_public = sorted(group.sent, key=lambda one: -accuracy(one.content, truth, "Public"))
    chosen = [one for one in by_public if one.is_chosen]
    return [*chosen, *(one for one in by_public if not one.is_chosen)][:2]


def score_of(group: Group, truth: bytes, split: str) -> float:
    counting = group.sent if split == "Public" else finals(group, truth)
    return max(accuracy(one.content, truth, split) for one in counting)


def ranking(groups: Iterable[Group], truth: bytes, split: str) -> dict[str, tuple[int, str]]:
    """Each team's rank and score as printed; equal scores share a rank."""
    scores = {
        group.name: score_of(group, truth, split)
        for group in groups
        if group.sent and not group.is_disqualified
    }
    return {
        name: (1 + sum(other > score for other in scores.values()), f"{score:.5f}")
        for name, score in scores.items()
    }


def medal(rank: int, teams: int) -> str:
    """Of fewer than a hundred teams: the first tenth gold, fifth silver, two fifths bronze."""
    for name, share in (("gold", 0.1), ("silver", 0.2), ("bronze", 0.4)):
        if rank <= math.ceil(round(teams * share, 9)):
            return name
    return ""


def grades(groups: Iterable[Group], truth: bytes) -> dict[str, dict[str, str]]:
    """What the gradebook says of each student, by user name."""
    groups = list(groups)
    private, public = ranking(groups, truth, "Private"), ranking(groups, truth, "Public")
    found = {}
    for group in groups:
        rank, score = private.get(group.name, ("", ""))
        public_rank, public_score = public.get(group.name, ("", ""))
        given = medal(rank, len(private)) if isinstance(rank, int) else ""
        for student in group.members:
            cells = (
                f"'{student.name}" if student.name.startswith("=") else student.name,
                student.username, student.email, student.reference, group.name,
                len(group.members), rank, score, public_rank, public_score, len(group.sent), given,
                "yes" if group.is_disqualified else "",
            )  # fmt: skip
            found[student.username] = dict(zip(HEADING, map(str, cells), strict=True))
    return found


class Classroom:
    """The browsers of everybody, opened when they are first needed."""

    def __init__(self, web_url: str, sessions: dict[str, str]) -> None:
        self.web_url, self.sessions = web_url, sessions
        self.csrf = "c" * 32
        self._open: dict[str, Browser] = {}

    def __getitem__(self, who: Student | str) -> Browser:
        name = who if isinstance(who, str) else who.username
        if name not in self._open:
            self._open[name] = Browser(self.web_url, self.sessions[name], self.csrf)
        return self._open[name]

    def close(self) -> None:
        for browser in self._open.values():
            browser.client.close()


def groups_of(students: list[Student], size: int, name: str) -> Iterator[Group]:
    for number, start in enumerate(range(0, len(students), size), start=1):
        yield Group(f"{name} {number:02}", students[start : start + size])
