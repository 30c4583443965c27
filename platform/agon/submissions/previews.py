"""Who would move on the board, and why, if a rescore were published now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from django.utils.translation import gettext as _

from agon.competitions.models import Phase
from agon.leaderboards.services import Standing
from agon.submissions.models import Rescore, RescoreItem, State, Submission
from agon.submissions.services.board import all_standings, standing_of, taking_part
from agon.teams.models import Team
from scoring.contract import Split


@dataclass(frozen=True, slots=True)
class Place:
    """Where a team stands, and by which of its submissions."""

    rank: int
    value: float
    submission_id: int
    number: int


@dataclass(frozen=True, slots=True)
class Movement:
    """A team's place on one board before and after."""

    team: Team
    old: Place | None
    new: Place | None

    @property
    def steps(self) -> int:
        """How many ranks it would rise; negative where it would fall."""
        return self.old.rank - self.new.rank if self.old and self.new else 0

    @property
    def changes(self) -> bool:
        if self.old is None or self.new is None:
            return True
        return self.steps != 0 or self.old.value != self.new.value

    @property
    def direction(self) -> str:
        if self.old is None:
            return "in"
        if self.new is None:
            return "out"
        return "up" if self.steps > 0 else "down" if self.steps < 0 else "same"

    @property
    def why(self) -> str:
        if self.new is None:
            return _("None of its submissions has a score any more.")
        numbers = {"new": self.new.number, "old": self.old.number if self.old else 0}
        if self.old is None:
            return _("Its submission #%(new)d has a score now.") % numbers
        if self.old.submission_id != self.new.submission_id:
            return _("Submission #%(new)d is its best now instead of #%(old)d.") % numbers
        if self.old.value != self.new.value:
            return _("The score of its submission #%(new)d has changed.") % numbers
        if self.steps > 0:
            return _("Its score is the same; others fall behind it.")
        return _("Its score is the same; others move past it.")


def movements(rescore: Rescore, split: Split) -> list[Movement]:
    """Every team that stands or would stand on a board, in the order of the new one."""
    old = _places(rescore.phase, all_standings(rescore.phase, split))
    new = _places(rescore.phase_afterwards, _standings_afterwards(rescore, split))
    teams = Team.objects.in_bulk(set(old) | set(new))
    used = {place.submission_id for place in (*old.values(), *new.values())}
    numbers = dict(Submission.objects.filter(pk__in=used).values_list("pk", "number"))
    found = [
        Movement(team, _numbered(old.get(pk), numbers), _numbered(new.get(pk), numbers))
        for pk, team in teams.items()
    ]
    found.sort(key=_order)
    return found


def _order(movement: Movement) -> tuple[bool, int, int]:
    rank = movement.new.rank if movement.new else movement.old.rank if movement.old else 0
    return movement.new is None, rank, movement.team.pk


def _numbered(place: Place | None, numbers: dict[int, int]) -> Place | None:
    if place is None:
        return None
    return Place(place.rank, place.value, place.submission_id, numbers.get(place.submission_id, 0))


def _places(phase: Phase, standings: Iterable[tuple[int, Standing]]) -> dict[int, Place]:
    ordered = sorted(
        standings,
        key=lambda pair: (phase.sort_key(pair[1].value), pair[1].reached_at, pair[0]),
    )
    places: dict[int, Place] = {}
    rank, previous = 0, None
    for place, (team_id, standing) in enumerate(ordered, start=1):
        if standing.value != previous:
            rank, previous = place, standing.value
        places[team_id] = Place(rank, standing.value, standing.submission_id, 0)
    return places


def _standings_afterwards(rescore: Rescore, split: Split) -> Iterator[tuple[int, Standing]]:
    phase = rescore.phase_afterwards
    for team_id, scored in groupby(_afterwards(rescore), key=attrgetter("team_id")):
        standing = standing_of(phase, split, scored)
        if standing is not None:
            yield team_id, standing


def _afterwards(rescore: Rescore) -> list[Submission]:
    """The submissions with a score after the publication, in the order of `in_order`."""
    items = {
        item.submission_id: item
        for item in rescore.items.filter(finished_at__isnull=False).only(
            *("rescore_id", "submission_id", "state"),
            *("public_score", "private_score", "public_key"),
        )
    }
    rows = (
        taking_part(rescore.phase)
        .filter(team__is_host_baseline=False)
        .only(
            *("id", "team_id", "phase_id", "state", "created_at", "is_chosen"),
            *("public_score", "private_score", "public_key"),
        )
    )
    found = [
        submission
        for submission in rows.iterator(chunk_size=5000)
        if _settle(submission, items.get(submission.pk), rescore)
    ]
    found.sort(key=lambda s: (s.team_id, s.public_key is None, s.public_key, s.created_at, s.pk))
    return found


def _settle(submission: Submission, item: RescoreItem | None, rescore: Rescore) -> bool:
    """Give it the score that it would have; False where it would have none."""
    if item is None:
        # What is not scored anew yet leaves the board until it is, where the rules change.
        return submission.state == State.SCORED and not rescore.changes
    if item.state != RescoreItem.State.SCORED:
        return False
    submission.public_score = item.public_score
    submission.private_score = item.private_score
    submission.public_key = item.public_key
    return True
