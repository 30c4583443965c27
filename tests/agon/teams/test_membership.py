"""Coming into a team and going out of it."""

from datetime import timedelta

import factories
import pytest
from django.utils import timezone

from agon.competitions.models import Competition, Exclusion
from agon.notifications.models import Notification
from agon.teams import services
from agon.teams.errors import TeamRefused
from agon.teams.models import Membership, Team, TeamInvitation
from agon.teams.queries import team_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def nina(cast):
    return factories.make_participant(cast.competition, "nina")


def set_up(cast, **fields):
    Competition.objects.filter(pk=cast.competition.pk).update(**fields)
    cast.competition.refresh_from_db()


def told(user):
    return [n.values.get("what", n.kind) for n in Notification.objects.filter(recipient=user)]


def members(team):
    return sorted(team.memberships.values_list("user__username", flat=True))


def test_who_is_invited_accepts_and_the_others_are_told(cast, nina):
    invitation = services.invite(actor=cast.paula, team=cast.team, user=nina)
    assert services.join(user=nina, invitation=invitation) == cast.team
    assert members(cast.team) == ["nina", "paula", "tom"]
    invitation.refresh_from_db()
    assert invitation.state == TeamInvitation.State.ACCEPTED and invitation.answered_at
    assert "joined" in told(cast.paula) and "joined" in told(cast.tom)
    assert Notification.objects.filter(recipient=nina).exists()


def test_only_the_captain_invites(cast, nina):
    with pytest.raises(TeamRefused, match="captain"):
        services.invite(actor=cast.tom, team=cast.team, user=nina)


def test_inviting_twice_is_one_invitation(cast, nina):
    one = services.invite(actor=cast.paula, team=cast.team, user=nina)
    assert services.invite(actor=cast.paula, team=cast.team, user=nina) == one
    assert Notification.objects.filter(recipient=nina).count() == 1


def test_a_declined_invitation_lets_nobody_in_and_the_captain_is_told(cast, nina):
    invitation = services.invite(actor=cast.paula, team=cast.team, user=nina)
    services.decline(user=nina, invitation=invitation)
    with pytest.raises(TeamRefused, match="no longer open"):
        services.join(user=nina, invitation=invitation)
    assert told(cast.paula) == ["declined"]


def test_what_was_taken_back_lets_nobody_in(cast, nina):
    invitation = services.invite(actor=cast.paula, team=cast.team, user=nina)
    services.withdraw(actor=cast.paula, invitation=invitation)
    with pytest.raises(TeamRefused, match="no longer open"):
        services.join(user=nina, invitation=invitation)
    assert team_of(nina.pk, cast.competition) is None


def test_another_person_s_invitation_is_not_mine(cast, nina):
    invitation = services.invite(actor=cast.paula, team=cast.team, user=nina)
    with pytest.raises(TeamRefused, match="no longer open"):
        services.join(user=cast.ron, invitation=invitation)


def test_a_full_team_takes_nobody_in(cast, nina):
    set_up(cast, team_size=2)
    link = services.renew_link(actor=cast.paula, team=cast.team)
    with pytest.raises(TeamRefused, match="full"):
        services.join_by_link(user=nina, link=link)


def test_the_link_of_before_leads_nowhere(cast, nina):
    old = services.renew_link(actor=cast.paula, team=cast.team)
    token = old.token
    services.renew_link(actor=cast.paula, team=cast.team)
    old.token = token
    with pytest.raises(TeamRefused, match="no longer in use"):
        services.join_by_link(user=nina, link=old)


def test_a_link_lets_nobody_in_who_does_not_take_part(cast):
    link = services.renew_link(actor=cast.paula, team=cast.team)
    with pytest.raises(TeamRefused, match="Accept the rules"):
        services.join_by_link(user=cast.sam, link=link)


def test_who_was_banned_comes_in_by_no_link(cast, nina):
    link = services.renew_link(actor=cast.paula, team=cast.team)
    Exclusion.objects.create(competition=cast.competition, user=nina, kind=Exclusion.Kind.BANNED)
    with pytest.raises(TeamRefused):
        services.join_by_link(user=nina, link=link)


def test_a_team_of_one_without_submissions_is_given_up(cast):
    link = services.renew_link(actor=cast.paula, team=cast.team)
    services.join_by_link(user=cast.ron, link=link)
    assert members(cast.team) == ["paula", "ron", "tom"]
    assert not Team.objects.filter(pk=cast.rivals.pk).exists()


def test_who_has_submitted_merges_instead_of_joining(cast):
    factories.make_submission(cast.rivals, cast.phase)
    link = services.renew_link(actor=cast.paula, team=cast.team)
    with pytest.raises(TeamRefused, match="merging"):
        services.join_by_link(user=cast.ron, link=link)
    assert team_of(cast.ron.pk, cast.competition) == cast.rivals


def test_nobody_leaves_a_team_that_has_submitted(cast):
    factories.make_submission(cast.team, cast.phase)
    with pytest.raises(TeamRefused, match="stays together"):
        services.leave(user=cast.tom, team=cast.team)
    with pytest.raises(TeamRefused, match="stays together"):
        services.remove_member(actor=cast.paula, team=cast.team, user=cast.tom)


def test_who_leaves_competes_alone_and_the_others_are_told(cast):
    services.leave(user=cast.tom, team=cast.team)
    assert team_of(cast.tom.pk, cast.competition) is None
    assert told(cast.paula) == ["left"]


def test_when_the_captain_goes_the_next_one_leads(cast):
    services.hand_over(actor=cast.paula, team=cast.team, user=cast.tom)
    services.hand_over(actor=cast.tom, team=cast.team, user=cast.paula)
    services.leave(user=cast.paula, team=cast.team)
    cast.team.refresh_from_db()
    assert cast.team.captain == cast.tom


def test_the_last_one_out_ends_the_team(cast):
    services.leave(user=cast.tom, team=cast.team)
    services.leave(user=cast.paula, team=cast.team)
    assert not Team.objects.filter(pk=cast.team.pk).exists()


def test_the_captain_takes_somebody_out(cast):
    services.remove_member(actor=cast.paula, team=cast.team, user=cast.tom)
    assert members(cast.team) == ["paula"]
    assert told(cast.tom) == ["removed"]
    with pytest.raises(TeamRefused, match="leave the team"):
        services.remove_member(actor=cast.paula, team=cast.team, user=cast.paula)


@pytest.mark.parametrize("field", ["merge_deadline", "ends_at"])
def test_after_the_last_moment_teams_stay_as_they_are(cast, nina, field):
    link = services.renew_link(actor=cast.paula, team=cast.team)
    invitation = services.invite(actor=cast.paula, team=cast.team, user=nina)
    set_up(cast, **{field: timezone.now() - timedelta(seconds=1)})
    for change in (
        lambda: services.join(user=nina, invitation=invitation),
        lambda: services.join_by_link(user=nina, link=link),
        lambda: services.leave(user=cast.tom, team=cast.team),
        lambda: services.remove_member(actor=cast.paula, team=cast.team, user=cast.tom),
        lambda: services.invite(actor=cast.paula, team=cast.team, user=cast.ron),
    ):
        with pytest.raises(TeamRefused, match="stay as they are"):
            change()
    assert Membership.objects.filter(team=cast.team).count() == 2


def test_nobody_joins_a_team_that_is_disqualified(cast, nina):
    link = services.renew_link(actor=cast.paula, team=cast.team)
    Team.objects.filter(pk=cast.team.pk).update(disqualified_at=timezone.now())
    with pytest.raises(TeamRefused, match="disqualified"):
        services.join_by_link(user=nina, link=link)
