"""The console's section of roles: who runs the competition, and who decides that."""

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied

from agon.competitions.errors import RoleRefused
from agon.competitions.models import HostAction, Verb
from agon.competitions.services import roles
from agon.competitions.services.roles import Role
from agon.notifications.models import Notification

pytestmark = pytest.mark.django_db

ROLES = "/competitions/digits/console/roles/"


@pytest.fixture
def sign_in(client):
    def sign_in(person):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


def give(cast, actor, user, role, **more):
    roles.give_role(actor=actor, competition=cast.competition, user=user, role=role, **more)


def test_a_host_makes_somebody_a_judge_who_is_told_and_the_log_says_so(cast, sign_in):
    response = sign_in(cast.hanna).post(ROLES, {"person": "SAM", "role": "judge"}, follow=True)
    assert "sam has the role now." in response.content.decode()
    assert roles.role_of(cast.sam, cast.competition) is Role.JUDGE
    line = HostAction.objects.get()
    assert (line.verb, line.subject, line.after) == (Verb.ROLE_GIVEN, "sam", {"role": "judge"})
    assert Notification.objects.get(recipient=cast.sam).values == {"what": "judge"}


def test_a_person_is_found_by_a_confirmed_address_alone(cast, sign_in):
    sent = {"person": "Sam@Example.org", "role": "judge"}
    response = sign_in(cast.hanna).post(ROLES, sent)
    assert response.status_code == 422
    assert "no account with this name or confirmed address" in response.content.decode()
    EmailAddress.objects.create(user=cast.sam, email="sam@example.org", verified=True)
    assert sign_in(cast.hanna).post(ROLES, sent).status_code == 302


def test_who_takes_part_gets_a_role_only_if_that_is_meant(cast, sign_in):
    sent = {"person": "ron", "role": "judge"}
    response = sign_in(cast.hanna).post(ROLES, sent)
    assert "would see hidden scores" in response.content.decode()
    assert 'type="checkbox" name="though_joined"' in response.content.decode()
    assert roles.role_of(cast.ron, cast.competition) is None
    sign_in(cast.hanna).post(ROLES, sent | {"though_joined": "on"})
    assert roles.role_of(cast.ron, cast.competition) is Role.JUDGE


def test_cohosts_choose_judges_and_only_the_host_chooses_cohosts(cast, sign_in):
    give(cast, cast.carl, cast.sam, Role.JUDGE)
    with pytest.raises(PermissionDenied, match="Only the host chooses co-hosts"):
        give(cast, cast.carl, cast.olga, Role.COHOST)
    with pytest.raises(PermissionDenied, match="Only the hosts"):
        give(cast, cast.jude, cast.olga, Role.JUDGE)
    page = sign_in(cast.carl).get(ROLES).content.decode()
    assert 'value="judge"' in page
    assert 'value="cohost"' not in page


def test_a_judge_sees_the_roles_and_gives_none(cast, sign_in):
    page = sign_in(cast.jude).get(ROLES).content.decode()
    assert "carl" in page
    assert "Give the role" not in page
    response = sign_in(cast.jude).post(ROLES, {"person": "sam", "role": "judge"})
    assert response.status_code == 403


def test_a_judge_who_becomes_a_cohost_is_a_judge_no_longer(cast):
    give(cast, cast.hanna, cast.jude, Role.COHOST)
    assert not cast.competition.judges.exists()
    assert HostAction.objects.get().before == {"role": "judge"}


def test_nobody_gets_a_role_twice_and_the_host_none(cast):
    with pytest.raises(RoleRefused, match="already"):
        give(cast, cast.hanna, cast.jude, Role.JUDGE)
    with pytest.raises(RoleRefused, match="already"):
        give(cast, cast.stan, cast.hanna, Role.JUDGE)


def test_a_role_is_taken_away_after_a_question(cast, sign_in):
    address = f"{ROLES}{cast.jude.pk}/take/"
    assert "Take the role of jude away?" in sign_in(cast.carl).get(address).content.decode()
    assert cast.competition.judges.exists()
    sign_in(cast.carl).post(address)
    assert not cast.competition.judges.exists()
    assert HostAction.objects.get().verb == Verb.ROLE_TAKEN
    assert Notification.objects.get(recipient=cast.jude).values == {"what": "role_taken"}
    assert sign_in(cast.jude).get(ROLES).status_code == 403


def test_a_cohost_takes_no_other_cohosts_role_and_a_judge_nobodys(cast, sign_in):
    give(cast, cast.hanna, cast.sam, Role.COHOST)
    assert sign_in(cast.carl).post(f"{ROLES}{cast.sam.pk}/take/").status_code == 403
    assert sign_in(cast.jude).post(f"{ROLES}{cast.carl.pk}/take/").status_code == 403
    assert cast.competition.cohosts.count() == 2


@pytest.mark.parametrize("person", ["carl", "jude"])
def test_everybody_may_step_down(cast, sign_in, person):
    who = getattr(cast, person)
    response = sign_in(who).post(f"{ROLES}{who.pk}/take/", follow=True)
    assert response.status_code == 200
    assert roles.role_of(who, cast.competition) is None


def test_a_competition_is_handed_over_to_a_cohost_once_its_address_is_typed(cast, sign_in):
    address = f"{ROLES}transfer/"
    wrong = sign_in(cast.hanna).post(address, {"person": cast.carl.pk, "address": "other"})
    assert "That is not the address" in wrong.content.decode()
    sign_in(cast.hanna).post(address, {"person": cast.carl.pk, "address": "digits"})
    cast.competition.refresh_from_db()
    assert cast.competition.host == cast.carl
    assert list(cast.competition.cohosts.all()) == [cast.hanna]
    assert HostAction.objects.get().verb == Verb.OWNERSHIP_TRANSFERRED
    assert Notification.objects.get(recipient=cast.carl).values == {"what": "owner"}


@pytest.mark.parametrize("person", ["carl", "jude"])
def test_only_the_host_hands_it_over(cast, sign_in, person):
    address = f"{ROLES}transfer/"
    assert sign_in(getattr(cast, person)).get(address).status_code == 403
    sent = {"person": cast.carl.pk, "address": "digits"}
    assert sign_in(getattr(cast, person)).post(address, sent).status_code == 403


def test_nobody_is_handed_a_competition_that_they_know_nothing_of(cast):
    with pytest.raises(RoleRefused, match="co-host first"):
        roles.transfer_ownership(actor=cast.hanna, competition=cast.competition, user=cast.sam)
