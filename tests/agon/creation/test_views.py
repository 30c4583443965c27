"""From an empty wizard to a competition, by its forms."""

import factories
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from drafting import SOLUTION, make_draft

from agon.competitions.models import Competition
from agon.creation.models import Draft, Run
from agon.creation.runner import carry
from agon.creation.services import runs

pytestmark = pytest.mark.django_db


@pytest.fixture
def host(client):
    client.force_login(user := factories.make_user("nora"))
    client.user = user
    return client


def text(response):
    return response.content.decode()


def step(draft, name):
    return reverse("creation:step", args=[draft.pk, name])


def work():
    """What the worker does once it is rung."""
    carry(runs.claim())


def test_a_host_goes_from_nothing_to_a_competition(host):
    assert "Begin a new one" in text(host.get(reverse("creation:mine")))
    began = host.post(reverse("creation:begin"))
    draft = Draft.objects.get()
    assert began.url == step(draft, "basics")
    went = host.post(step(draft, "basics"), {"title": "Cats and dogs", "go": "on"})
    assert went.url == step(draft, "data")
    host.post(
        reverse("creation:upload", args=[draft.pk, "solution"]),
        {"file": SimpleUploadedFile("answers.csv", SOLUTION)},
    )
    page = text(host.get(step(draft, "data")))
    assert "40 rows" in page and "cat (20)" in page
    host.post(step(draft, "check"), {"action": "check"})
    work()
    assert "All is well" in text(host.get(step(draft, "check")))
    host.post(step(draft, "check"), {"action": "publish"})
    work()
    done = host.get(reverse("creation:run", args=[draft.pk]))
    assert done.headers["HX-Redirect"] == reverse("creation:done", args=[draft.pk])
    assert "Cats and dogs is there" in text(host.get(done.headers["HX-Redirect"]))
    competition = Competition.objects.get()
    assert (competition.slug, competition.host) == ("cats-and-dogs", host.user)
    assert competition.phases.get().primary_metric.name == "accuracy"


def test_what_is_wrong_is_kept_and_said_beside_its_field(host):
    draft = make_draft(host.user)
    answered = host.post(
        step(draft, "limits"),
        {
            "starts": "2030-02-01T00:00:00",
            "ends": "2030-01-01T00:00:00",
            "team_size": "4",
            "results": "published",
        },
    )
    assert answered.status_code == 422 and "Are the two dates swapped?" in text(answered)
    shown = text(host.get(step(draft, "limits")))
    assert "2030-02-01" in shown and "2030-01-01" in shown
    checked = text(host.get(step(draft, "check")))
    assert "Are the two dates swapped?" in checked and "disabled" in checked


def test_all_that_is_missing_is_said_at_once(host):
    host.post(reverse("creation:begin"))
    draft = Draft.objects.get()
    page = text(host.get(step(draft, "check")))
    assert "Upload the solution" in page and "This step has not been filled in" in page
    host.post(step(draft, "check"), {"action": "check"})
    assert not Run.objects.exists()


def test_an_address_that_is_taken_is_not_available_whoever_has_it(host):
    factories.make_competition(factories.make_user("olga"), slug="secret", title="Our secret")
    draft = make_draft(host.user)
    answered = host.post(step(draft, "basics"), {"title": "Mine", "slug": "secret"})
    page = text(answered)
    assert "This address is not available." in page and "Our secret" not in page


def test_going_back_keeps_what_was_typed(host):
    draft = make_draft(host.user)
    went = host.post(step(draft, "metric"), {"name": "macro_f1", "go": "back"})
    assert went.url == step(draft, "data")
    draft.refresh_from_db()
    assert draft.step("metric") == {"name": "macro_f1"}


def test_a_metric_is_shown_with_its_example(host):
    draft = make_draft(host.user)
    address = reverse("creation:metric-example", args=[draft.pk])
    assert "This submission scores" in text(host.get(address, {"name": "rmse"}))
    assert "Your own file" in text(host.get(address, {"name": "own"}))


def test_a_metric_of_one_s_own_needs_its_file(host):
    draft = make_draft(host.user)
    answered = host.post(step(draft, "metric"), {"name": "own"})
    assert answered.status_code == 422 and "Upload the Python file" in text(answered)


def test_a_wrong_file_is_refused_in_words(host):
    draft = make_draft(host.user)
    answered = host.post(
        reverse("creation:upload", args=[draft.pk, "solution"]),
        {"file": SimpleUploadedFile("answers.xlsx", b"PK")},
        follow=True,
    )
    assert "Bring a CSV file here" in text(answered)
    assert draft.files.get().name == "answers.csv", "the one of before stays"


def test_what_is_wrong_with_the_solution_is_said_at_once(host):
    draft = make_draft(host.user, solution=b"id,label\n1,a\n1,b\n")
    page = text(host.get(step(draft, "data")))
    assert "Some ids stand there twice." in page


def test_a_draft_is_deleted_after_a_question(host):
    draft = make_draft(host.user)
    address = reverse("creation:delete", args=[draft.pk])
    assert "Delete the draft" in text(host.get(address))
    host.post(address)
    assert not Draft.objects.exists()


def test_somebody_else_s_draft_is_not_there(host):
    draft = make_draft(factories.make_user("olga"))
    for address in (
        step(draft, "basics"),
        step(draft, "check"),
        reverse("creation:delete", args=[draft.pk]),
        reverse("creation:run", args=[draft.pk]),
    ):
        assert host.get(address).status_code == 404
