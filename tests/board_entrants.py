"""Boards for tests, and what they should be: computed the slow way, from the whole list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import factories

from agon.leaderboards import queries
from agon.leaderboards.models import Board
from agon.leaderboards.queries import Place
from agon.leaderboards.services import Standing, lock_board, place, place_baseline
from agon.submissions.models import State
from scoring.contract import Split

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


class Entrants:
    """Teams of one competition that can be put on its board; each has one submission to point to."""

    def __init__(self, phase, count):
        self.phase = phase
        self.teams = [factories.make_team(phase.competition) for _ in range(count)]
        self.submissions = [
            factories.make_submission(team, phase, state=State.SCORED, public=0.5)
            for team in self.teams
        ]

    def standing(self, number, value, minute=0, count=1):
        return Standing(
            submission_id=self.submissions[number].pk,
            value=value,
            reached_at=BEGAN + timedelta(minutes=minute),
            submission_count=count,
        )

    def place(self, number, value, minute=0, count=1, split=Split.PUBLIC):
        """Put a team on the board; without a value, take it off."""
        board = lock_board(phase=self.phase, split=split)
        standing = None if value is None else self.standing(number, value, minute, count)
        place(board=board, team_id=self.teams[number].pk, standing=standing)
        return self.board(split)

    def place_baseline(self, value, minute=0, split=Split.PUBLIC):
        """Put a new baseline of the host's on the board."""
        team = factories.make_team(self.phase.competition, is_host_baseline=True)
        submission = factories.make_submission(team, self.phase, state=State.SCORED, public=0.5)
        standing = Standing(submission.pk, value, BEGAN + timedelta(minutes=minute), 1)
        board = lock_board(phase=self.phase, split=split)
        place_baseline(board=board, team_id=team.pk, standing=standing)
        return team

    def board(self, split=Split.PUBLIC) -> Board:
        board = queries.board_of(self.phase, split)
        assert board is not None
        return board


def in_order(phase, standings):
    """[(rank, team id)] of {team id: standing}, by sorting and counting all of them."""
    keys = {team: phase.sort_key(standing.value) for team, standing in standings.items()}
    ordered = sorted(standings, key=lambda team: (keys[team], standings[team].reached_at, team))
    return [(1 + sum(key < keys[team] for key in keys.values()), team) for team in ordered]


def every_page(board, user_id=None):
    """The pages from the first to the last, as a reader clicks through them."""
    pages = [queries.page(board, place=Place(), user_id=user_id)]
    while (cursor := pages[-1].next) is not None:
        pages.append(queries.page(board, place=Place(after=cursor), user_id=user_id))
    return pages


def shown(pages):
    return [(row.rank, row.entry.team_id) for page in pages for row in page.rows]
