"""How the scores of a board are spread, and where the baselines stand among them."""

from __future__ import annotations

import factories
import pytest
from board_entrants import Entrants
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agon.leaderboards import chart, services
from agon.leaderboards.aside import aside_of, baselines_of
from agon.leaderboards.chart import BARS, WIDTH, chart_of

pytestmark = pytest.mark.django_db


def drawn(entrants, mine=None):
    board = entrants.board()
    found = chart_of(board, baselines_of(board))
    return found and found.with_mine(mine)


def board_of(*values, metric="accuracy", baselines=()):
    entrants = Entrants(factories.make_phase(metric=metric), len(values))
    for number, value in enumerate(values):
        entrants.place(number, value)
    for value in baselines:
        entrants.place_baseline(value)
    return entrants


def test_every_team_is_in_one_bar():
    found = drawn(board_of(*[number / 40 for number in range(40)]))
    assert sum(bar.count for bar in found.bars) == 40
    assert (found.worst, found.best, found.half) == ("0.05000", "0.97500", "0.50000")
    assert found.leaves_out and found.bars[0].count == 4


@pytest.mark.parametrize(("metric", "order"), [("accuracy", [0.2, 0.9]), ("rmse", [0.9, 0.2])])
def test_better_is_to_the_right_whatever_the_metric(metric, order):
    found = drawn(board_of(*order, metric=metric, baselines=[order[1]]))
    assert found.lines[0].x == WIDTH
    assert found.bars[0].x < found.bars[1].x
    assert found.best == f"{order[1]:.5f}"


def test_the_lines_are_the_best_baseline_and_the_median_of_all():
    found = drawn(board_of(0.0, 1.0, baselines=[0.25, 0.5, 0.75]), mine=-1.0)
    assert [(line.kind, line.x, line.score) for line in found.lines] == [
        ("best", WIDTH * 0.75, "0.75000"),
        ("median", WIDTH * 0.5, "0.50000"),
        ("mine", WIDTH, "1.00000"),
    ]


def test_one_baseline_is_one_line_and_none_is_none():
    assert [line.kind for line in drawn(board_of(0.1, 0.9, baselines=[0.4])).lines] == ["best"]
    assert drawn(board_of(0.1, 0.9)).lines == []


def test_a_baseline_beyond_every_team_is_on_the_chart():
    found = drawn(board_of(0.4, 0.5, baselines=[0.1, 0.9]))
    assert (found.worst, found.best) == ("0.10000", "0.90000")
    assert found.lines[0].x == WIDTH


def test_one_hopeless_score_does_not_squeeze_the_others():
    found = drawn(board_of(*[0.9 + number / 1000 for number in range(40)], -1e300))
    assert len(found.bars) > BARS / 2
    assert found.leaves_out


def test_where_nothing_differs_there_is_no_chart():
    assert drawn(board_of(0.5, 0.5)) is None
    assert drawn(board_of(0.5, baselines=[0.5])) is None
    assert chart_of(board_of(baselines=[0.5, 0.7]).board(), []) is None


def test_the_farthest_floats_find_a_place():
    found = drawn(board_of(1.7e308, -1.7e308, metric="rmse"))
    assert found.best.startswith("-1.7") and all(0 <= bar.x <= WIDTH for bar in found.bars)


def test_a_large_board_is_drawn_from_its_buckets(monkeypatch):
    monkeypatch.setattr(services, "FULL", 4)
    monkeypatch.setattr(chart, "READ_WHOLE", 8)
    entrants = board_of(*[number / 64 for number in range(64)])
    board = entrants.board()
    with CaptureQueriesContext(connection) as captured:
        found = chart_of(board, [])
    assert len(captured) == 3
    assert found.best == "0.98438"
    assert sum(bar.count for bar in found.bars) == pytest.approx(64, abs=BARS / 2)


def test_while_the_board_stays_as_it_is_its_aside_costs_nothing():
    entrants = board_of(0.2, 0.4, baselines=[0.3])
    first = aside_of(entrants.board())
    board = entrants.board()
    with CaptureQueriesContext(connection) as captured:
        again = aside_of(board)
    assert len(captured) == 0
    assert again == first and again.baselines[0].team.name == first.baselines[0].team.name
    entrants.place_baseline(0.9)
    assert len(aside_of(entrants.board()).baselines) == 2
    entrants.place(0, 0.95)
    assert aside_of(entrants.board()).chart.best == "0.95000"
