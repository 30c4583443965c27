"""The hosts' list of teams, and what they decide about one; and merging by its pages."""

import factories
import pytest
import scored
from django.test import Client
from django.urls import reverse

from agon.competitions.models import HostAction, Verb
from agon.notifications.models import Notification
from agon.teams.models import MergeRequest, Team
from agon.teams.queries import team_of
from scoring.contract import Split

pytestmark = pytest.mark.django_db


def client_of(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def host(cast):
    return client_of(cast.hanna)


def url(name, *args):
    return reverse(f"submissions:{name}", args=["digits", *args])


def text(response):
    return response.content.decode()


def test_hosts_see_every_team_with_its_people_and_best_score(cast, host):
    scored.make_scored(
        cast.team,
        cast.phase,
        scored.score(split=Split.PUBLIC, value=0.875),
        scored.score(split=Split.PRIVATE, value=0.5),
    )
    page = text(host.get(url("teams")))
    assert "Paula and Tom" in page and "tom" in page and "Ron" in page
    assert "0.87500" in page


def test_the_list_is_searched_by_person_and_narrowed_to_the_disqualified(cast, host):
    page = text(host.get(url("teams"), {"q": "tom"}))
    assert "Paula and Tom" in page and ">Ron<" not in page
    assert "No team matches" in text(host.get(url("teams"), {"only": "disqualified"}))


def test_the_list_costs_the_same_for_many_teams(cast, host, django_assert_num_queries):
    host.get(url("teams"))
    with django_assert_num_queries(9) as few:
        host.get(url("teams"))
    for _ in range(30):
        user = factories.make_participant(cast.competition)
        factories.make_submission(factories.make_team(cast.competition, user), cast.phase)
    with django_assert_num_queries(len(few)):
        host.get(url("teams"))


def test_a_host_gives_another_name_with_a_reason(cast, host):
    refused = host.post(url("team-rename", cast.team.pk), {"name": "Ron", "reason": "Rude."})
    assert refused.status_code == 422 and "Another team is called" in text(refused)
    host.post(url("team-rename", cast.team.pk), {"name": "Team 7", "reason": "Rude."})
    assert Team.objects.get(pk=cast.team.pk).name == "Team 7"
    line = HostAction.objects.get(verb=Verb.TEAM_CHANGED)
    assert (line.before, line.after, line.reason) == (
        {"name": "Paula and Tom"},
        {"name": "Team 7"},
        "Rude.",
    )
    assert Notification.objects.filter(recipient=cast.paula, values__what="renamed").exists()


def test_a_host_takes_somebody_out_even_where_the_team_has_submitted(cast, host):
    factories.make_submission(cast.team, cast.phase)
    host.post(url("team-take-out", cast.team.pk, cast.tom.pk), {"reason": "They asked."})
    assert team_of(cast.tom.pk, cast.competition) is None
    assert cast.team.submissions.count() == 1
    last = host.post(url("team-take-out", cast.team.pk, cast.paula.pk), {"reason": "And her."})
    assert last.status_code == 422 and "Nobody else is in this team" in text(last)


def test_a_host_merges_two_teams(cast, host):
    wrong = host.post(url("team-merge", cast.rivals.pk), {"into": "Nobody", "reason": "x"})
    assert wrong.status_code == 422
    host.post(url("team-merge", cast.rivals.pk), {"into": "paula and tom", "reason": "One desk."})
    assert team_of(cast.ron.pk, cast.competition) == cast.team
    assert "has become one with" in text(host.get(url("team", cast.rivals.pk)))
    assert ">Ron<" not in text(host.get(url("teams")))


def test_judges_see_teams_and_change_none(cast):
    judge = client_of(cast.jude)
    assert judge.get(url("team", cast.team.pk)).status_code == 200
    for name, args in (
        ("team-rename", [cast.team.pk]),
        ("team-merge", [cast.team.pk]),
        ("team-take-out", [cast.team.pk, cast.tom.pk]),
    ):
        assert judge.post(url(name, *args), {"reason": "x", "name": "y"}).status_code == 403


def test_a_team_of_another_competition_is_not_there(cast, host):
    factories.make_phase(cast.competition, name="second")
    other = factories.make_team(factories.make_competition(cast.olga))
    assert host.get(url("team", other.pk)).status_code == 404
    assert host.get(url("team-rename", other.pk)).status_code == 404


def test_two_captains_merge_by_their_pages(cast):
    ron, paula = client_of(cast.ron), client_of(cast.paula)
    unknown = ron.post(url("merge"), {"team": "Nobody"}, follow=True)
    assert "No team is called" in text(unknown)
    ron.post(url("merge"), {"team": "PAULA and Tom"})
    request = MergeRequest.objects.get()
    assert "asks to become one with yours" in text(
        paula.get(reverse("teams:mine", args=["digits"]))
    )
    page = text(paula.get(url("merge-answer", request.pk)))
    assert "Become one team" in page and "ron" in page
    assert "The captain of Paula and Tom answers" in text(
        client_of(cast.tom).get(url("merge-answer", request.pk))
    )
    paula.post(url("merge-answer", request.pk), {"action": "accept"})
    assert team_of(cast.ron.pk, cast.competition) == cast.team


def test_what_stands_in_the_way_is_said_before_accepting(cast):
    cast.competition.team_size = 2
    cast.competition.save()
    request = MergeRequest.objects.create(
        competition=cast.competition, asking=cast.rivals, asked=cast.team
    )
    page = text(client_of(cast.paula).get(url("merge-answer", request.pk)))
    assert "at most 2 are in a team here" in page and "Become one team" not in page


def test_a_question_between_two_teams_is_not_there_for_a_third(cast):
    request = MergeRequest.objects.create(
        competition=cast.competition, asking=cast.rivals, asked=cast.team
    )
    nina = factories.make_participant(cast.competition, "nina")
    factories.make_team(cast.competition, nina)
    assert client_of(nina).get(url("merge-answer", request.pk)).status_code == 404
    assert (
        client_of(nina).post(url("merge-answer", request.pk), {"action": "accept"}).status_code
        == 404
    )
