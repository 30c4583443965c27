"""Granted submissions add to the total, and to days that have used up their own, once each."""

from datetime import UTC, datetime, timedelta

import factories
import pytest

from agon.submissions import rules
from agon.submissions.errors import RulingRefused, SubmissionRefused
from agon.submissions.models import QuotaGrant, State
from agon.submissions.services import rulings

pytestmark = pytest.mark.django_db

TODAY = datetime(2026, 3, 10, 12, tzinfo=UTC)


def sent(cast, count, *, days_ago=0, **fields):
    for number in range(count):
        factories.make_submission(
            cast.team,
            cast.phase,
            state=State.SCORED,
            public=0.5,
            created_at=TODAY - timedelta(days=days_ago, minutes=number),
            **fields,
        )


def grant(cast, count):
    QuotaGrant.objects.create(phase=cast.phase, team=cast.team, count=count, reason="r")


def limits(cast):
    return rules.limits_of(cast.team, cast.phase, at=TODAY)


def test_without_grants_the_limits_are_everybodys(cast):
    assert limits(cast) == (None, 5)


def test_a_grant_adds_to_today_and_to_the_total(cast):
    cast.phase.total = 20
    grant(cast, 2)
    grant(cast, 1)
    assert limits(cast) == (23, 8)


def test_what_an_earlier_day_used_is_gone(cast):
    grant(cast, 3)
    sent(cast, 7, days_ago=2)
    sent(cast, 4, days_ago=1)
    assert limits(cast) == (None, 6)


def test_what_uses_no_quota_uses_no_grant(cast):
    grant(cast, 3)
    sent(cast, 7, days_ago=2, counted=False)
    assert limits(cast) == (None, 8)


def test_a_granted_submission_gets_in_and_the_next_does_not(cast):
    sent(cast, 5)
    with pytest.raises(SubmissionRefused):
        rules.check_quota(cast.team, cast.phase, at=TODAY)
    grant(cast, 1)
    rules.check_quota(cast.team, cast.phase, at=TODAY)
    sent(cast, 1)
    with pytest.raises(SubmissionRefused, match="6 submissions of today"):
        rules.check_quota(cast.team, cast.phase, at=TODAY)


def test_other_teams_get_nothing(cast):
    grant(cast, 3)
    assert rules.limits_of(cast.rivals, cast.phase, at=TODAY) == (None, 5)


def test_where_there_is_no_limit_there_is_nothing_to_grant(cast):
    cast.phase.per_day = None
    cast.phase.save()
    with pytest.raises(RulingRefused, match="no limit"):
        rulings.grant(actor=cast.hanna, team=cast.team, phase=cast.phase, count=1, reason="r")
