"""The hosts' pages about scoring anew, by their forms."""

import factories
import pytest
import rescored
import scored
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from agon.submissions.models import Rescore, RescoreItem
from agon.submissions.services import rescore_jobs, results
from scoring.contract import Owner, Split

pytestmark = pytest.mark.django_db


@pytest.fixture
def host(cast):
    client = Client()
    client.force_login(cast.hanna, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def two(cast):
    """A submission of each team."""
    return [
        scored.make_scored(
            team,
            cast.phase,
            scored.score(value=value),
            scored.score(split=Split.PRIVATE, value=0.5),
        )
        for team, value in ((cast.team, 0.9), (cast.rivals, 0.6))
    ]


def url(name, *args):
    return reverse(f"submissions:{name}", args=["digits", *args])


def upload(content=factories.SOLUTION, name="solution.csv"):
    return SimpleUploadedFile(name, content)


def begin(host, **fields):
    return host.post(url("rescores"), {"reason": "Row 1 was wrong.", "keep": "on", **fields})


def decide(host, decision, **fields):
    rescore = Rescore.objects.get()
    response = host.post(
        url("rescore-decide", rescore.pk), {"decision": decision, **fields}, follow=True
    )
    rescore.refresh_from_db()
    return rescore, response.content.decode()


def finish(answer):
    rescore = Rescore.objects.get()
    rescored.answer_all(rescore, answer)
    return rescore


def test_from_the_form_to_the_published_scores(host, cast, two):
    assert begin(host, solution=upload()).status_code == 302
    rescore = finish(
        lambda item: rescored.good(item, 0.1 if item.submission_id == two[0].pk else 0.8, 0.5)
    )
    page = host.get(rescore.get_absolute_url()).content.decode()
    assert "2 of 2 teams would change their rank" in page
    assert "The score of its submission #1 has changed." in page
    rescore, page = decide(host, "publish")
    assert rescore.state == Rescore.State.PUBLISHED
    assert "The new scores count now." in page and "Before and after" in page


def test_the_private_board_has_a_preview_of_its_own(host, two):
    begin(host)
    rescore = finish(lambda item: rescored.good(item, 0.9, 0.5))
    page = host.get(f"{rescore.get_absolute_url()}?split=private").content.decode()
    assert "Nobody would move" in page


def test_a_reason_is_needed(host, two):
    response = begin(host, reason=" ")
    assert response.status_code == 422
    assert b"Say why; participants" in response.content
    assert not Rescore.objects.exists()


def test_a_solution_without_its_column_is_refused_at_the_door(host, two):
    response = begin(host, solution=upload(b"id,lable,Usage\n1,1,Public\n"))
    assert response.status_code == 422
    assert b"lable" in response.content
    assert not Rescore.objects.exists()


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (b"def score(:\n", "This is not Python"),
        (b"\0", "This is not Python"),
        (b"#" * 300_000, "too large"),
    ],
)
def test_a_metric_that_is_no_python_is_refused(host, two, source, sentence):
    response = begin(host, metric_file=upload(source, "mine.py"))
    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_a_metric_and_a_file_exclude_each_other(host, two):
    response = begin(
        host, ranking="balanced_accuracy", metric_file=upload(b"def score(): ...", "mine.py")
    )
    assert "not both" in response.content.decode()


def test_a_metric_of_the_catalogue_is_chosen_and_the_old_one_stays_beside_it(host, cast, two):
    assert begin(host, ranking="balanced_accuracy").status_code == 302
    rescore = Rescore.objects.get()
    names = [spec.name for spec in rescore.phase_afterwards.metric_specs]
    assert names == ["balanced_accuracy", "accuracy"]


def test_metrics_that_do_not_fit_are_not_offered(host, two):
    page = host.get(url("rescores")).content.decode()
    assert 'value="balanced_accuracy"' in page
    assert begin(host, ranking="nonsense").status_code == 422


def test_a_second_one_must_wait(host, two):
    begin(host)
    response = begin(host)
    assert response.status_code == 422
    assert b"not decided yet" in response.content


def test_it_is_stopped_gone_on_with_and_thrown_away(host, two):
    begin(host)
    assert decide(host, "stop")[0].state == Rescore.State.STOPPED
    assert decide(host, "go-on")[0].state == Rescore.State.RUNNING
    rescore, page = decide(host, "discard")
    assert rescore.state == Rescore.State.DISCARDED
    assert "Everything stands as it was." in page
    rescore, page = decide(host, "publish")
    assert rescore.state == Rescore.State.DISCARDED


def test_failures_ask_for_a_confirmation(host, two):
    begin(host)
    finish(
        lambda item: (
            rescored.bad(item, Owner.HOST, "metric_raised")
            if item.submission_id == two[0].pk
            else rescored.good(item, 0.5, 0.5)
        )
    )
    rescore, page = decide(host, "publish")
    assert rescore.state == Rescore.State.READY
    assert "could not be scored anew" in page
    rescore, page = decide(host, "publish", accept_failures="on")
    assert rescore.state == Rescore.State.PUBLISHED


def test_a_solution_that_costs_the_first_its_score_stops_the_rest(host, two):
    begin(host, solution=upload())
    rescore = Rescore.objects.get()
    rescore_jobs.pump(rescore.pk)
    item = rescore.items.get(state=RescoreItem.State.SENT)
    results.record_result(result=rescored.rejected(item))
    page = host.get(rescore.get_absolute_url()).content.decode()
    assert "It stopped by itself" in page and "empty" in page


def test_the_status_is_not_sent_again_while_nothing_changes(host, two):
    begin(host)
    rescore = Rescore.objects.get()
    address = url("rescore-status", rescore.pk)
    response = host.get(address)
    assert response.status_code == 200 and "hx-get" in response.content.decode()
    again = host.get(address, headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304
    rescored.answer_all(rescore, lambda item: rescored.good(item, 0.5, 0.5))
    changed = host.get(address, headers={"If-None-Match": response["ETag"]})
    assert changed.status_code == 200 and changed["HX-Refresh"] == "true"


def test_picked_ones_are_scored_anew(host, two):
    response = host.post(url("rescore-some"), {"pick": [two[0].pk]})
    rescore = Rescore.objects.get()
    assert response["Location"] == rescore.get_absolute_url()
    assert [item.submission_id for item in rescore.items.all()] == [two[0].pk]


@pytest.mark.parametrize("pick", [[], ["x"], ["99999999"]])
def test_picking_nothing_is_told(host, two, pick):
    response = host.post(url("rescore-some"), {"pick": pick}, follow=True)
    assert "Pick the submissions" in response.content.decode()


def test_scores_by_an_older_solution_are_pointed_out_until_they_are_made_anew(host, cast, two):
    assert "older version" not in host.get(url("rescores")).content.decode()
    factories.make_solution(cast.phase, b"another")
    assert "2 scores were made by an older version" in host.get(url("rescores")).content.decode()
    begin(host)
    finish(lambda item: rescored.good(item, 0.5, 0.5))
    decide(host, "publish")
    assert "older version" not in host.get(url("rescores")).content.decode()
