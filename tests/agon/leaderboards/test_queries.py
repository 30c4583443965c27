from __future__ import annotations

import factories
import pytest
from board_entrants import Entrants, every_page, in_order, shown

from agon.common.scores import score_text
from agon.leaderboards import queries
from agon.leaderboards.cursors import BadCursor, Cursor, parse_datetime
from agon.leaderboards.queries import Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def entrants(monkeypatch):
    """Twelve teams on pages of five, with ties within and across pages."""
    monkeypatch.setattr(queries, "PAGE_SIZE", 5)
    entrants = Entrants(factories.make_phase(), 12)
    for number, value in enumerate([9, 8, 8, 7, 6, 6, 6, 5, 4, 4, 2, 1]):
        entrants.place(number, value / 10, minute=number)
    return entrants


def ranks(page):
    return [row.rank for row in page.rows]


def test_ties_share_a_rank_and_the_next_one_is_skipped(entrants):
    assert [ranks(page) for page in every_page(entrants.board())] == [
        [1, 2, 2, 4, 5],
        [5, 5, 8, 9, 9],
        [11, 12],
    ]


def test_of_a_tie_the_first_to_reach_it_stands_first(monkeypatch):
    entrants = Entrants(factories.make_phase(), 2)
    entrants.place(0, 0.5, minute=9)
    entrants.place(1, 0.5, minute=3)
    assert [row.entry.team_id for row in every_page(entrants.board())[0].rows] == [
        entrants.teams[1].pk,
        entrants.teams[0].pk,
    ]


def test_clicking_back_from_the_last_page_shows_everything_once(entrants):
    board = entrants.board()
    pages = [queries.page(board, place=Place(last=True), user_id=None)]
    while (cursor := pages[0].previous) is not None:
        pages.insert(0, queries.page(board, place=Place(before=cursor), user_id=None))
    standings = {entry.team_id: entry for entry in board.entries.all()}
    assert shown(pages) == in_order(entrants.phase, standings)


@pytest.mark.parametrize(
    ("rank", "expected"),
    [(1, [1, 2, 2, 4, 5]), (4, [4, 5, 5, 5, 8]), (7, [5, 8, 9, 9, 11]), (12, [12]), (99, [12])],
)
def test_a_rank_opens_the_page_that_begins_there(entrants, rank, expected):
    assert ranks(queries.page(entrants.board(), place=Place(rank=rank), user_id=None)) == expected


def test_a_rank_on_an_empty_board_is_an_empty_page():
    entrants = Entrants(factories.make_phase(), 1)
    entrants.place(0, 0.5)
    entrants.place(0, None)
    assert queries.page(entrants.board(), place=Place(rank=5), user_id=None).rows == []


def test_a_cursor_behind_everybody_shows_the_first_page(entrants):
    last = every_page(entrants.board())[-1].rows[-1].entry
    page = queries.page(entrants.board(), place=Place(after=Cursor.at(last)), user_id=None)
    assert ranks(page) == [1, 2, 2, 4, 5]
    assert page.previous is None


def test_my_row_is_marked_on_its_page_and_pinned_on_the_others(entrants):
    member = factories.make_participant(entrants.phase.competition)
    entrants.teams[6].memberships.create(competition=entrants.phase.competition, user=member)
    first, second, last = every_page(entrants.board(), member.pk)
    assert first.my_row is not None
    assert (first.my_row.rank, first.my_row.entry.team_id) == (5, entrants.teams[6].pk)
    assert second.my_row is None
    assert [row.is_mine for row in second.rows] == [False, True, False, False, False]
    assert last.my_row is not None and last.my_row.rank == 5
    assert not any(row.is_mine for row in last.rows)


@pytest.fixture
def with_baselines(entrants):
    """Baselines before, between, within ties of, and behind the twelve; also where pages meet."""
    for value, minute in [(0.95, 0), (0.8, 1), (0.6, 4), (0.55, 0), (0.4, 9), (0.4, 30), (0.05, 0)]:
        entrants.place_baseline(value, minute)
    return entrants


def marked(page):
    return ["-" if row.is_host_baseline else row.rank for row in page.rows]


def test_baselines_stand_at_their_scores_without_a_rank_and_shift_nobodys(with_baselines):
    pages = every_page(with_baselines.board())
    assert [marked(page) for page in pages] == [
        ["-", 1, 2, "-", 2, 4, 5, "-"],
        [5, 5, "-", 8, 9, 9, "-", "-"],
        [11, 12, "-"],
    ]
    assert [row.rank for page in pages for row in page.rows if row.is_host_baseline] == [None] * 7
    assert {page.teams for page in pages} == {12}


def test_clicking_back_shows_each_baseline_once_too(with_baselines):
    board = with_baselines.board()
    pages = [queries.page(board, place=Place(last=True), user_id=None)]
    while (cursor := pages[0].previous) is not None:
        pages.insert(0, queries.page(board, place=Place(before=cursor), user_id=None))
    rows = [row for page in pages for row in page.rows]
    forwards = [row for page in every_page(board) for row in page.rows]
    assert [(row.rank, row.entry) for row in rows] == [(row.rank, row.entry) for row in forwards]


def test_a_jump_counts_no_baselines(with_baselines):
    page = queries.page(with_baselines.board(), place=Place(rank=4), user_id=None)
    assert marked(page) == [4, 5, "-", 5, 5, "-", 8]


def test_a_board_of_baselines_alone_shows_them():
    entrants = Entrants(factories.make_phase(metric="rmse"), 0)
    entrants.place_baseline(0.5)
    entrants.place_baseline(0.25)
    for place in (Place(), Place(last=True), Place(rank=7)):
        page = queries.page(entrants.board(), place=place, user_id=None)
        assert [row.score for row in page.rows] == ["0.25000", "0.50000"]
        assert page.teams == 0 and page.next is None


def test_the_whole_board_has_them_in_the_same_order(with_baselines):
    board = with_baselines.board()
    by_page = [(row.rank, row.entry) for page in every_page(board) for row in page.rows]
    assert [(row.rank, row.entry) for row in queries.all_rows(board)] == by_page


def test_a_cursor_survives_its_journey_through_an_address(entrants):
    cursor = Cursor.at(entrants.board().entries.order_by("key")[3])
    assert Cursor.decode(cursor.encode()) == cursor


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "!!!", "é", "W10", "bnVsbA", "WzEsMiwzXQ", "\x00", "a" * 5_000,
        Cursor(float("nan"), parse_datetime("2026-01-01T00:00:00+00:00"), 1).encode(),
        Cursor(0.5, parse_datetime("2026-01-01T00:00:00"), 1).encode(),
        Cursor(0.5, parse_datetime("2026-01-01T00:00:00+00:00"), 10**30).encode(),
        Cursor(0.5, parse_datetime("2026-01-01T00:00:00+00:00"), True).encode(),
        Cursor(0.5, parse_datetime("0001-01-01T00:00:00+23:00"), 1).encode(),
        Cursor(0.5, parse_datetime("9999-12-31T23:59:59-23:00"), 1).encode(),
    ],
)  # fmt: skip
def test_a_made_up_cursor_is_refused(text):
    with pytest.raises(BadCursor):
        Cursor.decode(text)


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (0.5, 5, "0.50000"),
        (0.123456, 3, "0.123"),
        (1234567.5, 2, "1234567.50"),
        (0.0, 2, "0.00"),
        (-0.0, 2, "0.00"),
        (3e-7, 5, "3.00000e-07"),
        (-1e300, 2, "-1.00e+300"),
    ],
)
def test_scores_are_written_with_the_competitions_precision(value, decimals, expected):
    assert score_text(value, decimals) == expected
