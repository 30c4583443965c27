"""What teams may be called."""

import factories
import pytest

from agon.notifications.models import Notification
from agon.teams import services
from agon.teams.errors import TeamRefused

pytestmark = pytest.mark.django_db


def test_a_person_without_a_team_makes_one(cast):
    nina = factories.make_participant(cast.competition, "nina")
    team = services.create_team(user=nina, competition=cast.competition, name="  The   Nines ")
    assert team.name == "The Nines"
    assert team.captain == nina


def test_the_others_are_told_of_the_new_name(cast):
    services.rename(actor=cast.paula, team=cast.team, name="P & T")
    note = Notification.objects.get(recipient=cast.tom)
    assert note.values["old"] == "Paula and Tom" and note.values["team"] == "P & T"
    assert not Notification.objects.filter(recipient=cast.paula).exists()


@pytest.mark.parametrize("name", ["Ron", "RON", "ron ", "Ｒon"])
def test_nobody_is_called_like_another_team(cast, name):
    with pytest.raises(TeamRefused, match="Another team"):
        services.rename(actor=cast.paula, team=cast.team, name=name)


def test_a_team_may_write_its_own_name_differently(cast):
    assert (
        services.rename(actor=cast.paula, team=cast.team, name="PAULA AND TOM").name
        == "PAULA AND TOM"
    )


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\u202eb", "a\x07b"])
def test_a_name_that_cannot_be_read_is_refused(cast, name):
    with pytest.raises(TeamRefused):
        services.rename(actor=cast.paula, team=cast.team, name=name)
    cast.team.refresh_from_db()
    assert cast.team.name == "Paula and Tom"


def test_only_the_captain_names_the_team(cast):
    with pytest.raises(TeamRefused, match="captain"):
        services.rename(actor=cast.tom, team=cast.team, name="Tom and Paula")


def test_a_host_s_baseline_is_not_imitated(cast):
    services.ensure_baseline(competition=cast.competition, name="CNN")
    with pytest.raises(TeamRefused, match="Another team"):
        services.rename(actor=cast.paula, team=cast.team, name="cnn")
