"""What one notebook measured, read back from the site as its host may see it."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from launcher.expectations import Quick

ANSWER_SECONDS = 30
Document = Mapping[str, Any]


class NotAnswered(Exception):
    """The site did not give what was asked for; a sentence says why."""


class SiteReader:
    """The few addresses of the site's API that are read here."""

    def __init__(self, address: str, token: str) -> None:
        self._address = address.rstrip("/")
        self._token = token

    def competition(self, slug: str) -> Document:
        found: Document = self._get(f"{self._address}/api/competitions/{slug}/")
        return found

    def submissions(self, slug: str, executed: Path) -> list[Document]:
        """Those that an executed notebook shows the addresses of, with every score that a host may see."""
        text = executed.read_text(encoding="utf-8")
        numbers = dict.fromkeys(re.findall(rf"/competitions/{slug}/submissions/(\d+)/", text))
        return [
            self._get(f"{self._address}/api/competitions/{slug}/submissions/{number}/")
            for number in numbers
        ]

    def leaderboard(self, slug: str) -> list[Document]:
        return self._all(f"/api/competitions/{slug}/leaderboard/", "rows")

    def _all(self, path: str, name: str) -> list[Document]:
        """Every page of a list."""
        found: list[Document] = []
        following: str | None = self._address + path
        while following:
            page = self._get(following)
            try:
                found += page[name]
                following = page.get("next")
            except (TypeError, LookupError, AttributeError) as error:
                raise NotAnswered(f"{following} did not answer with a list of {name}") from error
            following = following and urllib.parse.urljoin(self._address, following)
        return found

    def _get(self, url: str) -> Any:
        request = urllib.request.Request(  # noqa: S310  # the address is the caller's own
            url, headers={"Authorization": f"Bearer {self._token}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise NotAnswered(
                f"{url} was answered by {error.code}: {_message(error.read())}"
            ) from error
        except (OSError, ValueError) as error:
            raise NotAnswered(f"{self._address} does not answer: {error}") from error


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"]["message"])
    except (ValueError, LookupError, TypeError):
        return body[:200].decode("utf-8", "replace")


@dataclass
class Result:
    """The goal of one notebook and how near it came; with a fault it is missed."""

    key: str
    goal: Quick
    measured: float | None = None
    seconds: float | None = None
    submission: int | None = None
    by_kind: dict[str, float] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def is_met(self) -> bool:
        return self.measured is not None and self.goal.is_met_by(self.measured) and not self.faults

    def take(self, submissions: Sequence[Document], metric: str) -> None:
        """The best private score: that of the predictions, else of whatever was submitted."""
        if not submissions:
            self.faults.append("it submitted nothing")
        for document in sorted(submissions, key=lambda each: int(each["id"])):
            kind = str(document["kind"])
            if document["state"] != "scored":
                self.faults.append(f"its {kind} {_ending(document)}")
                continue
            value = _private_score(document, metric)
            if value is None:
                self.faults.append(f"its {kind} has no private {metric}")
                continue
            if kind not in self.by_kind or self.goal.prefers(value, self.by_kind[kind]):
                self.by_kind[kind] = value
                if self.submission is None or kind == "predictions":
                    self.measured, self.submission = value, int(document["id"])
        if self.measured is not None and not self.goal.is_met_by(self.measured):
            self.faults.append(
                f"{metric} {self.measured:.5g} is not {self.goal.comparison} {self.goal.goal:g}"
            )

    def check_board(self, rows: Sequence[Document], title: str) -> None:
        """Its row must be there, marked as the host's baseline."""
        marked = [row for row in rows if row["team"] == title and row["is_baseline"]]
        if not marked:
            self.faults.append(f"the leaderboard has no marked baseline called {title}")

    def details(self, metric: str) -> list[str]:
        if self.measured is None:
            return []
        return [
            f"{metric} {self.measured:.5g}, to be {self.goal.comparison} {self.goal.goal:g}",
            *([f"took {self.seconds:.0f} s"] if self.seconds is not None else []),
        ]

    def document(self) -> dict[str, Any]:
        return {
            "goal": self.goal.goal,
            "comparison": self.goal.comparison,
            "measured": None if self.measured is None else round(self.measured, 6),
            "met": self.is_met,
            "seconds": None if self.seconds is None else round(self.seconds, 1),
            **({"by_kind": self.by_kind} if len(self.by_kind) > 1 else {}),
            **({"reason": "; ".join(self.faults)} if self.faults else {}),
        }


def _private_score(document: Document, metric: str) -> float | None:
    for score in document["scores"]:
        if score["metric"] == metric and score["split"] == "private":
            return float(score["value"])
    return None


def _ending(document: Document) -> str:
    problems = [str(problem["sentence"]) for problem in document["problems"]]
    return f"was {document['state']}: {'; '.join(problems) or 'no reason was given'}"
