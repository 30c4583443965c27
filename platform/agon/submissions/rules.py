"""Who may submit, and who may see which submission and which score."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agon.accounts.models import User
from agon.competitions import rules as competition_rules
from agon.competitions.models import Competition, Phase
from agon.submissions.errors import Action, SubmissionRefused
from agon.submissions.models import QuotaGrant, Submission
from agon.teams.errors import TeamRefused
from agon.teams.models import Team


def check_may_submit(user: competition_rules.Reader, phase: Phase, *, at: datetime) -> None:
    """Raise `SubmissionRefused` unless this person may submit to this phase at this moment."""
    competition = phase.competition
    check_signed_in(user, competition)
    if not competition_rules.has_accepted_rules(user, competition):
        joined = competition_rules.is_participant(user, competition)
        raise SubmissionRefused(
            "not_joined",
            _("The rules have changed. Accept the new version to go on.")
            if joined
            else _("Accept the rules to take part; then you can submit."),
            action=Action(
                reverse("competitions:rules", args=[competition.slug]), _("Read the rules")
            ),
        )
    if phase.opens and at < phase.opens:
        raise SubmissionRefused("not_open", _("Submissions are not open yet."))
    if phase.closes and at >= phase.closes and not phase.takes_late:
        raise SubmissionRefused(
            "closed",
            _("The competition has ended; submissions are closed."),
            action=Action(
                reverse("leaderboards:board", args=[competition.slug]), _("See the leaderboard")
            ),
        )
    check_ready(phase)


def is_late(phase: Phase, *, at: datetime) -> bool:
    """Whether what is submitted at this moment is scored and not ranked."""
    return phase.takes_late and phase.closes is not None and at >= phase.closes


def check_may_submit_baseline(user: competition_rules.Reader, phase: Phase) -> None:
    """Raise `SubmissionRefused` unless this person may let a baseline stand on the board.

    A baseline takes nobody's place, so hosts need neither accept the rules nor wait for the start.
    """
    check_signed_in(user, phase.competition)
    if not competition_rules.can_manage(user, phase.competition):
        raise SubmissionRefused(
            "not_host",
            _("Only the competition's hosts submit baselines. Submit without one to take part."),
        )
    check_ready(phase)


def check_signed_in(user: competition_rules.Reader, competition: Competition) -> None:
    if not isinstance(user, User):
        here = reverse("submissions:create", args=[competition.slug])
        raise SubmissionRefused(
            "signed_out",
            _("Sign in to submit."),
            action=Action(f"{reverse('account_login')}?next={here}", _("Sign in")),
        )


def check_ready(phase: Phase) -> None:
    competition = phase.competition
    if not competition.is_prepared:
        raise SubmissionRefused(
            "not_ready",
            _("The data of this competition is not there yet, so nothing can be scored."),
            action=Action(competition.get_absolute_url(), _("See how far it is")),
        )
    if not phase.solutions.exists():
        raise SubmissionRefused(
            "not_ready", _("The host has not uploaded the solution yet; try again later.")
        )


def day_start(at: datetime) -> datetime:
    """Daily limits count by UTC days, the same for everybody."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def limits_of(team: Team, phase: Phase, *, at: datetime) -> tuple[int | None, int | None]:
    """How many submissions a team has in total and on this day; None where there is no limit.

    What hosts granted counts towards the total, and towards each day for as long as no earlier day
    has used it up.
    """
    grants = QuotaGrant.objects.filter(team=team, phase=phase)
    granted: int = grants.aggregate(sum=Sum("count"))["sum"] or 0
    total = None if phase.total is None else phase.total + granted
    if phase.per_day is None or not granted:
        return total, phase.per_day
    earlier = Submission.objects.filter(
        team=team, phase=phase, counted=True, created_at__lt=day_start(at)
    )
    days = earlier.annotate(day=TruncDate("created_at", tzinfo=UTC)).order_by().values("day")
    used = sum(
        number - phase.per_day
        for number in days.annotate(number=Count("pk")).values_list("number", flat=True)
        if number > phase.per_day
    )
    return total, phase.per_day + max(granted - used, 0)


def check_quota(team: Team, phase: Phase, *, at: datetime) -> None:
    """Raise `SubmissionRefused` when the team has none left. The caller holds the team's lock.

    The limit in total is one of the competition; what is late has only that of each day.
    """
    mine = Submission.objects.filter(team=team, phase=phase)
    if mine.unfinished().count() >= phase.pending:
        raise SubmissionRefused(
            "pending_limit",
            ngettext(
                "Your team has %(count)d submission waiting for its score, the most at once. Wait for its end, or cancel it.",
                "Your team has %(count)d submissions waiting for their scores, the most at once. Wait for one to end, or cancel it.",
                phase.pending,
            )
            % {"count": phase.pending},
        )
    counted = mine.counted()
    total, per_day = limits_of(team, phase, at=at)
    if total is not None and not is_late(phase, at=at) and counted.count() >= total:
        raise SubmissionRefused(
            "total_limit",
            ngettext(
                "Your team has used its only submission.",
                "Your team has used all of its %(count)d submissions.",
                total,
            )
            % {"count": total},
        )
    today = day_start(at)
    if per_day is not None and counted.filter(created_at__gte=today).count() >= per_day:
        minutes = int((today + timedelta(days=1) - at).total_seconds()) // 60 + 1
        raise SubmissionRefused(
            "daily_limit",
            ngettext(
                "Your team has used its submission of today. The next day begins at 00:00 UTC, in %(hours)d h %(minutes)d min.",
                "Your team has used its %(count)d submissions of today. The next day begins at 00:00 UTC, in %(hours)d h %(minutes)d min.",
                per_day,
            )
            % {"count": per_day, "hours": minutes // 60, "minutes": minutes % 60},
        )


def check_quota_of_both(phase: Phase, one: Team, other: Team, *, at: datetime) -> None:
    """Raise `TeamRefused` where two teams have used more than one team could have by now.

    Else people could compete apart, with the quota of several teams, and come together at the end.
    """
    used = Submission.objects.filter(phase=phase, team__in=[one, other]).counted().count()
    most = most_by_now(phase, at=at)
    if most is None:
        return
    granted = QuotaGrant.objects.filter(phase=phase, team__in=[one, other])
    most += granted.aggregate(sum=Sum("count"))["sum"] or 0
    if used > most:
        raise TeamRefused(
            _(
                "Together you have made %(used)d submissions to “%(phase)s”; one team could have made %(most)d by now. Wait until that many are allowed, or stay apart."
            )
            % {"used": used, "most": most, "phase": phase.name}
        )


def most_by_now(phase: Phase, *, at: datetime) -> int | None:
    """How many submissions one team could have made by a moment; None where there is no limit."""
    limits = [] if phase.total is None else [phase.total]
    if phase.per_day is not None:
        began = phase.opens or phase.competition.created_at
        until = min(at, phase.closes) if phase.closes else at
        days = (day_start(until) - day_start(began.astimezone(UTC))).days + 1
        limits.append(phase.per_day * max(days, 0))
    return min(limits, default=None)


def is_team_mate(user: competition_rules.Reader, team: Team) -> bool:
    return user.pk is not None and team.memberships.filter(user_id=user.pk).exists()


def get_submission_for(user: competition_rules.Reader, slug: str, pk: int) -> Submission:
    """A submission of the user's own team, or any for those who run the competition; else 404."""
    submission = get_object_or_404(
        Submission.objects.select_related("phase__competition__host", "team", "submitted_by"),
        pk=pk,
        phase__competition__slug=slug,
    )
    competition = submission.phase.competition
    if not competition_rules.can_view(user, competition):
        raise Http404
    if is_team_mate(user, submission.team) or competition_rules.can_oversee(user, competition):
        return submission
    raise Http404


def can_see_private_scores(user: competition_rules.Reader, phase: Phase) -> bool:
    """The one place that decides: with the results everybody, before them those who run the thing."""
    return phase.shows_results or competition_rules.can_oversee(user, phase.competition)


def can_cancel(user: competition_rules.Reader, submission: Submission) -> bool:
    return is_team_mate(user, submission.team) or competition_rules.can_manage(
        user, submission.phase.competition
    )


def can_see_operations(user: competition_rules.Reader) -> bool:
    return isinstance(user, User) and user.is_active and user.is_staff


def hosts(competition: Competition) -> list[User]:
    """Who is told when the competition itself is broken."""
    return [competition.host, *competition.cohosts.all()]
