"""Real threads on a real PostgreSQL: teams that several people change at the same moment."""

from __future__ import annotations

import factories
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from together import at_once

from agon.competitions.models import Competition
from agon.submissions.errors import SubmissionRefused
from agon.submissions.models import Submission
from agon.submissions.services import intake
from agon.teams import services
from agon.teams.errors import TeamRefused
from agon.teams.models import Membership, Team, TeamInvitation
from agon.teams.queries import team_of
from agon.teams.rules import is_captain

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def attempt(change):
    """What the change gave, or the refusal."""
    try:
        return change()
    except (TeamRefused, SubmissionRefused) as refusal:
        return refusal


def refusals(outcomes):
    return [one for one in outcomes if isinstance(one, Exception)]


def test_of_ten_who_accept_at_once_one_has_the_last_place(cast):
    Competition.objects.filter(pk=cast.competition.pk).update(team_size=3)
    people = [factories.make_participant(cast.competition, f"person{n}") for n in range(10)]
    asked = [services.invite(actor=cast.paula, team=cast.team, user=person) for person in people]
    outcomes = at_once(
        10, lambda n: attempt(lambda: services.join(user=people[n], invitation=asked[n]))
    )
    assert len(refusals(outcomes)) == 9
    assert Membership.objects.filter(team=cast.team).count() == 3
    assert TeamInvitation.objects.filter(state="accepted").count() == 1


def test_who_accepts_two_teams_at_once_is_in_one(cast):
    nina = factories.make_participant(cast.competition, "nina")
    first = services.invite(actor=cast.paula, team=cast.team, user=nina)
    second = services.invite(actor=cast.ron, team=cast.rivals, user=nina)
    both = [first, second] * 3
    at_once(6, lambda n: attempt(lambda: services.join(user=nina, invitation=both[n])))
    assert Membership.objects.filter(user=nina).count() == 1


@pytest.mark.parametrize("_round", range(5))
def test_the_last_one_leaves_while_somebody_joins(cast, _round):
    nina = factories.make_participant(cast.competition, "nina")
    link = services.renew_link(actor=cast.ron, team=cast.rivals)
    changes = [
        lambda: services.leave(user=cast.ron, team=cast.rivals),
        lambda: services.join_by_link(user=nina, link=link),
    ]
    outcomes = at_once(2, lambda n: attempt(changes[n]))
    left = Team.objects.filter(pk=cast.rivals.pk).first()
    if left is None:
        assert len(refusals(outcomes)) == 1
        assert team_of(nina.pk, cast.competition) is None
    else:
        assert refusals(outcomes) == []
        assert is_captain(nina, left)
        assert list(left.memberships.values_list("user", flat=True)) == [nina.pk]


@pytest.mark.parametrize("_round", range(5))
def test_who_leaves_while_the_team_submits_takes_no_quota_along(cast, _round):
    upload = SimpleUploadedFile("predictions.csv", factories.PERFECT)
    changes = [
        lambda: services.leave(user=cast.tom, team=cast.team),
        lambda: intake.submit(user=cast.tom, phase=cast.phase, upload=upload),
    ]
    outcomes = at_once(2, lambda n: attempt(changes[n]))
    submission = Submission.objects.first()
    if submission is not None and submission.team_id == cast.team.pk:
        assert isinstance(outcomes[0], TeamRefused)
        assert team_of(cast.tom.pk, cast.competition) == cast.team
    else:
        assert outcomes[0] is None
        assert not Submission.objects.filter(team=cast.team).exists()


@pytest.mark.parametrize("_round", range(5))
def test_two_who_swap_teams_at_once_do_not_wait_for_each_other(cast, _round):
    nina = factories.make_participant(cast.competition, "nina")
    nines = services.create_team(user=nina, competition=cast.competition, name="Nines")
    to_nina = services.renew_link(actor=nina, team=nines)
    to_ron = services.renew_link(actor=cast.ron, team=cast.rivals)
    changes = [
        lambda: services.join_by_link(user=cast.ron, link=to_nina),
        lambda: services.join_by_link(user=nina, link=to_ron),
    ]
    outcomes = at_once(2, lambda n: attempt(changes[n]))
    assert len(refusals(outcomes)) == 1
    assert team_of(nina.pk, cast.competition) == team_of(cast.ron.pk, cast.competition)


def test_two_who_want_one_name_do_not_both_get_it(cast):
    changes = [
        lambda: services.rename(actor=cast.paula, team=cast.team, name="The Best"),
        lambda: services.rename(actor=cast.ron, team=cast.rivals, name="the best"),
    ]
    outcomes = at_once(2, lambda n: attempt(changes[n]))
    assert len(refusals(outcomes)) == 1
