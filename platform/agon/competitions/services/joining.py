"""Joining a competition."""

from __future__ import annotations

from django.db import models, transaction
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.competitions import rules
from agon.competitions.errors import CompetitionRefused
from agon.competitions.models import Competition, RulesAcceptance
from agon.competitions.services.showing_out import lift_removal


def accept_rules(*, user: User, competition: Competition, version: int) -> RulesAcceptance:
    """Record that the person accepted the rules as they were shown to them.

    Accepting is joining. Doing it twice is no fault; accepting a version that is no longer the
    current one is, for the person has not seen what they would agree to.
    """
    if not rules.can_join(user, competition):
        if competition.entry_is_over:
            raise CompetitionRefused(_("Nobody can enter this competition any more."))
        raise CompetitionRefused(_("You cannot join this competition."))
    if version != competition.rules_version:
        raise CompetitionRefused(
            _(
                "The rules have changed since you opened this page. Read them again, then accept them."
            )
        )
    with transaction.atomic():
        lift_removal(user=user, competition=competition)
        is_new = not rules.is_participant(user, competition)
        acceptance, created = RulesAcceptance.objects.get_or_create(
            competition=competition, user=user, version=version
        )
        if created and is_new:
            Competition.objects.filter(pk=competition.pk).update(
                participant_count=models.F("participant_count") + 1
            )
    return acceptance
