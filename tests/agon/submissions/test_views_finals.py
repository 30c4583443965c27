"""The page of the final submissions, and what other pages say of them and of late ones."""

from __future__ import annotations

from datetime import timedelta

import factories
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from agon.submissions.models import State, Submission

pytestmark = pytest.mark.django_db

MINE = "/competitions/digits/submissions/"
FINALS = f"{MINE}final/"


@pytest.fixture
def paula(client, cast):
    client.force_login(cast.paula, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def sent(cast):
    return [
        factories.make_submission(
            cast.team, cast.phase, state=State.SCORED, public=public, private=0.123456
        )
        for public in (0.9, 0.8, 0.7)
    ]


def text(response):
    return response.content.decode()


def close(phase, **fields):
    phase.closes_at = timezone.now() - timedelta(minutes=1)
    for name, value in fields.items():
        setattr(phase, name, value)
    phase.save()


def chosen():
    return list(Submission.objects.filter(is_chosen=True).order_by("number"))


def test_before_anything_is_sent_there_is_nothing_to_choose(paula):
    assert "Nothing to choose from yet" in text(paula.get(FINALS))
    assert "Choose final submissions" not in text(paula.get(MINE))


def test_a_team_chooses_on_the_page_and_sees_what_counts(paula, sent):
    page = text(paula.get(FINALS))
    assert "0 of 2 chosen" in page
    assert page.count("counts (automatic)") == 2
    assert "0.123" not in page
    answer = paula.post(FINALS, {"final": [sent[2].pk]}, follow=True)
    assert "The choice of your team is saved." in text(answer)
    assert "1 of 2 chosen" in text(answer)
    assert chosen() == [sent[2]]
    listed = text(paula.get(MINE))
    assert "These decide your final rank:" in listed
    assert "final (automatic)" in listed
    assert "Your team has chosen it" in text(paula.get(f"{MINE}{sent[2].pk}/"))


def test_a_choice_that_cannot_be_is_explained_and_changes_nothing(paula, sent):
    answer = paula.post(FINALS, {"final": [one.pk for one in sent]})
    assert answer.status_code == 422
    assert "Choose at most 2 submissions; you have picked 3." in text(answer)
    assert text(answer).count(" checked") == 3
    assert paula.post(FINALS, {"final": ["x", "-1", "9" * 30]}).status_code == 302
    assert chosen() == []


def test_a_page_from_before_a_team_mates_choice_changes_nothing(paula, sent):
    Submission.objects.filter(pk=sent[1].pk).update(is_chosen=True)
    answer = paula.post(FINALS, {"final": [sent[2].pk]})
    assert "Somebody of your team has chosen meanwhile" in text(answer)
    assert chosen() == [sent[1]]


def test_after_the_close_the_page_shows_the_choice_and_takes_none(paula, cast, sent):
    Submission.objects.filter(pk=sent[1].pk).update(is_chosen=True)
    close(cast.phase)
    page = text(paula.get(FINALS))
    assert "what was chosen before its close counts" in page
    assert "Save the choice" not in page
    answer = paula.post(FINALS, {"final": [sent[2].pk], "seen": [sent[1].pk]})
    assert answer.status_code == 422
    assert chosen() == [sent[1]]
    assert "See the choice" in text(paula.get(MINE))


def test_private_scores_stay_hidden_until_the_results_are_there(paula, cast, sent):
    close(cast.phase, results_at_once=False, takes_late=True)
    late = factories.make_submission(
        cast.team, cast.phase, state=State.SCORED, public=0.5, private=0.123456, is_late=True
    )
    for address in (FINALS, MINE, f"{MINE}{sent[0].pk}/", f"{MINE}{late.pk}/"):
        assert "0.123" not in text(paula.get(address))
    cast.phase.results_published_at = timezone.now()
    cast.phase.save()
    assert "0.12346" in text(paula.get(FINALS))


def test_the_choice_is_per_phase(paula, cast, sent):
    later = factories.make_phase(cast.competition, name="later", order=1)
    other = factories.make_submission(cast.team, later, state=State.SCORED, public=0.5)
    assert paula.post(f"{FINALS}?phase=2", {"final": [other.pk]}).url == f"{FINALS}?phase=2"
    assert chosen() == [other]
    assert f'href="{FINALS}?phase=1"' in text(paula.get(f"{MINE}{sent[0].pk}/"))


def test_somebody_submits_late_and_reads_what_that_means(paula, cast):
    close(cast.phase)
    assert "submissions are closed" in text(paula.get("/competitions/digits/submit/"))
    close(cast.phase, takes_late=True)
    page = text(paula.get("/competitions/digits/submit/"))
    assert "scored and marked as late" in page
    assert "Submit late" in text(paula.get("/competitions/digits/leaderboard/"))
    upload = SimpleUploadedFile("predictions.csv", factories.PERFECT)
    answer = paula.post("/competitions/digits/submit/", {"file": upload}, follow=True)
    assert "It came after the close" in text(answer)
    assert Submission.objects.get().is_late
    assert ">late</span>" in text(paula.get(MINE))


def test_hosts_see_which_are_chosen_and_which_are_late(client, cast, sent):
    Submission.objects.filter(pk=sent[0].pk).update(is_chosen=True)
    Submission.objects.filter(pk=sent[1].pk).update(is_late=True)
    client.force_login(cast.hanna, backend="django.contrib.auth.backends.ModelBackend")
    console = "/competitions/digits/console/submissions/"
    for only, number in (("chosen", 1), ("late", 2)):
        page = text(client.get(f"{console}?only={only}"))
        assert f"Paula and Tom #{number}</a>" in page
        assert page.count("Paula and Tom #") == 1
