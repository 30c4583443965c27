"""Names that could be taken for another team's."""

import pytest

from agon.teams import services
from agon.teams.errors import TeamRefused
from agon.teams.services.lookalikes import has_invisible, look_alike


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ron", "R\u043en"),
        ("Paul", "PauI"),
        ("CNN", "cnn"),
        ("\u00c4ron", "\u00e4RON"),
        ("Team 10", "Team l0"),
        ("Strasse", "Stra\u00dfe"),
        ("\u0421\u041e\u0420", "COP"),
        ("\u2764\ufe0f hearts", "\u2764 hearts"),
    ],
)
def test_these_read_the_same(one, other):
    assert look_alike(one, other)
    assert look_alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ron", "Rob"), ("R\u00f6n", "Ron"), ("\u961f\u4e00", "\u961f\u4e8c"), ("Bill", "Bell")],
)
def test_these_do_not(one, other):
    assert not look_alike(one, other)


@pytest.mark.parametrize("name", ["\u3164", "Ron\u2800", "Ron\U000e0100", "R\u034fon"])
def test_what_cannot_be_seen_is_found(name):
    assert has_invisible(name)


@pytest.mark.django_db
def test_a_baseline_is_not_imitated_by_letters_of_another_script(cast):
    services.ensure_baseline(competition=cast.competition, name="PCA")
    with pytest.raises(TeamRefused, match="PCA"):
        services.rename(actor=cast.paula, team=cast.team, name="\u0420\u0421\u0410")


@pytest.mark.django_db
def test_an_invisible_character_is_refused_with_a_sentence(cast):
    with pytest.raises(TeamRefused, match="cannot be seen"):
        services.rename(actor=cast.paula, team=cast.team, name="Ron\u3164")
