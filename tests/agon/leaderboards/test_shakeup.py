"""How ranks moved, as lines."""

from agon.leaderboards.models import FinalStanding
from agon.leaderboards.shakeup import EDGE, HEIGHT, shake_up
from agon.teams.models import Team


def standing(number, rank, public_rank):
    return FinalStanding(
        team=Team(pk=number, name=f"Team {number}"), rank=rank, public_rank=public_rank, value=0.5
    )


def test_lines_go_from_the_public_rank_to_the_final_one():
    drawn = shake_up([standing(1, 1, 3), standing(2, 2, 2), standing(3, 3, 1)], my_team=3)
    assert [line.direction for line in drawn.lines] == ["up", "same", "down"]
    assert (drawn.lines[0].y1, drawn.lines[0].y2) == (HEIGHT - EDGE, EDGE)
    assert [line.is_mine for line in drawn.lines] == [False, False, True]
    assert (drawn.teams, drawn.moved) == (3, 2)


def test_one_team_or_none_is_no_chart():
    assert shake_up([]) is None
    assert shake_up([standing(1, 1, 1)]) is None
    assert shake_up([standing(1, 1, None), standing(2, 2, None)]) is None
