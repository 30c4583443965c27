"""Which ranks of a board can't be told apart: kept with the board, and shown beside it."""

from __future__ import annotations

import re
from datetime import timedelta

import factories
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from scored import around, make_scored, score

from agon.leaderboards import queries
from agon.leaderboards.models import Board
from agon.submissions.services import board as boards
from scoring.contract import MetricSpec, Split

pytestmark = pytest.mark.django_db


def enter(phase, *values, metric="accuracy", replicates=True, split=Split.PUBLIC, first=0):
    """One team for each value, in order, with its submission on the board."""
    return [
        make_scored(
            factories.make_team(phase.competition),
            phase,
            score(
                metric,
                split,
                value,
                replicates=around(value, seed=number) if replicates else None,
            ),
        )
        for number, value in enumerate(values, start=first)
    ]


def ties(phase, split=Split.PUBLIC):
    board = Board.objects.get(phase=phase, split=split.value)
    return [(tie["first"], tie["last"], len(tie["submissions"])) for tie in board.ties]


def client_of(person):
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def board_page(phase, client=None, query=""):
    address = reverse("leaderboards:board", args=[phase.competition.slug])
    page = (client or Client()).get(address + query).content.decode()
    return page.replace("&#x27;", "'")


def test_ranks_that_cannot_be_told_apart_are_kept_as_groups(cast):
    enter(cast.phase, 0.9, 0.8998, 0.8996, 0.85, 0.8, 0.7999)
    assert ties(cast.phase) == [(1, 3, 3), (5, 6, 2)]
    assert boards.differences(phase=cast.phase) == []


def test_lower_is_better_is_grouped_from_the_lowest(cast):
    cast.phase.metrics = [MetricSpec(name="rmse", target="label", prediction=("label",)).to_json()]
    cast.phase.save()
    submissions = enter(cast.phase, 0.9, 0.5, 0.5002, 0.8999, metric="rmse")
    assert ties(cast.phase) == [(1, 2, 2), (3, 4, 2)]
    board = Board.objects.get(phase=cast.phase, split="public")
    assert board.ties[0]["submissions"] == [submissions[1].pk, submissions[2].pk]


def test_equal_scores_share_a_rank_and_a_group(cast):
    enter(cast.phase, 0.9, 0.9, 0.5)
    assert ties(cast.phase) == [(1, 1, 2)]
    assert "those at rank 1" in board_page(cast.phase)


def test_a_new_first_changes_the_groups(cast):
    enter(cast.phase, 0.9, 0.8999)
    assert ties(cast.phase) == [(1, 2, 2)]
    enter(cast.phase, 0.9002, first=7)
    assert ties(cast.phase) == [(1, 3, 3)]
    enter(cast.phase, 0.95, first=8)
    assert ties(cast.phase) == [(2, 4, 3)]


def test_a_team_that_leaves_the_board_leaves_its_group(cast):
    submissions = enter(cast.phase, 0.9, 0.8999, 0.5)
    team = submissions[1].team
    team.disqualified_at = timezone.now()
    team.save()
    boards.update_board(phase=cast.phase, team=team)
    assert ties(cast.phase) == []
    assert boards.differences(phase=cast.phase) == []


def test_without_replicates_nothing_is_kept_and_nothing_is_shown(cast):
    enter(cast.phase, 0.9, 0.8999, replicates=False)
    assert ties(cast.phase) == []
    page = board_page(cast.phase)
    assert "told apart" not in page and "95 %" not in page


def test_an_entry_without_replicates_stands_between_groups(cast):
    enter(cast.phase, 0.9, 0.8999)
    enter(cast.phase, 0.8998, replicates=False)
    enter(cast.phase, 0.8997, 0.8996, first=5)
    assert ties(cast.phase) == [(1, 2, 2), (4, 5, 2)]


def test_only_the_first_hundred_are_looked_at(cast, monkeypatch):
    monkeypatch.setattr(queries, "TOP", 3)
    enter(cast.phase, 0.9, 0.8999, 0.8998, 0.8997)
    assert ties(cast.phase) == [(1, 3, 3)]


def test_a_score_below_the_first_hundred_reads_no_replicates(cast, monkeypatch):
    monkeypatch.setattr(queries, "TOP", 2)
    enter(cast.phase, 0.9, 0.8999)
    with CaptureQueriesContext(connection) as captured:
        enter(cast.phase, 0.5)
    read = [query["sql"] for query in captured if query["sql"].startswith("SELECT")]
    assert not [sql for sql in read if "submissions_replicates" in sql]
    assert ties(cast.phase) == [(1, 2, 2)]


def test_a_rebuilt_board_has_the_same_ties_and_intervals(cast):
    enter(cast.phase, 0.9, 0.8999, 0.5)
    kept = ties(cast.phase)
    intervals = list(Board.objects.get(split="public").entries.order_by("key").values("low"))
    assert None not in [row["low"] for row in intervals]
    Board.objects.update(ties=[], top=[])
    assert boards.differences(phase=cast.phase) == [
        "public board: its ties are not those of its first entries."
    ]
    boards.rebuild(phase=cast.phase)
    assert ties(cast.phase) == kept
    assert boards.differences(phase=cast.phase) == []
    again = list(Board.objects.get(split="public").entries.order_by("key").values("low"))
    assert again == intervals


def test_the_board_joins_them_by_a_bracket_and_says_so_in_words(cast):
    enter(cast.phase, 0.9, 0.8999, 0.8998, 0.5)
    page = board_page(cast.phase)
    assert "Ranks 1 to 3 can't be told apart on this test set." in page
    assert "What does that mean?" in page
    rows = re.findall(r'<tr class="([^"]*)">', page)
    assert [row.split() for row in rows] == [
        ["tied", "tie-opens"],
        ["tied"],
        ["tied", "tie-closes"],
        [],
    ]
    assert page.count("one of ranks 1 to 3, which can't be told apart") == 3


def test_several_groups_are_named_in_one_sentence(cast):
    enter(cast.phase, 0.9, 0.8999, 0.5, 0.4999)
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", board_page(cast.phase)))
    assert "Not to be told apart on this test set: ranks 1 to 2, ranks 3 to 4" in words


def test_a_group_goes_on_over_the_pages_of_the_board(cast, monkeypatch):
    monkeypatch.setattr(queries, "PAGE_SIZE", 2)
    enter(cast.phase, 0.9, 0.8999, 0.8998, 0.5)
    page = board_page(cast.phase, query="?last=1")
    assert "Ranks 1 to 3 can't be told apart" in page
    assert re.findall(r'<tr class="([^"]*)">', page)[0].split() == ["tied", "tie-closes"]


def test_intervals_stand_on_the_board_and_in_its_export(cast):
    team = factories.make_team(cast.competition, name="Ada")
    make_scored(team, cast.phase, score(value=0.9312, low=0.92614, high=0.93641))
    assert "0.926 to 0.936" in board_page(cast.phase)
    export = Client().get(reverse("leaderboards:export", args=["digits"]))
    lines = b"".join(export.streaming_content).decode().splitlines()
    assert lines[0] == "rank,team,score,low,high,submissions,reached_at,baseline"
    assert lines[1].startswith("1,Ada,0.93120,0.926,0.936,1,")


def test_looking_at_ties_costs_a_reader_nothing(cast):
    costs = []
    for number in range(3):
        enter(cast.phase, 0.9 - number / 1e4, first=number)
        board_page(cast.phase)
        with CaptureQueriesContext(connection) as captured:
            board_page(cast.phase)
        costs.append(len(captured))
        assert not [query for query in captured if "replicates" in query["sql"]]
    assert max(costs) <= 8


def test_the_private_boards_ties_are_for_those_who_may_see_it(cast):
    for number, value in enumerate((0.9, 0.8999)):
        make_scored(
            factories.make_team(cast.competition),
            cast.phase,
            score(value=0.4 + number / 4),
            score(split=Split.PRIVATE, value=value, replicates=around(value, seed=number)),
        )
    assert ties(cast.phase, Split.PRIVATE) == [(1, 2, 2)]
    for person in (cast.paula, cast.ron, cast.sam, cast.olga):
        assert "told apart" not in board_page(cast.phase, client_of(person), "?split=private")
    assert "Ranks 1 to 2 can't" in board_page(cast.phase, client_of(cast.hanna), "?split=private")
    cast.competition.ends_at = timezone.now() - timedelta(seconds=1)
    cast.competition.save()
    assert "Ranks 1 to 2 can't" in board_page(cast.phase, query="?split=private")


def test_hosts_come_from_the_board_to_each_submission(cast):
    submission = enter(cast.phase, 0.9)[0]
    link = f'href="{submission.get_absolute_url()}"'
    assert link in board_page(cast.phase, client_of(cast.carl))
    assert link not in board_page(cast.phase, client_of(cast.paula))
