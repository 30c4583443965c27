"""Moving the dates of a competition and its phases. Those who take part are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.competitions import rules
from agon.competitions.audience import hosts_of, participants_of
from agon.competitions.errors import DatesRefused
from agon.competitions.models import Competition, Phase, Verb
from agon.competitions.services.actions import record_action
from agon.notifications.models import Kind
from agon.notifications.services import notify

Dates = Mapping[str, datetime | None]
"""A date by its name: one of `OWN` of the competition, `7.opens_at` of phase 7."""
OWN = ("starts_at", "ends_at", "entry_deadline", "merge_deadline")


@dataclass(frozen=True, slots=True)
class Move:
    """A date that is another one now. `phase` is None for the competition's own."""

    name: str
    phase: Phase | None
    before: datetime | None
    after: datetime | None

    @property
    def field(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def what(self) -> str:
        """What happens at the date, as the wordings of notifications name it."""
        return {
            "ends_at": "closes",
            "closes_at": "closes",
            "entry_deadline": "entry",
            "merge_deadline": "merge",
        }.get(self.field, "opens")


@transaction.atomic
def move_dates(
    *,
    actor: User,
    competition: Competition,
    dates: Dates,
    reason: str = "",
    confirmed: bool = False,
) -> list[Move]:
    """Set the dates that are named, and tell participants and hosts; gives those that have moved.

    Raises:
        DatesRefused: Something would end before it starts; or it would close, open again or stop at
            once, which has to be confirmed.
    """
    if not rules.can_manage(actor, competition):
        raise PermissionDenied(_("Only the hosts of this competition move its dates."))
    competition = Competition.objects.select_for_update().get(pk=competition.pk)
    phases = list(competition.phases.select_for_update())
    for phase in phases:
        phase.competition = competition
    was = {phase.pk: (phase.opens, phase.closes) for phase in phases}
    had_passed = set(_passed(competition))
    moves = list(_moved(competition, phases, dates))
    _check_order(competition, phases)
    effects = [*_effects(phases, was), *_fixed(set(_passed(competition)) - had_passed)]
    if effects and not confirmed:
        raise DatesRefused(effects, needs_confirmation=True)
    if not moves:
        return []
    competition.save(update_fields=[*OWN, "updated_at"])
    for phase in phases:
        phase.save(update_fields=["opens_at", "closes_at"])
    _record(actor, competition, moves, reason)
    _tell(actor, competition, phases, moves)
    return moves


def dates_of(competition: Competition, phases: list[Phase]) -> dict[str, datetime | None]:
    """All dates as they are, by their names."""
    found = {name: getattr(competition, name) for name in OWN}
    for phase in phases:
        found |= {f"{phase.pk}.opens_at": phase.opens_at, f"{phase.pk}.closes_at": phase.closes_at}
    return found


def _moved(competition: Competition, phases: list[Phase], dates: Dates) -> Iterator[Move]:
    """Sets the dates on the objects as it goes; a form has no fractions of a second to lose."""
    by_number = {str(phase.pk): phase for phase in phases}
    for name, before in dates_of(competition, phases).items():
        after = dates.get(name, before)
        if _to_the_second(before) == _to_the_second(after):
            continue
        number, _dot, field = name.rpartition(".")
        phase = by_number.get(number)
        setattr(phase or competition, field, after)
        yield Move(name, phase, before, after)


def _to_the_second(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(microsecond=0)


def _check_order(competition: Competition, phases: list[Phase]) -> None:
    starts, ends = competition.starts_at, competition.ends_at
    if starts and ends and starts >= ends:
        raise DatesRefused([_("The competition would end before it starts; swap the two dates?")])
    _check_deadlines(competition)
    wrong = [
        phase.name
        for phase in phases
        if phase.opens and phase.closes and phase.opens >= phase.closes
    ]
    if wrong:
        raise DatesRefused(
            [
                _(
                    "The phase “%(phase)s” would close before it opens. Mind that a phase without dates "
                    "has those of the competition."
                )
                % {"phase": name}
                for name in wrong
            ]
        )


def _check_deadlines(competition: Competition) -> None:
    starts, ends = competition.starts_at, competition.ends_at
    entry, merge = competition.entry_deadline, competition.merge_deadline
    faults = []
    if entry and starts and entry <= starts:
        faults.append(
            _("Nobody could enter: the last moment to enter is not after the competition's start.")
        )
    if entry and ends and entry > ends:
        faults.append(
            _(
                "The last moment to enter is after the end. Leave it empty to let people in until then."
            )
        )
    if merge and ends and merge > ends:
        faults.append(
            _(
                "The last moment to change teams is after the end. Leave it empty to allow it until then."
            )
        )
    if faults:
        raise DatesRefused(faults)


def _passed(competition: Competition) -> Iterator[str]:
    """Which deadlines of people and teams are over."""
    now = timezone.now()
    for name in ("entry_deadline", "merge_deadline"):
        moment = getattr(competition, name)
        if moment is not None and moment <= now:
            yield name


def _fixed(newly_passed: set[str]) -> Iterator[str]:
    """What a deadline ends at once."""
    if "entry_deadline" in newly_passed:
        yield _("Nobody can enter any more, not even who is invited.")
    if "merge_deadline" in newly_passed:
        yield _("Teams stay as they are: nobody joins, leaves or merges any more.")


def _effects(
    phases: list[Phase], was: Mapping[int, tuple[datetime | None, datetime | None]]
) -> Iterator[str]:
    """What happens at once, and would surprise somebody who mistyped a date."""
    now = timezone.now()
    for phase in phases:
        opened, closed = was[phase.pk]
        had_ended = closed is not None and closed <= now
        ends = phase.closes is not None and phase.closes <= now
        if ends and not had_ended:
            yield (
                _("“%(phase)s” closes at once: nobody can submit to it any more.")
                % {"phase": phase.name}
            )
        if had_ended and not ends:
            yield (
                _(
                    "“%(phase)s” is open again, although scores that were hidden may have been seen "
                    "since its close."
                )
                % {"phase": phase.name}
            )
        had_opened = opened is None or opened <= now
        opens_later = phase.opens is not None and phase.opens > now
        if had_opened and opens_later and not had_ended:
            yield (_("“%(phase)s” stops at once, until its new start.") % {"phase": phase.name})


def _record(actor: User, competition: Competition, moves: list[Move], reason: str) -> None:
    def shown(moment: datetime | None) -> str:
        return "" if moment is None else moment.isoformat()

    def named(move: Move) -> str:
        return f"{move.phase.name}: {move.field}" if move.phase else move.field

    record_action(
        competition=competition,
        actor=actor,
        verb=Verb.DATES_MOVED,
        subject=", ".join(dict.fromkeys(move.phase.name for move in moves if move.phase)),
        before={named(move): shown(move.before) for move in moves},
        after={named(move): shown(move.after) for move in moves},
        reason=reason,
    )


def _tell(actor: User, competition: Competition, phases: list[Phase], moves: list[Move]) -> None:
    values: dict[str, str] = {}
    only = moves[0]
    # A phase's date is the competition's to people where there is but one phase.
    if len(moves) == 1 and (only.phase is None or len(phases) == 1) and only.after:
        values = {
            "what": only.what,
            "after": only.after.isoformat(),
            "before": only.before.isoformat() if only.before else "",
        }
    told = dict.fromkeys([*participants_of(competition), *hosts_of(competition, but=actor)])
    notify(
        kind=Kind.DATES,
        recipients=told,
        competition_id=competition.pk,
        values=values,
        path=competition.get_absolute_url(),
    )
