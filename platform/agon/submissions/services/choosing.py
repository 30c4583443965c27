"""Choosing the final submissions: a team's own decision, until the last moment before the close."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agon.accounts.models import User
from agon.competitions.models import Phase
from agon.submissions.errors import SubmissionRefused
from agon.submissions.finals import check_may_choose, choosable
from agon.submissions.models import Submission
from agon.submissions.services.board import update_board
from agon.teams.models import Membership, Team


def choose(
    *,
    user: User,
    phase: Phase,
    submission_ids: Collection[int],
    seen: Collection[int] | None = None,
) -> bool:
    """Let these be the final submissions of the user's team, and no others; whether that is news.

    The decision is made under the lock of the team's row, by the server's clock at that moment.

    Args:
        user: Who chooses, for the team.
        phase: Of which phase.
        submission_ids: What is to count.
        seen: What was chosen when the user looked; where a team-mate has chosen since, they look again.

    Raises:
        SubmissionRefused: The phase has closed, they are too many, or one of them cannot count.
    """
    wanted = set(submission_ids)
    check_may_choose(user, phase, at=timezone.now())
    with transaction.atomic():
        team = _hold(user, phase)
        phase = Phase.objects.select_related("competition").get(pk=phase.pk)
        check_may_choose(user, phase, at=timezone.now())
        if len(wanted) > phase.final_count:
            raise SubmissionRefused("too_many", _too_many(phase.final_count, len(wanted)))
        mine = Submission.objects.filter(team=team, phase=phase)
        # Submissions before boards, and in this order, as wherever scores are written.
        list(
            mine.filter(Q(pk__in=wanted) | Q(is_chosen=True))
            .select_for_update(of=("self",))
            .order_by("pk")
            .values_list("pk")
        )
        _check(mine.in_bulk(wanted), wanted, possible=choosable(team, phase).in_bulk(wanted))
        if seen is not None and set(seen) != _chosen(team, phase):
            raise SubmissionRefused(
                "changed_meanwhile",
                _(
                    "Somebody of your team has chosen meanwhile. Look at the choice below, then save."
                ),
            )
        changed = mine.filter(is_chosen=True).exclude(pk__in=wanted).update(is_chosen=False)
        changed += mine.filter(is_chosen=False, pk__in=wanted).update(is_chosen=True)
        if changed:
            update_board(phase=phase, team=team)
        return bool(changed)


def _hold(user: User, phase: Phase) -> Team:
    """The user's team, its row locked: nobody of it submits, merges or chooses meanwhile."""
    team = (
        Team.objects.select_for_update(of=("self",))
        .filter(competition=phase.competition_id, memberships__user=user)
        .first()
    )
    if team is None:
        raise SubmissionRefused(
            "no_team", _("Your team has not submitted yet, so there is nothing to choose from.")
        )
    if not Membership.objects.filter(team=team, user=user).exists():  # merged while this waited
        raise SubmissionRefused(
            "changed_meanwhile",
            _("Your team changed a moment ago. Look at the choice below, then save."),
        )
    return team


def _chosen(team: Team, phase: Phase) -> set[int]:
    """What the page shows as chosen: what cannot count any more is not among it."""
    return set(choosable(team, phase).filter(is_chosen=True).values_list("pk", flat=True))


def _check(
    mine: dict[int, Submission], wanted: set[int], *, possible: dict[int, Submission]
) -> None:
    if wanted - mine.keys():
        raise SubmissionRefused(
            "not_choosable", _("Choose among your own team's submissions to this phase.")
        )
    for pk in sorted(wanted - possible.keys()):
        raise SubmissionRefused("not_choosable", _why_not(mine[pk]))


def _why_not(submission: Submission) -> str:
    number = {"number": submission.number}
    if submission.is_late:
        return (
            _("Submission #%(number)d came after the close, so it cannot be a final one.") % number
        )
    if submission.disqualified_at is not None:
        return _("Submission #%(number)d is disqualified, so it cannot be a final one.") % number
    return _("Submission #%(number)d has no score, so it cannot be a final one.") % number


def _too_many(most: int, wanted: int) -> str:
    return ngettext(
        "Choose at most %(most)d submission; you have picked %(wanted)d.",
        "Choose at most %(most)d submissions; you have picked %(wanted)d.",
        most,
    ) % {"most": most, "wanted": wanted}
