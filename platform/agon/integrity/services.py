"""Every write of the integrity desk: questions, answers, decisions, and which browsers were seen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.competitions import rules
from agon.competitions.models import Competition, Verb
from agon.competitions.services import record_action
from agon.integrity.errors import CaseRefused
from agon.integrity.models import Case, Ground, Party, Sighting
from agon.notifications.models import Kind
from agon.notifications.services import notify
from agon.teams.models import Membership, Team

FORGET_AFTER = timedelta(days=180)


@transaction.atomic
def open_case(
    *,
    host: User,
    competition: Competition,
    teams: Iterable[Team],
    ground: Ground,
    question: str,
    evidence: str = "",
) -> Case:
    """Ask teams a question; each of them reads and answers it for itself.

    Raises:
        CaseRefused: The person may not, or there is nobody or nothing to ask.
    """
    if not rules.can_manage(host, competition):
        raise CaseRefused(_("Only the hosts of this competition can ask its teams."))
    asked = [
        team
        for team in dict.fromkeys(teams)
        if team.competition_id == competition.pk and not team.is_host_baseline
    ]
    if not asked:
        raise CaseRefused(_("Choose at least one team of this competition."))
    if not question.strip():
        raise CaseRefused(_("Write what you want to know."))
    case = Case.objects.create(
        competition=competition,
        ground=ground,
        question=question.strip(),
        evidence=evidence,
        opened_by=host,
    )
    Party.objects.bulk_create(Party(case=case, team=team) for team in asked)
    record_action(
        competition=competition,
        actor=host,
        verb=Verb.ASKED,
        subject=", ".join(team.name for team in asked),
        after={"question": case.question, "ground": ground.value},
    )
    _tell_teams(case, [team.pk for team in asked], event="asked")
    return case


@transaction.atomic
def answer(*, user: User, party: Party, text: str) -> None:
    """A team's answer; it may be written anew for as long as the question is open.

    Raises:
        CaseRefused: It is empty, or the question is closed.
    """
    text = text.strip()
    if not text:
        raise CaseRefused(_("Write an answer."))
    case = Case.objects.select_for_update().get(pk=party.case_id)
    if not case.is_open:
        raise CaseRefused(_("The hosts have closed this question; it takes no more answers."))
    Party.objects.filter(pk=party.pk).update(
        answer=text, answered_by=user, answered_at=timezone.now()
    )
    competition = party.case.competition
    hosts = {competition.host_id, *competition.cohosts.values_list("pk", flat=True)}
    notify(
        kind=Kind.INTEGRITY,
        recipients=hosts,
        competition_id=competition.pk,
        values={"event": "answered", "competition": competition.title, "team": party.team.name},
        path=case.get_absolute_url(),
    )


@transaction.atomic
def close_case(*, host: User, case: Case, decision: str) -> None:
    """Close a question with a decision that its teams read.

    Raises:
        CaseRefused: The person may not, there is no decision, or it is closed already.
    """
    if not rules.can_manage(host, case.competition):
        raise CaseRefused(_("Only the hosts of this competition can close the question."))
    if not decision.strip():
        raise CaseRefused(_("Write what you have decided; the teams will read it."))
    closed = Case.objects.filter(pk=case.pk, closed_at__isnull=True).update(
        closed_at=timezone.now(), decision=decision.strip()
    )
    if not closed:
        raise CaseRefused(_("This question is closed already."))
    teams = list(case.parties.select_related("team"))
    record_action(
        competition=case.competition,
        actor=host,
        verb=Verb.DECIDED,
        subject=", ".join(party.team.name for party in teams),
        after={"decision": decision.strip()},
    )
    _tell_teams(case, [party.team_id for party in teams], event="decided")


def record_sighting(*, user: User, competition: Competition, browser: str) -> None:
    """Note that somebody submitted from a browser; only a keyed hash of its mark is kept."""
    mark = salted_hmac(f"agon.integrity.{competition.pk}", browser, algorithm="sha256").hexdigest()
    now = timezone.now()
    seen = Sighting.objects.filter(competition=competition, user=user, browser=mark)
    if seen.update(count=F("count") + 1, last_at=now):
        return
    try:
        with transaction.atomic():
            Sighting.objects.create(competition=competition, user=user, browser=mark)
    except IntegrityError:  # a second tab was faster
        seen.update(count=F("count") + 1, last_at=now)
    Sighting.objects.filter(competition=competition, last_at__lt=now - FORGET_AFTER).delete()


def _tell_teams(case: Case, team_ids: list[int], *, event: str) -> None:
    members = Membership.objects.filter(team_id__in=team_ids)
    notify(
        kind=Kind.INTEGRITY,
        recipients=members.values_list("user_id", flat=True),
        competition_id=case.competition_id,
        values={"event": event, "competition": case.competition.title},
        path=reverse("integrity:answer", args=[case.competition.slug, case.pk]),
    )
