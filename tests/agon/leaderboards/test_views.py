from __future__ import annotations

import csv
from datetime import timedelta

import factories
import pytest
from board_entrants import Entrants
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agon.common.spreadsheets import safe_cell
from agon.leaderboards import queries
from scoring.contract import Split

pytestmark = pytest.mark.django_db


def client_of(user):
    client = Client()
    if user.is_authenticated:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def address(phase, name="board"):
    return reverse(f"leaderboards:{name}", args=[phase.competition.slug])


@pytest.fixture
def entrants(cast):
    """Two teams beside the cast's own; 0.25 in public and 0.875 in private tell the splits apart."""
    entrants = Entrants(cast.phase, 2)
    entrants.place(0, 0.25)
    entrants.place(0, 0.875, split=Split.PRIVATE)
    return entrants


def text_of(response):
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode()


@pytest.mark.parametrize("name", ["board", "rows", "export"])
@pytest.mark.parametrize("asked", ["", "?split=private", "?split=PRIVATE", "?split=private&last=1"])
def test_before_the_close_private_scores_are_for_hosts_and_staff_alone(cast, entrants, name, asked):
    for role, person in cast.people().items():
        response = client_of(person).get(address(cast.phase, name) + asked)
        may = role in {"judge", "host", "co-host", "staff"} and "split=private" in asked
        assert ("0.87500" in text_of(response)) is may, role


def test_after_the_close_everybody_sees_the_private_board(cast, entrants):
    cast.competition.ends_at = timezone.now() - timedelta(hours=1)
    cast.competition.save()
    for person in cast.people().values():
        response = client_of(person).get(address(cast.phase) + "?split=private")
        assert "0.87500" in text_of(response)


def test_a_private_competition_has_no_board_for_strangers(cast, entrants):
    cast.competition.visibility = "private"
    cast.competition.save()
    for name in ("board", "rows", "export"):
        assert client_of(cast.sam).get(address(cast.phase, name)).status_code == 404


def test_an_empty_board_says_so(cast):
    assert "Nobody is on the board yet" in text_of(Client().get(address(cast.phase)))


@pytest.mark.parametrize(
    "asked", ["after=x", "before=W10", "rank=-4", "rank=x", "rank=" + "9" * 400, "last", "after="]
)
def test_nonsense_in_the_address_shows_a_page(cast, entrants, asked):
    response = Client().get(f"{address(cast.phase)}?{asked}")
    assert response.status_code == 200
    assert "0.25000" in text_of(response)


def test_rows_are_304_until_the_board_changes(cast, entrants):
    client = client_of(cast.paula)
    first = client.get(address(cast.phase, "rows"))
    unchanged = {"If-None-Match": first["ETag"]}
    assert client.get(address(cast.phase, "rows"), headers=unchanged).status_code == 304
    assert Client().get(address(cast.phase, "rows"), headers=unchanged).status_code == 200
    entrants.place(1, 0.5)
    changed = client.get(address(cast.phase, "rows"), headers=unchanged)
    assert changed.status_code == 200
    assert "0.50000" in text_of(changed)


def test_a_board_belongs_to_no_shared_cache(cast, entrants):
    response = client_of(cast.paula).get(address(cast.phase))
    assert response["Cache-Control"] == "private, no-cache"
    assert "Cookie" in response["Vary"]


@pytest.mark.parametrize("asked", ["", "?last=1", "?rank=6", "?after="])
def test_a_page_costs_at_most_eight_queries_however_many_rows(cast, monkeypatch, asked):
    monkeypatch.setattr(queries, "PAGE_SIZE", 3)
    entrants = Entrants(cast.phase, 10)
    client = client_of(cast.paula)
    submission = factories.make_submission(cast.team, cast.phase)
    entrants.submissions.append(submission)
    entrants.teams.append(cast.team)
    for value in (0.02, 0.055, 0.2):
        entrants.place_baseline(value)
    costs = []
    for numbers in ([10], [0, 1], range(2, 10)):
        for number in numbers:
            entrants.place(number, 0.01 * (number + 1) if number < 10 else 0.055)
        page = queries.page(entrants.board(), place=queries.Place(), user_id=None)
        cursor = page.next.encode() if asked == "?after=" and page.next else ""
        client.get(address(cast.phase) + asked + cursor)
        with CaptureQueriesContext(connection) as captured:
            client.get(address(cast.phase) + asked + cursor)
        costs.append(len(captured))
    assert max(costs) <= 8


def test_the_export_holds_the_whole_board_and_nothing_else(cast, entrants, monkeypatch):
    monkeypatch.setattr(queries, "PAGE_SIZE", 1)
    entrants.place(1, 0.25, minute=5, count=3)
    type(cast.team).objects.filter(pk=entrants.teams[1].pk).update(name='=1+1, "x"')
    baseline = entrants.place_baseline(0.5)
    type(baseline).objects.filter(pk=baseline.pk).update(name="Linear")
    response = Client().get(address(cast.phase, "export"))
    assert response["Content-Disposition"] == 'attachment; filename="digits-leaderboard.csv"'
    header, *rows = csv.reader(text_of(response).splitlines())
    assert header == ["rank", "team", "score", "low", "high", "submissions", "reached_at", "baseline"]  # fmt: skip
    assert [row[:6] + row[7:] for row in rows] == [
        ["", "Linear", "0.50000", "", "", "1", "yes"],
        ["1", entrants.teams[0].name, "0.25000", "", "", "1", ""],
        ["1", '\'=1+1, "x"', "0.25000", "", "", "3", ""],
    ]


@pytest.mark.parametrize("name", ["=1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_a_name_that_a_spreadsheet_would_run_is_made_harmless(name):
    assert safe_cell(name) == f"'{name}"


def test_the_export_is_open_to_whom_the_board_is_and_private_scores_are_not_found(cast, entrants):
    hidden = address(cast.phase, "export") + "?split=private"
    assert client_of(cast.paula).get(hidden).status_code == 404
    assert client_of(cast.hanna).get(hidden).status_code == 200


def test_the_board_is_there_in_chinese(cast, entrants):
    response = Client(headers={"accept-language": "zh-hans"}).get(address(cast.phase))
    assert response.status_code == 200
    assert "0.25000" in text_of(response)


def test_a_baseline_has_a_badge_and_no_rank(cast, entrants):
    entrants.place_baseline(0.5)
    page = text_of(Client().get(address(cast.phase, "rows")))
    assert "baseline</span>" in page and "not ranked" in page
    assert page.index("0.50000") < page.index("rank-1") < page.index("0.25000")
    assert "1 team" in page


def test_a_new_baseline_changes_the_page_of_who_watches_it(cast, entrants):
    client = client_of(cast.paula)
    first = client.get(address(cast.phase, "rows"))
    entrants.place_baseline(0.5)
    changed = client.get(address(cast.phase, "rows"), headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200 and "0.50000" in text_of(changed)


def test_a_baselines_private_score_is_as_hidden_as_anybodys(cast, entrants):
    entrants.place_baseline(0.4375, split=Split.PRIVATE)
    asked = address(cast.phase) + "?split=private"
    assert "0.43750" not in text_of(client_of(cast.paula).get(asked))
    assert "0.43750" in text_of(client_of(cast.hanna).get(asked))


def test_the_chart_has_lines_for_the_best_baseline_their_median_and_the_reader(cast, entrants):
    entrants.place(1, 0.75)
    for value in (0.5, 0.625, 0.875):
        entrants.place_baseline(value)
    entrants.teams[0].memberships.create(
        competition=cast.competition, user=factories.make_participant(cast.competition, "ida")
    )
    ida = entrants.teams[0].memberships.get().user
    page = text_of(client_of(ida).get(address(cast.phase)))
    assert "best baseline: 0.87500" in page
    assert "median of the baselines: 0.62500" in page
    assert "your team: 0.25000" in page
    assert page.count('class="chart-line') == 3 and page.count('class="chart-bar"') == 2
    assert "your team" not in text_of(Client().get(address(cast.phase)))
    assert "chart" not in text_of(Client().get(address(cast.phase, "rows")))


def test_the_chart_of_the_private_board_is_for_those_who_may_see_it(cast, entrants):
    for value in (0.9375, 0.4375):
        entrants.place_baseline(value, split=Split.PRIVATE)
    asked = address(cast.phase) + "?split=private"
    assert "best baseline: 0.93750" in text_of(client_of(cast.hanna).get(asked))
    assert "0.93750" not in text_of(client_of(cast.paula).get(asked))
