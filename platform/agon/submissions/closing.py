"""How far the end of a phase is: what still runs, how the ranking would be, and how it was published."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from agon.accounts.models import User
from agon.common.scores import score_text
from agon.common.spreadsheets import safe_cell
from agon.competitions.models import Competition, Invitation, Phase, RulesAcceptance
from agon.leaderboards.medals import medal_of
from agon.leaderboards.models import Entry, FinalStanding
from agon.leaderboards.queries import all_rows, board_of
from agon.submissions.models import Rescore, Submission
from agon.submissions.rescoring import open_rescore_of
from agon.teams.models import Membership, Team
from scoring.contract import Split


@dataclass(frozen=True, slots=True)
class Place:
    """Where a team would end, or has ended."""

    team_id: int
    rank: int
    public_rank: int | None
    value: float
    public_value: float | None
    submission_id: int
    submission_count: int
    medal: str


@dataclass(frozen=True, slots=True)
class State:
    """What hosts look at before they publish.

    Attributes:
        pending: Submissions from before the close that still wait for their score.
        differs: The ranking is another one than what was published.
    """

    pending: int
    rescore: Rescore | None
    open_cases: int
    disqualified: int
    published_at: datetime | None
    differs: bool


def pending_of(phase: Phase) -> int:
    """Submissions that count and have not come to their end."""
    return Submission.objects.filter(phase=phase, is_late=False).unfinished().count()


def places_of(phase: Phase) -> list[Place]:
    """The final ranking as the private board has it now, the best first."""
    board = board_of(phase, Split.PRIVATE)
    if board is None:
        return []
    public_board = board_of(phase, Split.PUBLIC)
    public: dict[int, tuple[int, float]] = {}
    for row in all_rows(public_board) if public_board else ():
        if row.rank is not None and isinstance(row.entry, Entry):
            public[row.entry.team_id] = (row.rank, row.entry.value)
    ranked = [
        (row.rank, row.entry)
        for row in all_rows(board)
        if row.rank is not None and isinstance(row.entry, Entry)
    ]
    gives_medals = phase.competition.gives_medals
    places = []
    for rank, entry in ranked:
        public_rank, public_value = public.get(entry.team_id, (None, None))
        medal = medal_of(rank, len(ranked)) if gives_medals else None
        places.append(
            Place(
                team_id=entry.team_id,
                rank=rank,
                public_rank=public_rank,
                value=entry.value,
                public_value=public_value,
                submission_id=entry.submission_id,
                submission_count=entry.submission_count,
                medal=medal.value if medal else "",
            )
        )
    return places


def state_of(phase: Phase, places: list[Place]) -> State:
    kept = FinalStanding.objects.filter(phase=phase).values_list("team", "rank", "value")
    differs = phase.results_published_at is not None and set(kept) != {
        (place.team_id, place.rank, place.value) for place in places
    }
    return State(
        pending=pending_of(phase),
        rescore=open_rescore_of(phase),
        open_cases=Competition.objects.filter(
            pk=phase.competition_id, cases__isnull=False, cases__closed_at__isnull=True
        ).count(),
        disqualified=Team.objects.filter(
            competition=phase.competition_id, disqualified_at__isnull=False
        ).count(),
        published_at=phase.results_published_at,
        differs=differs,
    )


GRADES = (
    "name", "user_name", "email", "reference", "team", "members", "rank", "score", "public_rank",
    "public_score", "submissions", "medal", "disqualified",
)  # fmt: skip
WORDS = 5
"""As many of them are words that people chose; figures may begin with a sign."""


def grades_as_csv(phase: Phase) -> str:
    """One line a person who takes part or was invited by the roster, for a gradebook.

    Published results stand as they were published; before that, it is the ranking of now. Addresses
    are those of the host's own roster, and no others.
    """
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(GRADES)
    for row in _grades(phase):
        words, figures = row[:WORDS], row[WORDS:]
        writer.writerow([*(safe_cell(str(word)) for word in words), *figures])
    return target.getvalue()


def _grades(phase: Phase) -> list[list[object]]:
    competition = phase.competition
    invitations = {
        one.accepted_by_id: one
        for one in Invitation.objects.filter(competition=competition, accepted_by__isnull=False)
    }
    memberships = {
        one.user_id: one.team
        for one in Membership.objects.filter(competition=competition).select_related("team")
    }
    sizes: dict[int, int] = defaultdict(int)
    for team in memberships.values():
        sizes[team.pk] += 1
    sent = _counts(phase)
    standings = final_places(phase)
    people = User.objects.filter(
        pk__in=RulesAcceptance.objects.filter(competition=competition).values("user")
    ).order_by("username")
    rows = []
    for person in people:
        invitation, found = invitations.get(person.pk), memberships.get(person.pk)
        place = standings.get(found.pk) if found else None
        rows.append(
            [
                (invitation.name if invitation else "") or person.display_name or person.username,
                person.username,
                invitation.email if invitation else "",
                invitation.reference if invitation else "",
                found.name if found else "",
                sizes[found.pk] if found else "",
                *_cells(place, phase),
                sent.get(found.pk, 0) if found else 0,
                place.medal if place else "",
                "yes" if found and found.disqualified_at else "",
            ]
        )
    waiting = Invitation.objects.filter(competition=competition, accepted_by__isnull=True)
    return rows + [
        [one.name, "", one.email, one.reference, *[""] * 6, 0, "", ""]
        for one in waiting.order_by("email")
    ]


def _cells(place: Place | None, phase: Phase) -> list[object]:
    if place is None:
        return ["", "", "", ""]
    return [
        place.rank,
        score_text(place.value, phase.decimals),
        place.public_rank or "",
        "" if place.public_value is None else score_text(place.public_value, phase.decimals),
    ]


def _counts(phase: Phase) -> dict[int, int]:
    found: dict[int, int] = defaultdict(int)
    for team_id in Submission.objects.filter(phase=phase, is_late=False).values_list(
        "team_id", flat=True
    ):
        found[team_id] += 1
    return found


def final_places(phase: Phase) -> dict[int, Place]:
    """By team: what was published, or before that the ranking of now."""
    if phase.results_published_at is None:
        return {place.team_id: place for place in places_of(phase)}
    return {
        one.team_id: Place(
            team_id=one.team_id,
            rank=one.rank,
            public_rank=one.public_rank,
            value=one.value,
            public_value=one.public_value,
            submission_id=one.submission_id or 0,
            submission_count=one.submission_count,
            medal=one.medal,
        )
        for one in FinalStanding.objects.filter(phase=phase)
    }


def results_of(phase: Phase) -> list[FinalStanding]:
    """What was published, the best first."""
    return list(
        FinalStanding.objects.filter(phase=phase)
        .select_related("team")
        .order_by("rank", "team__name", "pk")
    )
