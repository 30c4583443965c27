"""The pages of a participant's team, by their forms."""

import factories
import pytest
from django.urls import reverse

from agon.competitions.models import Competition, Visibility
from agon.notifications.models import Notification
from agon.teams import services
from agon.teams.models import Team, TeamInvitation, TeamLink
from agon.teams.queries import team_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def nina(cast):
    return factories.make_participant(cast.competition, "nina")


def url(name, *args):
    return reverse(f"teams:{name}", args=["digits", *args])


def page(client, user, *, address=None):
    client.force_login(user)
    return client.get(address or url("mine"))


def test_who_has_no_team_names_one(client, cast, nina):
    assert "Create a team" in page(client, nina).content.decode()
    client.post(url("rename"), {"name": "Nines"})
    team = team_of(nina.pk, cast.competition)
    assert team.name == "Nines"


def test_a_taken_name_is_refused_beside_the_field(client, cast, nina):
    client.force_login(nina)
    response = client.post(url("rename"), {"name": "ron"})
    assert response.status_code == 422
    assert "Another team is called" in response.content.decode()


def test_an_invitation_goes_from_one_page_to_the_other(client, cast, nina):
    client.force_login(cast.paula)
    client.post(url("invite"), {"who": "Nina"})
    invitation = TeamInvitation.objects.get(user=nina)
    assert "Paula and Tom" in page(client, nina).content.decode()
    client.post(url("answer", invitation.pk), {"action": "accept"})
    assert team_of(nina.pk, cast.competition) == cast.team


def test_an_address_tells_nothing_of_who_has_an_account(client, cast, nina):
    nina.emailaddress_set.create(email="nina@example.org", verified=True, primary=True)
    client.force_login(cast.paula)
    answers, pages = set(), set()
    for who in ("nina@example.org", "sam@example.org", "nobody@example.org"):
        response = client.post(url("invite"), {"who": who}, follow=True)
        answers |= {str(message) for message in response.context["messages"]}
        asked = response.context["asked"].get(address=who)
        pages.add((asked.person == who, asked.user))
    assert len(answers) == 1
    assert pages == {(True, None)}
    assert Notification.objects.filter(recipient=nina).count() == 1


def test_who_was_asked_by_address_accepts_and_is_known_from_then_on(client, cast, nina):
    nina.emailaddress_set.create(email="Nina@example.org", verified=True, primary=True)
    client.force_login(cast.paula)
    client.post(url("invite"), {"who": "nina@Example.org"})
    invitation = TeamInvitation.objects.get()
    assert "Paula and Tom" in page(client, nina).content.decode()
    client.post(url("answer", invitation.pk), {"action": "accept"})
    assert team_of(nina.pk, cast.competition) == cast.team
    invitation.refresh_from_db()
    assert (invitation.state, invitation.user) == ("accepted", nina)


def test_an_address_that_is_not_verified_opens_no_invitation(client, cast, nina):
    nina.emailaddress_set.create(email="boss@example.org", verified=False)
    client.force_login(cast.paula)
    client.post(url("invite"), {"who": "boss@example.org"})
    client.force_login(nina)
    answer = url("answer", TeamInvitation.objects.get().pk)
    assert client.post(answer, {"action": "accept"}).status_code == 404


def test_declining_by_address_does_not_tell_whose_it_is(client, cast, nina):
    nina.emailaddress_set.create(email="nina@example.org", verified=True)
    invitation = services.invite_address(
        actor=cast.paula, team=cast.team, address="nina@example.org"
    )
    services.decline(user=nina, invitation=invitation)
    assert Notification.objects.get(recipient=cast.paula).values["person"] == "nina@example.org"


def test_an_address_outside_a_private_competition_hears_nothing_of_it(client, cast):
    Competition.objects.filter(slug="digits").update(visibility=Visibility.PRIVATE)
    cast.sam.emailaddress_set.create(email="sam@example.org", verified=True)
    client.force_login(cast.paula)
    response = client.post(url("invite"), {"who": "sam@example.org"}, follow=True)
    assert "If somebody with this address" in response.content.decode()
    assert not Notification.objects.filter(recipient=cast.sam).exists()


def test_what_is_no_address_is_refused_beside_the_field(client, cast):
    client.force_login(cast.paula)
    response = client.post(url("invite"), {"who": "nina@"})
    assert response.status_code == 422
    assert not TeamInvitation.objects.exists()


def test_a_team_that_has_merged_leads_to_the_one_it_went_into(client, cast):
    Team.objects.filter(pk=cast.rivals.pk).update(merged_into=cast.team)
    assert client.get(url("team", cast.rivals.pk)).url == url("team", cast.team.pk)


def test_the_link_s_page_says_at_once_why_one_cannot_join(client, cast):
    link = services.renew_link(actor=cast.paula, team=cast.team)
    factories.make_submission(cast.rivals, cast.phase)
    text = page(client, cast.ron, address=url("join", link.token)).content.decode()
    assert "by merging" in text and "Join the team" not in text


def test_a_name_that_takes_no_part_is_told_apart_from_nobody_else(client, cast):
    client.force_login(cast.paula)
    known = client.post(url("invite"), {"who": "sam"})
    unknown = client.post(url("invite"), {"who": "sandra"})
    assert known.status_code == unknown.status_code == 422
    said = [response.context["invite_form"].errors["who"] for response in (known, unknown)]
    assert said[0] == said[1]


def test_opening_a_link_changes_nothing_and_its_button_joins(client, cast, nina):
    link = services.renew_link(actor=cast.paula, team=cast.team)
    assert (
        "Join Paula and Tom?"
        in page(client, nina, address=url("join", link.token)).content.decode()
    )
    assert team_of(nina.pk, cast.competition) is None
    client.post(url("join", link.token))
    assert team_of(nina.pk, cast.competition) == cast.team


def test_a_link_of_another_competition_leads_nowhere(client, cast, nina):
    other = Competition.objects.get(slug="other")
    factories.make_phase(other, name="second")
    theirs = factories.make_team(other)
    link = TeamLink.objects.create(team=theirs)
    assert page(client, nina, address=url("join", link.token)).status_code == 404


def test_a_link_does_not_show_a_private_competition(client, cast):
    Competition.objects.filter(slug="digits").update(visibility=Visibility.PRIVATE)
    link = services.renew_link(actor=cast.paula, team=cast.team)
    hidden = page(client, cast.sam, address=url("join", link.token))
    missing = client.get(f"/competitions/nothing/team/join/{link.token}/")
    assert hidden.status_code == missing.status_code == 404


def test_the_captain_removes_and_hands_over_on_a_page_of_its_own(client, cast):
    assert page(client, cast.paula, address=url("member", cast.tom.pk)).status_code == 200
    client.post(url("member", cast.tom.pk), {"action": "captain"})
    assert Team.objects.get(pk=cast.team.pk).captain == cast.tom
    assert page(client, cast.paula, address=url("member", cast.tom.pk)).status_code == 404


def test_leaving_asks_first(client, cast):
    assert "Leave Paula and Tom?" in page(client, cast.tom, address=url("leave")).content.decode()
    assert team_of(cast.tom.pk, cast.competition) == cast.team
    client.post(url("leave"))
    assert team_of(cast.tom.pk, cast.competition) is None


def test_everybody_who_sees_the_competition_sees_the_team(client, cast):
    text = client.get(url("team", cast.team.pk)).content.decode()
    assert "paula" in text and "tom" in text
    other = factories.make_team(Competition.objects.get(slug="other"))
    assert client.get(url("team", other.pk)).status_code == 404


def test_the_page_costs_the_same_for_a_large_team(client, cast, django_assert_max_num_queries):
    for number in range(8):
        factories.make_participant(cast.competition, f"more{number}")
    client.force_login(cast.paula)
    client.get(url("mine"))
    with django_assert_max_num_queries(16):
        client.get(url("mine"))
