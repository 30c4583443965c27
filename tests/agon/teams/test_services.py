"""Everybody has one team in a competition."""

import factories
import pytest

from agon.teams.errors import NameTaken
from agon.teams.queries import team_of
from agon.teams.services import ensure_baseline, ensure_team

pytestmark = pytest.mark.django_db


def test_the_team_is_made_once():
    competition, user = factories.make_competition(), factories.make_user(display_name="Nina")
    team = ensure_team(user=user, competition=competition)
    assert team.name == "Nina"
    assert ensure_team(user=user, competition=competition) == team


def test_another_competition_is_another_team():
    user = factories.make_user()
    one = ensure_team(user=user, competition=factories.make_competition())
    other = ensure_team(user=user, competition=factories.make_competition())
    assert one != other


def test_nobody_signed_in_has_no_team():
    assert team_of(None, factories.make_competition()) is None


def test_a_long_name_still_fits_with_its_number():
    competition = factories.make_competition()
    names = [
        ensure_team(user=factories.make_user(display_name="N" * 80), competition=competition).name
        for _ in range(3)
    ]
    assert len(set(names)) == 3
    assert all(len(name) <= 80 for name in names)


def test_a_baseline_is_a_team_without_members_and_is_made_once():
    competition = factories.make_competition()
    team = ensure_baseline(competition=competition, name="CNN")
    assert team.is_host_baseline and not team.memberships.exists()
    assert ensure_baseline(competition=competition, name="CNN") == team
    assert ensure_baseline(competition=factories.make_competition(), name="CNN") != team


def test_a_baseline_does_not_take_over_a_team_of_participants():
    competition = factories.make_competition()
    team = factories.make_team(competition, name="CNN")
    with pytest.raises(NameTaken, match="CNN"):
        ensure_baseline(competition=competition, name="CNN")
    team.refresh_from_db()
    assert not team.is_host_baseline


def test_a_person_who_is_called_like_a_baseline_gets_another_name():
    competition = factories.make_competition()
    ensure_baseline(competition=competition, name="CNN")
    user = factories.make_user(display_name="CNN")
    assert ensure_team(user=user, competition=competition).name == "CNN 2"
