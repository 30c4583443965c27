from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import factories
import pytest
from board_entrants import Entrants, every_page, in_order, shown
from django.db import connection, transaction

from agon.leaderboards import queries, services
from agon.leaderboards.models import Bucket, Entry
from agon.leaderboards.services import LOWEST, differences, rebuild
from scoring.contract import Split

pytestmark = pytest.mark.django_db


@pytest.fixture
def small(monkeypatch):
    """Buckets and pages of a few entries, so that small boards have many of each."""
    monkeypatch.setattr(services, "FULL", 4)
    monkeypatch.setattr(services, "BATCH", 3)
    monkeypatch.setattr(queries, "PAGE_SIZE", 5)


def counts(board):
    return list(board.buckets.order_by("lower").values_list("lower", "count"))


@pytest.mark.parametrize("metric", ["accuracy", "rmse"])
@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_placed_and_removed_the_board_is_what_sorting_everything_gives(
    small, metric, seed
):
    chance = random.Random(seed)
    entrants = Entrants(factories.make_phase(metric=metric), 25)
    standings = {}
    for step in range(150):
        number = chance.randrange(len(entrants.teams))
        team = entrants.teams[number].pk
        value = None if chance.random() < 0.15 else chance.randrange(12) / 12
        minute = chance.randrange(4)
        board = entrants.place(number, value, minute)
        if value is None:
            standings.pop(team, None)
        else:
            standings[team] = entrants.standing(number, value, minute)
        if step % 10 == 0 or step > 140:
            assert shown(every_page(board)) == in_order(entrants.phase, standings)
            assert differences(board=board, standings=standings.items()) == []
    assert board.teams == len(standings) == sum(count for _, count in counts(board))
    assert len(counts(board)) > 3


def test_a_rebuilt_board_is_the_same_board(small):
    chance = random.Random(7)
    entrants = Entrants(factories.make_phase(), 23)
    standings = {
        team.pk: entrants.standing(number, chance.randrange(9) / 9, number % 3)
        for number, team in enumerate(entrants.teams)
    }
    for number, team in enumerate(entrants.teams):
        entrants.place(number, standings[team.pk].value, number % 3)
    before = shown(every_page(entrants.board()))
    rebuild(board=entrants.board(), standings=standings.items())
    assert shown(every_page(entrants.board())) == before == in_order(entrants.phase, standings)
    assert differences(board=entrants.board(), standings=standings.items()) == []
    entrants.place(0, None)
    del standings[entrants.teams[0].pk]
    assert shown(every_page(entrants.board())) == in_order(entrants.phase, standings)


def test_placing_the_same_standing_again_changes_nothing():
    entrants = Entrants(factories.make_phase(), 1)
    before = entrants.place(0, 0.5)
    again = entrants.place(0, 0.5)
    assert (again.version, again.updated_at) == (before.version, before.updated_at)
    assert entrants.place(0, 0.5, count=2).version == before.version + 1


def test_taking_away_what_is_not_there_changes_nothing():
    entrants = Entrants(factories.make_phase(), 2)
    before = entrants.place(0, 0.5)
    assert entrants.place(1, None).version == before.version


def test_a_board_that_everybody_left_is_empty_and_takes_new_entries():
    entrants = Entrants(factories.make_phase(), 2)
    entrants.place(0, 0.5)
    assert entrants.place(0, None).teams == 0
    assert entrants.place(1, 0.4).teams == 1


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_only_finite_scores_enter(value):
    entrants = Entrants(factories.make_phase(), 1)
    with pytest.raises(ValueError, match="finite"):
        entrants.place(0, value)
    assert not Entry.objects.exists()


def test_the_largest_and_smallest_floats_find_a_bucket():
    entrants = Entrants(factories.make_phase(metric="rmse"), 3)
    for number, value in enumerate([1.7976931348623157e308, LOWEST, 5e-324]):
        board = entrants.place(number, value)
    assert counts(board) == [(LOWEST, 3)]
    assert [rank for rank, _ in shown(every_page(board))] == [1, 2, 3]


def test_a_bucket_of_one_key_stays_whole_and_is_cut_beside_it(small):
    entrants = Entrants(factories.make_phase(metric="rmse"), 9)
    for number in range(7):
        board = entrants.place(number, 0.5)
    assert counts(board) == [(LOWEST, 7)]
    assert counts(entrants.place(7, 0.6)) == [(LOWEST, 7), (0.6, 1)]
    assert counts(entrants.place(8, 0.4)) == [(LOWEST, 1), (0.5, 7), (0.6, 1)]


def test_the_two_splits_are_two_boards():
    entrants = Entrants(factories.make_phase(), 2)
    entrants.place(0, 0.5)
    entrants.place(0, 0.9, split=Split.PRIVATE)
    entrants.place(1, 0.7, split=Split.PRIVATE)
    assert [row.score for row in every_page(entrants.board())[0].rows] == ["0.50000"]
    private = every_page(entrants.board(Split.PRIVATE))[0]
    assert [row.score for row in private.rows] == ["0.90000", "0.70000"]


def test_every_kind_of_damage_is_found_and_told():
    entrants = Entrants(factories.make_phase(), 3)
    standings = {}
    for number, team in enumerate(entrants.teams[:2]):
        entrants.place(number, number / 10)
        standings[team.pk] = entrants.standing(number, number / 10)

    def found():
        return " ".join(differences(board=entrants.board(), standings=standings.items()))

    assert found() == ""
    Entry.objects.filter(team=entrants.teams[0]).update(value=0.9)
    Bucket.objects.update(count=5)
    type(entrants.board()).objects.update(teams=7)
    standings[entrants.teams[2].pk] = entrants.standing(2, 0.3)
    del standings[entrants.teams[1].pk]
    text = found()
    for part in ("stands at 0.9", "says 5 entries and has 2", "says 7 teams", "is missing"):
        assert part in text
    assert "should not" in text


def test_a_baseline_is_in_no_bucket_and_counts_for_no_team(small):
    entrants = Entrants(factories.make_phase(), 6)
    for number in range(6):
        entrants.place(number, number / 10)
    before = entrants.board()
    buckets = counts(before)
    for value in (0.0, 0.2, 0.2, 0.9):
        entrants.place_baseline(value)
    board = entrants.board()
    assert (board.teams, counts(board), board.entries.count()) == (6, buckets, 6)
    assert board.version == before.version + 4


def test_placing_a_baseline_again_changes_nothing_and_taking_it_away_twice_neither():
    entrants = Entrants(factories.make_phase(), 1)
    team = entrants.place_baseline(0.5)
    board = entrants.board()
    kept = board.baselines.get()
    same = entrants.standing(0, 0.5)
    assert services.place_baseline(
        board=board, team_id=team.pk, standing=same
    )  # another submission
    assert not services.place_baseline(board=board, team_id=team.pk, standing=same)
    assert board.baselines.get().pk == kept.pk
    assert services.place_baseline(board=board, team_id=team.pk, standing=None)
    assert not services.place_baseline(board=board, team_id=team.pk, standing=None)


def test_a_baseline_without_a_finite_score_does_not_enter():
    entrants = Entrants(factories.make_phase(), 0)
    with pytest.raises(ValueError, match="finite"):
        entrants.place_baseline(float("nan"))


def test_damage_to_baselines_is_found_and_mended():
    entrants = Entrants(factories.make_phase(), 2)
    team = entrants.place_baseline(0.5)
    board = entrants.board()
    right = [(team.pk, entrants.standing(0, 0.5))]
    rebuild(board=board, standings=[], baselines=right)
    assert differences(board=board, standings=[], baselines=right) == []
    board.baselines.update(value=0.7)
    assert "baseline" in differences(board=board, standings=[], baselines=right)[0]
    board.baselines.all().delete()
    assert "is missing" in differences(board=board, standings=[], baselines=right)[0]
    rebuild(board=board, standings=[], baselines=right)
    assert differences(board=board, standings=[], baselines=right) == []
    assert "should not" in differences(board=board, standings=[], baselines=[])[0]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_thirty_threads_place_at_once_and_the_counts_are_exact(monkeypatch):
    monkeypatch.setattr(services, "FULL", 4)
    entrants = Entrants(factories.make_phase(), 30)
    start = threading.Barrier(30)

    def compete(number):
        chance = random.Random(number)
        try:
            start.wait(timeout=30)
            for minute in range(4):
                with transaction.atomic():
                    entrants.place(number, chance.randrange(8) / 8, minute)
            with transaction.atomic():
                entrants.place(number, number / 40, 9)
        finally:
            connection.close()

    with ThreadPoolExecutor(30) as pool:
        list(pool.map(compete, range(30)))
    standings = {
        team.pk: entrants.standing(number, number / 40, 9)
        for number, team in enumerate(entrants.teams)
    }
    assert differences(board=entrants.board(), standings=standings.items()) == []
    assert shown(every_page(entrants.board())) == in_order(entrants.phase, standings)
