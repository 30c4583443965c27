"""A rescore through the whole site: by the host's forms, real workers, and one of them killed."""

from __future__ import annotations

import html
import json
import re
import time

import pytest

from tests.stack import Browser

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("logs")]

SLUG = "regrade"
ROWS = 200
PEOPLE = 12
SESSION_OF_HOST = """
import django; django.setup()
from tests.populate import session_of
from agon.accounts.models import User
print(session_of(User.objects.get(username="regrade-host")))
"""
ZEROES = """
def score(solution, submission, row_id_column_name):
    return float((submission["label"] == 0).sum())
"""


def answers(right: int) -> bytes:
    """So many rows right by the first solution, and all others right by the second one."""
    rows = (f"{i},{i % 10 if i <= right else (i + 1) % 10}" for i in range(1, ROWS + 1))
    return ("id,label\n" + "\n".join(rows) + "\n").encode()


def second_solution() -> bytes:
    rows = (
        f"{i},{(i + 1) % 10},{'Public' if i % 10 < 3 else 'Private'}" for i in range(1, ROWS + 1)
    )
    return ("id,label,Usage\n" + "\n".join(rows) + "\n").encode()


def text_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.fixture(scope="module")
def people(stack):
    made = json.loads(stack.run("-m", "tests.populate", str(ROWS), str(PEOPLE), "9", SLUG))
    found = [Browser(stack.web_url, session, made["csrf"]) for session in made["sessions"].values()]
    found.append(Browser(stack.web_url, stack.run("-c", SESSION_OF_HOST).strip(), made["csrf"]))
    yield found
    for person in found:
        person.client.close()


def until(what, seconds=60):
    for _ in range(int(seconds / 0.2)):
        found = what()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError("it did not happen in time")


def begin(host, data, files):
    response = host.client.post(f"/competitions/{SLUG}/console/rescore/", data=data, files=files)
    assert response.status_code == 302, text_of(response.text)
    return response.headers["Location"]


def ready(host, address):
    return until(lambda: "Ready to publish" in host.client.get(address).text)


def decide(host, address, decision, **more):
    response = host.client.post(f"{address}decide/", data={"decision": decision, **more})
    assert response.status_code == 302
    return text_of(host.client.get(address).text)


def scores(person):
    """The person's newest public score, once it is there."""
    page = text_of(person.client.get(f"/competitions/{SLUG}/submissions/").text)
    return re.findall(r"#(\d+)(?:(?!#).)*?Scored (?:final \(automatic\) )?([\d.]+)", page)


def test_a_new_solution_swaps_the_ranks_while_a_worker_dies(stack, people):
    *participants, host = people
    for number, person in enumerate(participants):
        assert person.submit(SLUG, answers(10 * number)).status_code == 201
    until(lambda: all(scores(person) for person in participants))
    before = scores(participants[-1])

    address = begin(
        host,
        {"reason": "The labels were shifted.", "keep": "on"},
        {"solution": ("solution.csv", second_solution(), "text/csv")},
    )
    stack.kill("scoring")
    stack.restart("scoring")
    fresh = participants[0]
    assert fresh.submit(SLUG, answers(ROWS)).status_code == 201
    until(lambda: len(scores(fresh)) == 2)
    assert scores(participants[-1]) == before
    ready(host, address)
    page = text_of(host.client.get(address).text)
    assert "Who would move, and why" in page

    assert "The new scores count now." in decide(host, address, "publish")
    assert scores(participants[-1]) != before
    until(lambda: len(scores(fresh)) == 2)
    stack.manage("rebuild_leaderboard", "--check", SLUG)


def test_a_broken_solution_stops_by_itself_with_its_reason(people):
    host = people[-1]
    broken = second_solution().replace(b"\n5,", b"\n5000,")
    address = begin(
        host,
        {"reason": "Broken.", "keep": "on"},
        {"solution": ("solution.csv", broken, "text/csv")},
    )
    page = until(
        lambda: (
            found
            if "stopped by itself" in (found := text_of(host.client.get(address).text))
            else ""
        )
    )
    assert "5000" in page
    assert "Thrown away" in decide(host, address, "discard")


def test_a_metric_of_the_hosts_own_ranks_after_a_rescore(stack, people):
    *participants, host = people
    address = begin(
        host,
        {"reason": "Count zeroes.", "keep": "on", "metric_title": "Zeroes"},
        {"metric_file": ("zeroes.py", ZEROES.encode(), "text/x-python")},
    )
    ready(host, address)
    assert "The new scores count now." in decide(host, address, "publish")
    stack.manage("rebuild_leaderboard", "--check", SLUG)
    page = text_of(participants[0].client.get(f"/competitions/{SLUG}/leaderboard/").text)
    assert "Zeroes" in page
