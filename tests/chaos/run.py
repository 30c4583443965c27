"""Submissions from many teams while parts of the site are killed and messages go astray.

What must hold at the end, whatever happened: every submission that a participant was told is
accepted is there and has reached an end; each counts once; the quota is what the states say; every
score is that of its file; and the kept leaderboard equals the rebuilt one.
"""

from __future__ import annotations

import contextlib
import json
import random
import re
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.chaos.killer import Killer
from tests.chaos.meddler import Meddler
from tests.stack import Browser, Stack

SETTINGS = {
    "LEASE_SECONDS": "8",
    "UNSENT_SECONDS": "2",
    "SWEEP_SECONDS": "1",
    "QUEUE_DEADLINE_SECONDS": "600",
    "LOG_LEVEL": "warning",
}
ROWS = 1_000
LONGEST_WAIT = 240.0


@dataclass
class Outcome:
    """What the run left behind."""

    accepted: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    unknown: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    meddled: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    attempts: Counter[int] = field(default_factory=Counter)
    stuck: int = 0
    lost: int = 0
    counted_twice: int = 0
    quota_wrong: int = 0
    scores_wrong: int = 0
    board_equal: bool = False
    board_difference: str = ""
    longest_seconds: float = 0.0
    median_seconds: float = 0.0

    def goals(self) -> dict[str, dict[str, Any]]:
        found = {
            name: {"goal": 0, "measured": getattr(self, name), "met": getattr(self, name) == 0}
            for name in ("stuck", "lost", "counted_twice", "quota_wrong", "scores_wrong")
        }
        found["board_equals_rebuild"] = {
            "goal": True, "measured": self.board_equal, "met": self.board_equal
        }  # fmt: skip
        found["longest_seconds_to_an_end"] = {
            "goal": f"<= {LONGEST_WAIT:.0f}",
            "measured": round(self.longest_seconds, 1),
            "met": self.longest_seconds <= LONGEST_WAIT,
        }
        return found


def predictions(rows: int, wrong: int) -> bytes:
    """A file whose first `wrong` answers are wrong, so its score tells which file it was."""
    lines = [f"{i},{(i + (i <= wrong)) % 10}" for i in range(1, rows + 1)]
    return ("id,label\n" + "\n".join(lines) + "\n").encode()


def public_score(rows: int, wrong: int) -> float:
    public = [i for i in range(1, rows + 1) if i % 10 < 3]
    return sum(i > wrong for i in public) / len(public)


class Senders:
    """The teams: each sends its files, again and again while the site is away."""

    def __init__(self, stack: Stack, site: dict[str, Any], each: int, seed: int) -> None:
        self._stack = stack
        self._site = site
        self._each = each
        self._seed = seed
        self._lock = threading.Lock()
        self.accepted: set[int] = set()
        self.outcome = Outcome()

    def run(self) -> None:
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(self._team, enumerate(self._site["sessions"].values())))

    def _team(self, numbered: tuple[int, str]) -> None:
        index, session = numbered
        chance = random.Random(self._seed + index)
        browser = Browser(self._stack.web_url, session, self._site["csrf"])
        for number in range(self._each):
            wrong = (index * self._each + number) % ROWS
            self._send(browser, predictions(ROWS, wrong), f"wrong={wrong}")
            time.sleep(chance.uniform(0, 4))
        browser.client.close()

    def _send(self, browser: Browser, content: bytes, note: str) -> None:
        for _try in range(60):
            try:
                response = browser.submit(self._site["slug"], content, note)
            except httpx.HTTPError:
                # Perhaps accepted, perhaps not: the sender cannot know, and sends again.
                self._count("unknown")
                time.sleep(0.5)
                continue
            if response.status_code == 201:
                found = re.search(r"/submissions/(\d+)/", response.headers["Location"])
                with self._lock:
                    self.accepted.add(int(found[1]) if found else -1)
                return
            if response.status_code == 422:
                self._count("refused", "quota" if "00:00 UTC" in response.text else "other")
                return
            time.sleep(0.5)
        self._count("refused", "gave up")

    def _count(self, what: str, kind: str = "") -> None:
        with self._lock:
            if what == "unknown":
                self.outcome.unknown += 1
            else:
                self.outcome.refused[kind] += 1


def run(
    *, teams: int = 50, each: int = 10, seed: int = 1, folder: Path | None = None, say: Any = print
) -> Outcome:
    """Do all of it once and count what is left."""
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="agon-chaos-") as temporary:
            return run(teams=teams, each=each, seed=seed, folder=Path(temporary), say=say)
    with Stack(folder, settings=SETTINGS) as stack:
        site = json.loads(stack.run("-m", "tests.populate", str(ROWS), str(teams), str(each)))
        say(f"{teams} teams send {each} files each; kills and lost messages begin")
        senders = Senders(stack, site, each, seed)
        killer, meddler = Killer(stack, seed=seed), Meddler(stack.broker.url, seed=seed)
        killer.start()
        meddler.start()
        senders.run()
        say(f"all sent: {len(senders.accepted)} accepted; chaos goes on while they are scored")
        wait_for_ends(stack, seconds=20)
        killer.stop()
        meddler.stop()
        if killer.failure:
            raise killer.failure
        say("chaos is over; waiting for the last ones")
        for name in stack.processes:
            if not stack.processes[name].is_running:
                stack.restart(name)
        wait_for_ends(stack, seconds=LONGEST_WAIT)
        outcome = senders.outcome
        outcome.accepted = len(senders.accepted)
        outcome.kills, outcome.meddled = killer.killed, meddler.done
        count(stack, outcome, senders.accepted, per_day=each)
        if outcome.stuck:
            say(stack.logs(30))
        return outcome


def wait_for_ends(stack: Stack, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(psycopg.OperationalError):  # the database is being killed
            if unfinished(stack) == 0:
                return
        time.sleep(0.5)


def unfinished(stack: Stack) -> int:
    return int(
        rows_of(stack, "SELECT count(*) FROM submissions_submission WHERE finished_at IS NULL")[0][
            0
        ]
    )


def rows_of(stack: Stack, query: str) -> list[tuple[Any, ...]]:
    assert stack.database is not None
    with psycopg.connect(stack.database.url, connect_timeout=3) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


def count(stack: Stack, outcome: Outcome, accepted: set[int], *, per_day: int) -> None:
    """Look at what the database holds, straight in SQL and not through the site's own code."""
    submissions = rows_of(
        stack,
        "SELECT id, state, counted, note, public_score, extract(epoch FROM finished_at - created_at), team_id "
        "FROM submissions_submission",
    )
    outcome.states = Counter(row[1] for row in submissions)
    outcome.stuck = sum(row[1] in {"queued", "running"} for row in submissions)
    outcome.lost = len(accepted - {row[0] for row in submissions})
    outcome.quota_wrong = sum(row[2] != (row[1] in {"scored", "rejected"}) for row in submissions)
    per_team = Counter(row[6] for row in submissions if row[2])
    outcome.quota_wrong += sum(used > per_day for used in per_team.values())
    for row in submissions:
        if row[1] == "scored":
            expected = public_score(ROWS, int(row[3].removeprefix("wrong=")))
            outcome.scores_wrong += abs(row[4] - expected) > 1e-12
    times = sorted(float(row[5]) for row in submissions if row[5] is not None)
    outcome.longest_seconds = times[-1] if times else 0.0
    outcome.median_seconds = times[len(times) // 2] if times else 0.0
    outcome.attempts = Counter(
        row[0]
        for row in rows_of(stack, "SELECT count(*) FROM submissions_attempt GROUP BY submission_id")
    )
    outcome.counted_twice = counted_twice(stack)
    try:
        stack.manage("rebuild_leaderboard", "--check")
        outcome.board_equal = True
    except RuntimeError as difference:
        outcome.board_difference = str(difference)


def counted_twice(stack: Stack) -> int:
    """Scores that stand twice, submissions with two attempts that scored, entries that count more."""
    twice = rows_of(
        stack,
        "SELECT count(*) FROM (SELECT 1 FROM submissions_score GROUP BY submission_id, metric, split "
        "HAVING count(*) > 1) AS t",
    )[0][0]
    attempts = rows_of(
        stack,
        "SELECT count(*) FROM (SELECT 1 FROM submissions_attempt WHERE outcome = 'scored' "
        "GROUP BY submission_id HAVING count(*) > 1) AS t",
    )[0][0]
    entries = rows_of(
        stack,
        "SELECT count(*) FROM leaderboards_entry e WHERE e.submission_count <> "
        "(SELECT count(*) FROM submissions_submission s WHERE s.team_id = e.team_id AND s.state = 'scored')",
    )[0][0]
    return int(twice + attempts + entries)
