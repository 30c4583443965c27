"""The end of a phase: publishing its results, and saying whose work was looked at."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agon.accounts.models import User
from agon.competitions.models import Phase, Verb
from agon.competitions.services import record_action
from agon.leaderboards.models import FinalStanding
from agon.leaderboards.services import lock_board
from agon.notifications.models import Kind as NotificationKind
from agon.notifications.services import emit, notify
from agon.submissions.closing import Place, pending_of, places_of
from agon.submissions.errors import RulingRefused
from agon.submissions.rescoring import open_rescore_of
from agon.teams.models import Membership, Team
from scoring.contract import Split


def publish_results(
    *, actor: User, phase: Phase, reason: str = "", leaves_out_pending: bool = False
) -> list[FinalStanding]:
    """Write down where everybody ended, open the private board, and tell all who took part.

    Published anew, after a correction, the standings are replaced as a whole; then those are told
    whose rank is another. Nothing takes results back: people have read them.

    Raises:
        RulingRefused: The phase is still open, or something is not decided yet.
    """
    with transaction.atomic():
        # Boards before the phase, as whoever publishes a rescore locks them.
        for split in Split:
            lock_board(phase=phase, split=split)
        phase = Phase.objects.select_for_update().get(pk=phase.pk)
        _check(phase, leaves_out_pending=leaves_out_pending)
        anew = phase.results_published_at is not None
        if anew and not reason:
            raise RulingRefused(_("Say why the results are published anew."))
        before = dict(FinalStanding.objects.filter(phase=phase).values_list("team", "rank"))
        made = _write(phase, places_of(phase))
        phase.results_published_at = timezone.now()
        phase.save(update_fields=["results_published_at"])
        record_action(
            competition=phase.competition,
            actor=actor,
            verb=Verb.RESULTS_PUBLISHED,
            subject=phase.name,
            after={"teams": len(made), "anew": anew},
            reason=reason,
        )
        _tell(phase, made, before if anew else {})
        emit(
            competition_id=phase.competition_id,
            event="results.published",
            document={"phase": phase.name, "teams": len(made), "anew": anew},
        )
        return made


def _check(phase: Phase, *, leaves_out_pending: bool) -> None:
    if not phase.has_closed:
        raise RulingRefused(_("Results come after the close. Until then the ranking can change."))
    if open_rescore_of(phase) is not None:
        raise RulingRefused(
            _("A rescoring is not decided yet. Publish it or throw it away, then publish results.")
        )
    pending = pending_of(phase)
    if pending and not leaves_out_pending:
        raise RulingRefused(
            ngettext(
                "%(count)d submission from before the close still waits for its score. Wait for it, or confirm that it is left out.",
                "%(count)d submissions from before the close still wait for their scores. Wait for them, or confirm that they are left out.",
                pending,
            )
            % {"count": pending}
        )


def _write(phase: Phase, places: list[Place]) -> list[FinalStanding]:
    """What was verified of a team stays with it when results are published anew."""
    old = {one.team_id: one for one in FinalStanding.objects.filter(phase=phase)}
    FinalStanding.objects.filter(phase=phase).exclude(
        team__in=[place.team_id for place in places]
    ).delete()
    made = []
    for place in places:
        standing = old.get(place.team_id) or FinalStanding(phase=phase, team_id=place.team_id)
        standing.rank, standing.public_rank = place.rank, place.public_rank
        standing.value, standing.public_value = place.value, place.public_value
        standing.submission_id = place.submission_id
        standing.submission_count, standing.medal = place.submission_count, place.medal
        standing.save()
        made.append(standing)
    return made


def _tell(phase: Phase, made: list[FinalStanding], before: dict[int, int]) -> None:
    """Everybody in a ranked team; after a correction, those whose rank is another."""
    competition = phase.competition
    members: dict[int, list[int]] = {}
    for team_id, user_id in Membership.objects.filter(competition=competition).values_list(
        "team", "user"
    ):
        members.setdefault(team_id, []).append(user_id)
    path = reverse("submissions:results", args=[competition.slug])
    names = dict(Team.objects.filter(competition=competition).values_list("pk", "name"))
    for standing in made:
        if before.get(standing.team_id) == standing.rank:
            continue
        notify(
            kind=NotificationKind.RESULTS,
            recipients=members.get(standing.team_id, []),
            competition_id=competition.pk,
            values={
                "competition": competition.title,
                "team": names[standing.team_id],
                "rank": standing.rank,
                "teams": len(made),
            },
            path=path,
        )


def verify(*, actor: User, standing: FinalStanding, how: str) -> None:
    """Say that a team's work was looked at and is as the rules ask."""
    with transaction.atomic():
        done = FinalStanding.objects.filter(pk=standing.pk, verified_at__isnull=True).update(
            verified_at=timezone.now(), verification=how
        )
        if not done:
            raise RulingRefused(_("This team is verified already."))
        _log_verification(actor, standing, after={"verified": True}, reason=how)


def take_verification_back(*, actor: User, standing: FinalStanding, reason: str) -> None:
    with transaction.atomic():
        done = FinalStanding.objects.filter(pk=standing.pk, verified_at__isnull=False).update(
            verified_at=None, verification=""
        )
        if not done:
            raise RulingRefused(_("This team is not verified."))
        _log_verification(actor, standing, after={"verified": False}, reason=reason)


def _log_verification(
    actor: User, standing: FinalStanding, *, after: dict[str, bool], reason: str
) -> None:
    record_action(
        competition=standing.phase.competition,
        actor=actor,
        verb=Verb.WINNER_VERIFIED,
        subject=standing.team.name,
        after=after,
        reason=reason,
    )
