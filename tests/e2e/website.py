"""The running site as the browser tests see it: its address, its people, and its hidden solution."""

from __future__ import annotations

import csv
import json
import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from launcher.processes import descendants
from tests.stack import ROOT, Browser, Stack

DIGITS = ROOT / "competitions" / "digits"
NEWCOMERS = 12
PARTICIPANTS = 40


@dataclass(frozen=True)
class Person:
    name: str
    session: str


@dataclass
class Website:
    """A stack with Digits loaded and a crowd of people, each to be used by one test alone."""

    stack: Stack
    host: Person
    newcomers: list[Person]
    participants: list[Person]
    csrf: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def url(self) -> str:
        return self.stack.web_url

    def newcomer(self) -> Person:
        """Somebody with an account who takes part in nothing."""
        return self.newcomers.pop()

    def participant(self) -> Person:
        """Somebody who has accepted the rules and submitted nothing."""
        return self.participants.pop()

    def submit(self, person: Person, content: bytes, slug: str = "digits") -> str:
        """Sends a file as plain HTTP, waits for its end, and gives its address on the site."""
        browser = Browser(self.url, person.session, self.csrf)
        with browser.client:
            answer = browser.submit(slug, content)
            assert answer.status_code == 201, f"{answer.status_code}: {answer.text[:500]}"
            address = answer.headers["Location"]
            browser.page_at_end(address)
            return str(address)

    @contextmanager
    def scoring_paused(self) -> Iterator[None]:
        """The scoring worker stands still, as on a machine that is too busy."""
        family = descendants(self.stack.processes["scoring"].pid)
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for process in family:
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(signal.SIGCONT)

    def letters(self) -> list[str]:
        """Every letter that the site has sent."""
        folder = self.stack.folder / "state" / "mail"
        return [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*"))]


@contextmanager
def open_website(folder: Path) -> Iterator[Website]:
    with Stack(folder, postgres=False, concurrency=1) as stack:
        made = stack.run("-m", "tests.e2e.people", str(DIGITS), str(NEWCOMERS), str(PARTICIPANTS))
        people = {
            group: [Person(name, session) for name, session in sessions.items()]
            for group, sessions in json.loads(made.splitlines()[-1]).items()
        }
        yield Website(stack, people["host"][0], people["newcomers"], people["participants"])


def rows(name: str) -> list[dict[str, str]]:
    with (DIGITS / "prepared" / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def example(name: str) -> bytes:
    return (DIGITS / "prepared" / "examples" / name).read_bytes()


def predictions(labels: dict[str, int]) -> str:
    return "id,label\n" + "".join(f"{key},{label}\n" for key, label in labels.items())


def constant(label: int) -> str:
    """A right file that says the same of every image; each label scores differently."""
    return predictions({row["id"]: label for row in rows("test.csv")})


def public_accuracy(labels: dict[str, int]) -> str:
    """What the leaderboard must show for these predictions, computed here and by hand."""
    public = [row for row in rows("solution.csv") if row["Usage"].lower() == "public"]
    right = sum(labels[row["id"]] == int(row["label"]) for row in public)
    return f"{right / len(public):.5f}"
