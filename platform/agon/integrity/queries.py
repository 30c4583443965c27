"""The evidence of the integrity desk: what could be a coincidence, set before the hosts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Min
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agon.common.files import digest
from agon.competitions.models import Competition, Phase
from agon.integrity.models import Case, Ground, Sighting
from agon.integrity.similarity import pairs_alike
from agon.leaderboards.models import Entry
from agon.submissions.models import Submission
from agon.submissions.scores import replicates_of
from agon.teams.models import Membership, Team
from scoring.contract import Split

MOST_TEAMS = 200
"""How many of the first teams are compared: 19,900 pairs take about a second."""

BURST, BURST_MINUTES = 10, 10
IN_STEP_SECONDS, IN_STEP_TIMES = 60, 5
MOST_SUBMISSIONS = 50_000
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that hosts may want to ask about.

    Attributes:
        teams: Whom it concerns.
        submissions: The submissions that it is seen by, if single ones.
        text: What is seen, in words.
        strength: For the order within a ground; larger first.
    """

    ground: Ground
    teams: tuple[Team, ...]
    text: str
    submissions: tuple[Submission, ...] = ()
    strength: float = 0.0

    @property
    def label(self) -> str:
        return str(self.ground.label)

    @property
    def team_ids(self) -> str:
        return ",".join(str(team.pk) for team in self.teams)


@dataclass(frozen=True, slots=True)
class Desk:
    """All evidence of a phase, by ground."""

    identical: list[Evidence] = field(default_factory=list)
    alike: list[Evidence] = field(default_factory=list)
    bursts: list[Evidence] = field(default_factory=list)
    lockstep: list[Evidence] = field(default_factory=list)
    browsers: list[Evidence] = field(default_factory=list)
    compared: int = 0

    @property
    def all(self) -> list[Evidence]:
        return [*self.identical, *self.alike, *self.browsers, *self.lockstep, *self.bursts]


def desk_of(phase: Phase) -> Desk:
    """What the desk shows of a phase."""
    alike, compared = _alike(phase)
    times = _times(phase)
    teams = {team.pk: team for team in Team.objects.filter(competition=phase.competition)}
    return Desk(
        identical=_identical(phase),
        alike=alike,
        bursts=_bursts(times, teams),
        lockstep=_lockstep(times, teams),
        browsers=_browsers(phase.competition),
        compared=compared,
    )


def open_cases(competition: Competition) -> list[Case]:
    return list(
        competition.cases.prefetch_related("parties__team").order_by("closed_at", "-opened_at")[
            :100
        ]
    )


def _identical(phase: Phase) -> list[Evidence]:
    """The same bytes from two teams or more."""
    of_participants = Submission.objects.filter(
        phase=phase, is_late=False, team__is_host_baseline=False
    )
    shared = (
        of_participants.values("sha256")
        .annotate(teams=Count("team", distinct=True), first=Min("created_at"))
        .filter(teams__gt=1)
        .order_by("-first")[:MOST_SHOWN]
    )
    found = defaultdict(list)
    sample = _sample_hash(phase)  # sent by many, and tells of nothing
    hashes = [row["sha256"] for row in shared if row["sha256"] != sample]
    for submission in (
        of_participants.filter(sha256__in=hashes)
        .select_related("team")
        .order_by("created_at", "id")
    ):
        found[submission.sha256].append(submission)
    evidence = []
    for submissions in found.values():
        firsts: dict[int, Submission] = {}
        for submission in submissions:
            firsts.setdefault(submission.team_id, submission)
        chosen = tuple(firsts.values())
        text = ngettext(
            "%(count)s team sent exactly the same file.",
            "%(count)s teams sent exactly the same file.",
            len(chosen),
        ) % {"count": len(chosen)}
        evidence.append(
            Evidence(
                Ground.IDENTICAL,
                tuple(submission.team for submission in chosen),
                text,
                chosen,
                float(len(chosen)),
            )
        )
    return evidence


def _sample_hash(phase: Phase) -> str:
    if not phase.sample:
        return ""
    with phase.sample.open("rb") as stream:
        return digest(stream.file).sha256


def _alike(phase: Phase) -> tuple[list[Evidence], int]:
    """Of the first teams, those whose best submissions make nearly the same mistakes."""
    entries = list(
        Entry.objects.filter(board__phase=phase, board__split=Split.PUBLIC.value)
        .select_related("team", "submission")
        .order_by("key", "reached_at", "team")[:MOST_TEAMS]
    )
    metric = phase.metrics[0]["name"]
    replicated = replicates_of(
        [entry.submission_id for entry in entries], metric=metric, split=Split.PUBLIC.value
    )
    pairs = pairs_alike([replicated.get(entry.submission_id) for entry in entries])
    evidence = []
    for first, second, likeness in pairs[:MOST_SHOWN]:
        one, other = entries[first], entries[second]
        if one.submission.sha256 == other.submission.sha256:
            continue  # named already, as the same file
        text = _("The likeness of their best submissions is %(likeness)s of 1.") % {
            "likeness": f"{likeness:.4f}"
        }
        evidence.append(
            Evidence(
                Ground.ALIKE,
                (one.team, other.team),
                text,
                (one.submission, other.submission),
                likeness,
            )
        )
    return evidence, len(entries)


def _times(phase: Phase) -> list[tuple[datetime, int]]:
    rows = (
        Submission.objects.filter(phase=phase, is_late=False, team__is_host_baseline=False)
        .order_by("-created_at")
        .values_list("created_at", "team_id")[:MOST_SUBMISSIONS]
    )
    return list(rows)[::-1]


def _bursts(times: Sequence[tuple[datetime, int]], teams: dict[int, Team]) -> list[Evidence]:
    """Many submissions of one team within minutes."""
    by_team: dict[int, list[datetime]] = defaultdict(list)
    for at, team_id in times:
        by_team[team_id].append(at)
    evidence = []
    span = timedelta(minutes=BURST_MINUTES)
    for team_id, moments in by_team.items():
        most = _most_within(moments, span)
        if most >= BURST and team_id in teams:
            text = _("%(count)s submissions within %(minutes)s minutes.") % {
                "count": most,
                "minutes": BURST_MINUTES,
            }
            evidence.append(Evidence(Ground.BURST, (teams[team_id],), text, (), float(most)))
    return sorted(evidence, key=lambda one: -one.strength)[:MOST_SHOWN]


def _most_within(moments: Sequence[datetime], span: timedelta) -> int:
    most = start = 0
    for end, moment in enumerate(moments):
        while moment - moments[start] > span:
            start += 1
        most = max(most, end - start + 1)
    return most


def _lockstep(times: Sequence[tuple[datetime, int]], teams: dict[int, Team]) -> list[Evidence]:
    """Two teams of which one again and again submits right after the other."""
    span = timedelta(seconds=IN_STEP_SECONDS)
    counts: Counter[tuple[int, int]] = Counter()
    totals = Counter(team_id for _at, team_id in times)
    for number, (at, team_id) in enumerate(times):
        near = set()
        for other_at, other_id in times[number + 1 :]:
            if other_at - at > span:
                break
            if other_id != team_id:
                near.add(other_id)
        counts.update((min(team_id, other), max(team_id, other)) for other in near)
    evidence = []
    for (one, other), count in counts.most_common(MOST_SHOWN):
        # In a rush everybody is near everybody, so it takes most of what the smaller team sent.
        if count < IN_STEP_TIMES or count < 0.8 * min(totals[one], totals[other]):
            continue
        if one in teams and other in teams:
            text = _("%(count)s times within %(seconds)s seconds of each other.") % {
                "count": count,
                "seconds": IN_STEP_SECONDS,
            }
            pair = (teams[one], teams[other])
            evidence.append(Evidence(Ground.LOCKSTEP, pair, text, (), float(count)))
    return evidence


def _browsers(competition: Competition) -> list[Evidence]:
    """One browser from which people of several teams submitted."""
    shared = (
        Sighting.objects.filter(competition=competition)
        .values("browser")
        .annotate(people=Count("user", distinct=True))
        .filter(people__gt=1)
        .values_list("browser", flat=True)[:MOST_SHOWN]
    )
    people: dict[str, set[int]] = defaultdict(set)
    for browser, user_id in Sighting.objects.filter(
        competition=competition, browser__in=list(shared)
    ).values_list("browser", "user_id"):
        people[browser].add(user_id)
    teams = _teams_of(competition, {user for users in people.values() for user in users})
    evidence = {}
    for users in people.values():
        found = {teams[user].pk: teams[user] for user in users if user in teams}
        if len(found) > 1:
            text = _("People of these teams submitted from the same browser.")
            key = tuple(sorted(found))
            evidence[key] = Evidence(
                Ground.BROWSER, tuple(found[pk] for pk in key), text, (), float(len(found))
            )
    return list(evidence.values())


def _teams_of(competition: Competition, users: Iterable[int]) -> dict[int, Team]:
    rows = Membership.objects.filter(competition=competition, user_id__in=list(users))
    return {row.user_id: row.team for row in rows.select_related("team")}
