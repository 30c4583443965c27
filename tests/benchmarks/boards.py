"""Fills two boards and times their pages: `python -m tests.benchmarks.boards TEAMS SUBMISSIONS`.

Runs inside a site's environment, on an empty database. One competition gets 1,000 teams, the other
as many as asked for; both get the same number of submissions a team. The pages come from the real
view with everything around it: middleware, session, templates. They are asked for in turns, so a
busy moment of the machine hits both sides.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agon.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Model  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402

from agon.accounts.models import User  # noqa: E402
from agon.competitions.models import Phase, RulesAcceptance  # noqa: E402
from agon.leaderboards.models import Entry  # noqa: E402
from agon.submissions.models import State, Submission  # noqa: E402
from agon.submissions.services import board as boards  # noqa: E402
from agon.teams.models import Membership, Team  # noqa: E402
from scoring.contract import Split  # noqa: E402
from tests import factories  # noqa: E402
from tests.stack import goals_line  # noqa: E402

FEW_TEAMS = 1_000
BASELINES = 20
ROUNDS = 40
WARM_UP = 5
MOST_RATIO = 3
MOST_QUERIES = 8
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
PAGES = ("first_page", "last_page", "my_rank")
TITLES = {"first_page": "first page", "last_page": "last page", "my_rank": "my rank"}


def insert(rows: Iterator[Any], model: type[Model]) -> None:
    while batch := list(islice(rows, 5_000)):
        model._default_manager.bulk_create(batch)


def fill(teams: int, submissions: int, chance: random.Random) -> Phase:
    """A competition with that many teams of one, and their scored submissions on both boards."""
    competition = factories.make_competition(slug=f"with-{teams}", title=f"{teams:,} teams")
    phase = factories.make_phase(competition)
    people = [User(username=f"{teams}-{n}", email=f"{teams}-{n}@example.org") for n in range(teams)]
    insert(iter(people), User)
    accepted = (RulesAcceptance(competition=competition, user=user, version=1) for user in people)
    insert(accepted, RulesAcceptance)
    entered = [Team(competition=competition, name=f"Team {n}") for n in range(teams)]
    insert(iter(entered), Team)
    joined = zip(entered, people, strict=True)
    insert((Membership(team=t, competition=competition, user=u) for t, u in joined), Membership)
    insert(scored(phase, entered, people, submissions, chance), Submission)
    hosts = [
        Team(competition=competition, name=f"Baseline {n}", is_host_baseline=True)
        for n in range(BASELINES)
    ]
    insert(iter(hosts), Team)
    insert(scored(phase, hosts, people[:BASELINES], BASELINES, chance), Submission)
    boards.rebuild(phase=phase)
    return phase


def scored(
    phase: Phase, teams: list[Team], people: list[User], count: int, chance: random.Random
) -> Iterator[Submission]:
    """Each team in its turn; accuracies on 3,000 public and 7,000 private rows, so many tie."""
    for number in range(count):
        turn, who = divmod(number, len(teams))
        public = round(min(max(chance.gauss(0.8, 0.08), 0), 1) * 3_000) / 3_000
        private = round(min(max(chance.gauss(public, 0.01), 0), 1) * 7_000) / 7_000
        at = BEGAN + timedelta(seconds=number)
        yield Submission(
            phase=phase,
            team=teams[who],
            submitted_by=people[who],
            number=turn + 1,
            file="submissions/none.csv",
            file_name="predictions.csv",
            sha256="0" * 64,
            size=1,
            state=State.SCORED,
            created_at=at,
            finished_at=at,
            public_score=public,
            private_score=private,
            public_key=phase.sort_key(public),
        )


def middle_member(phase: Phase) -> User:
    """Somebody whose team stands in the middle of the public board."""
    ordered = Entry.objects.filter(board__phase=phase, board__split=Split.PUBLIC.value)
    entry = ordered.order_by("key", "reached_at", "team_id")[ordered.count() // 2]
    return User.objects.get(memberships__team=entry.team_id)


class Reader:
    """Asks for the pages of one competition's board."""

    def __init__(self, phase: Phase) -> None:
        address = reverse("leaderboards:board", args=[phase.competition.slug])
        anonymous, member = Client(), Client()
        member.force_login(
            middle_member(phase), backend="django.contrib.auth.backends.ModelBackend"
        )
        self._pages = {
            "first_page": (anonymous, address),
            "last_page": (anonymous, f"{address}?last=1"),
            "my_rank": (member, address),
        }

    def ask(self, page: str) -> float:
        """Milliseconds until the page is there."""
        client, address = self._pages[page]
        began = time.perf_counter()
        response = client.get(address, headers={"host": "localhost"})
        took = time.perf_counter() - began
        if response.status_code != 200:
            raise RuntimeError(f"{address} answered {response.status_code}")
        if page == "my_rank" and b'class="pinned"' not in response.content:
            raise RuntimeError("the reader's own row is not on the page")
        return took * 1_000

    def queries(self, page: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            self.ask(page)
        return len(captured)


def measure(small: Reader, large: Reader) -> dict[str, dict[str, Any]]:
    times: dict[str, tuple[list[float], list[float]]] = {page: ([], []) for page in PAGES}
    for turn in range(WARM_UP + ROUNDS):
        for page in PAGES:
            few, many = small.ask(page), large.ask(page)
            if turn >= WARM_UP:
                times[page][0].append(few)
                times[page][1].append(many)
    goals: dict[str, dict[str, Any]] = {}
    for page in PAGES:
        few, many = (statistics.median(side) for side in times[page])
        ratio = many / few
        queries = max(small.queries(page), large.queries(page))
        print(
            f"{TITLES[page]:<10}  {few:7.2f} ms  {many:7.2f} ms  {ratio:5.2f} x  {queries} queries"
        )
        goals[f"{page}_ratio"] = {
            "goal": f"<= {MOST_RATIO}", "measured": round(ratio, 2), "met": ratio <= MOST_RATIO,
        }  # fmt: skip
        goals[f"{page}_queries"] = {
            "goal": f"<= {MOST_QUERIES}", "measured": queries, "met": queries <= MOST_QUERIES,
        }  # fmt: skip
    return goals


def tidy() -> None:
    """What the database does by itself after a while: counts its rows, marks its pages."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def main(teams: int, submissions: int) -> int:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    chance = random.Random(1)
    began = time.perf_counter()
    small = fill(FEW_TEAMS, FEW_TEAMS * submissions // teams, chance)
    large = fill(teams, submissions, chance)
    print(
        f"{teams:,} teams and {submissions:,} submissions in {connection.vendor}: filled in "
        f"{time.perf_counter() - began:.0f} s"
    )
    differing = boards.differences(phase=large)
    if differing:
        print("\n".join(differing))
        return 1
    tidy()
    print(f"{'':<10}  {FEW_TEAMS:>4,} teams  {teams:,}  (medians of {ROUNDS})")
    goals = measure(Reader(small), Reader(large))
    print(goals_line(goals), flush=True)
    return 0 if all(goal["met"] for goal in goals.values()) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
