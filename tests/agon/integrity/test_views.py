"""The desk in the console, and the page where a team answers."""

import factories
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from agon.integrity import services
from agon.integrity.models import Case, Ground, Sighting

pytestmark = pytest.mark.django_db

DESK = "/competitions/digits/console/integrity/"


@pytest.fixture
def case(cast):
    return services.open_case(
        host=cast.hanna,
        competition=cast.competition,
        teams=[cast.team, cast.rivals],
        ground=Ground.ALIKE,
        question="Did you work <b>together</b>?",
    )


def test_a_host_goes_from_what_is_seen_to_a_question(client, cast):
    for team in (cast.team, cast.rivals):
        factories.make_submission(team, cast.phase, content=b"a")
    client.force_login(cast.hanna)
    page = client.get(DESK).content.decode()
    assert "2 teams sent exactly the same file." in page
    address = f"{DESK}ask/?teams={cast.team.pk},{cast.rivals.pk}&amp;ground=identical"
    assert address in page.replace("%2C", ",")
    form = client.get(address.replace("&amp;", "&"))
    assert form.context["form"]["teams"].value() == [str(cast.team.pk), str(cast.rivals.pk)]
    answer = client.post(
        f"{DESK}ask/",
        {"teams": [cast.team.pk], "ground": "identical", "question": "Whose file is it?"},
        follow=True,
    )
    assert "The teams have been asked." in answer.content.decode()
    assert Case.objects.get().parties.get().team == cast.team


def test_an_empty_desk_says_so(client, cast):
    client.force_login(cast.hanna)
    assert "Nothing that needs a look" in client.get(DESK).content.decode()


def test_a_question_without_a_team_or_text_is_asked_for(client, cast):
    client.force_login(cast.hanna)
    response = client.post(f"{DESK}ask/", {"ground": "other", "question": ""})
    assert response.status_code == 422
    page = response.content.decode()
    assert "Choose at least one team." in page
    assert "Write what you want to know." in page


def test_a_team_reads_and_answers_for_itself_alone(client, cast, case):
    address = f"/competitions/digits/questions/{case.pk}/"
    client.force_login(cast.tom)
    page = client.get(address).content.decode()
    assert "Did you work &lt;b&gt;together&lt;/b&gt;?" in page
    assert "Ron" not in page
    page = client.post(address, {"answer": "No, never."}, follow=True).content.decode()
    assert "Your answer is with the hosts." in page
    client.force_login(cast.ron)
    assert "No, never." not in client.get(address).content.decode()
    client.force_login(cast.hanna)
    assert "No, never." in client.get(case.get_absolute_url()).content.decode()


@pytest.mark.parametrize("person", ["sam", "olga", "hanna"])
def test_a_question_is_not_there_for_those_who_are_not_asked(client, cast, case, person):
    client.force_login(getattr(cast, person))
    assert client.get(f"/competitions/digits/questions/{case.pk}/").status_code == 404


def test_a_decision_closes_the_question_and_the_teams_read_it(client, cast, case):
    client.force_login(cast.carl)
    assert client.post(case.get_absolute_url(), {"decision": ""}).status_code == 422
    page = client.post(case.get_absolute_url(), {"decision": "No action."}, follow=True)
    assert "The question is closed" in page.content.decode()
    client.force_login(cast.paula)
    page = client.get(f"/competitions/digits/questions/{case.pk}/").content.decode()
    assert "No action." in page
    assert "<textarea" not in page


def test_judges_see_the_desk_and_ask_nobody(client, cast, case):
    cast.competition.judges.add(cast.sam)
    client.force_login(cast.sam)
    page = client.get(DESK).content.decode()
    assert "Paula and Tom" in page
    assert "Ask a team" not in page
    assert client.get(f"{DESK}ask/").status_code == 403
    assert client.post(case.get_absolute_url(), {"decision": "x"}).status_code == 403


def test_an_accepted_submission_notes_its_browser_and_a_refused_one_does_not(client, cast):
    factories.make_solution(cast.phase)
    address = "/competitions/digits/submit/"
    client.force_login(cast.paula)
    client.post(address, {"file": SimpleUploadedFile("mine.csv", b"nonsense")})
    assert not Sighting.objects.exists()
    sent = SimpleUploadedFile("mine.csv", factories.PERFECT)
    assert client.post(address, {"file": sent}).status_code == 302
    mark = client.cookies["browser"].value
    client.logout()
    client.cookies["browser"] = mark
    client.force_login(cast.ron)
    sent = SimpleUploadedFile("mine.csv", factories.PERFECT)
    assert client.post(address, {"file": sent}).status_code == 302
    assert len(set(Sighting.objects.values_list("browser", flat=True))) == 1
    assert Sighting.objects.count() == 2
