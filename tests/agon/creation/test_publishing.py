"""A draft is checked for real, and becomes a competition like any other."""

import factories
import pytest
from django.core.exceptions import PermissionDenied
from drafting import SOLUTION, bring, content_of, make_draft, run

from agon.competitions.models import Competition, HostAction, Verb, Visibility
from agon.creation.errors import PublicationRefused
from agon.creation.findings import findings_of, missing_of
from agon.creation.models import Draft, Run
from agon.creation.runner import carry
from agon.creation.services import drafts, runs
from agon.submissions.rules import most_by_now

pytestmark = pytest.mark.django_db


@pytest.fixture
def host():
    return factories.make_user("nora")


def sentences(done):
    return " ".join(finding.sentence for finding in findings_of(done))


def test_a_title_and_a_solution_are_enough(host):
    draft = make_draft(host)
    checked = run(draft)
    assert checked.state == Run.State.PASSED, checked.report
    assert {one["value"] for one in checked.report["perfect"]} == {1.0}
    assert checked.report["sample"][0]["metric"] == "accuracy"
    done = run(draft, publish=True)
    assert done.state == Run.State.PASSED, done.report
    competition = Competition.objects.get(slug="cats-and-dogs")
    assert competition.host == host and competition.visibility == Visibility.PRIVATE
    phase = competition.phases.get()
    assert (phase.per_day, phase.results_at_once, competition.team_size) == (5, False, 4)
    assert content_of(phase.sample).count(b"\n") == 41
    solution = content_of(phase.solutions.get().file)
    assert solution.startswith(b"id,label,Usage") and solution.count(b"Public") == 12
    assert HostAction.objects.filter(competition=competition, verb=Verb.CREATED).exists()
    draft.refresh_from_db()
    assert draft.competition == competition
    assert most_by_now(phase, at=competition.created_at) == 5


def test_the_host_s_own_split_stays_as_it_is(host):
    rows = b"id,label,Usage\n1,a,Public\n2,b,Private\n3,a,Private\n4,b,Public\n"
    draft = make_draft(host, solution=rows)
    draft = drafts.save_step(
        draft=draft,
        step="data",
        answers={**draft.step("data"), "usage_column": "Usage", "classes": {}},
    )
    assert run(draft).state == Run.State.PASSED
    run(draft, publish=True)
    assert content_of(Competition.objects.get().phases.get().solutions.get().file) == rows


@pytest.mark.parametrize(
    ("step", "answers", "said", "where"),
    [
        ("metric", {"name": "rmse"}, "label", "metric"),
        ("data", {"target": "id2"}, "id2", "data"),
    ],
)
def test_a_wrong_answer_is_told_with_the_step_that_mends_it(host, step, answers, said, where):
    draft = make_draft(host)
    draft = drafts.save_step(draft=draft, step=step, answers={**draft.step(step), **answers})
    done = run(draft)
    assert done.state == Run.State.FAILED
    assert said in sentences(done)
    assert where in {finding.step for finding in findings_of(done)}


def test_ids_that_stand_there_twice_are_named(host):
    draft = make_draft(host, solution=SOLUTION + b"7,cat\n")
    (found,) = missing_of(draft)
    assert (found.step, found.sentence, found.examples) == (
        "data",
        "Some ids stand there twice.",
        ("7",),
    )
    assert run(draft).state == Run.State.FAILED, "the engine sees it too"


def test_a_sample_with_missing_ids_is_refused_in_words(host):
    draft = make_draft(host)
    bring(draft, "sample", b"id,label\n1,cat\n", "sample.csv")
    done = run(draft)
    assert done.state == Run.State.FAILED
    assert {finding.step for finding in findings_of(done)} == {"data"}


def test_nothing_is_published_that_was_not_checked_as_it_is(host):
    draft = make_draft(host)
    with pytest.raises(PublicationRefused, match="Run the check first"):
        runs.ask_for_publication(draft=draft)
    run(draft)
    changed = drafts.save_step(draft=draft, step="metric", answers={"name": "macro_f1"})
    with pytest.raises(PublicationRefused, match="has changed since the check"):
        runs.ask_for_publication(draft=changed)


def test_what_is_changed_while_it_is_being_published_is_not_published(host):
    draft = make_draft(host)
    run(draft)
    runs.ask_for_publication(draft=draft)
    drafts.save_step(draft=draft, step="limits", answers={**draft.step("limits"), "per_day": 99})
    claimed = runs.claim()
    carry(claimed)
    claimed.refresh_from_db()
    assert claimed.state == Run.State.FAILED and "has changed" in sentences(claimed)
    assert not Competition.objects.exists()


def test_a_file_of_the_host_s_may_be_called_like_the_sample(host):
    draft = make_draft(host)
    bring(draft, "data", b"only,words\n", "sample_submission.csv")
    assert run(draft).state == Run.State.PASSED
    run(draft, publish=True)
    competition = Competition.objects.get()
    assert content_of(competition.data_files.get().file) == b"only,words\n"
    assert content_of(competition.phases.get().sample).startswith(b"id,label")


def test_an_address_that_was_taken_meanwhile_loses_nothing(host):
    draft = make_draft(host)
    run(draft)
    factories.make_competition(factories.make_user("olga"), slug="cats-and-dogs")
    done = run(draft, publish=True)
    assert done.state == Run.State.FAILED and "is not available" in sentences(done)
    assert Draft.objects.get().published_at is None


def test_what_is_published_is_published_once(host):
    draft = make_draft(host)
    run(draft)
    run(draft, publish=True)
    draft.refresh_from_db()
    with pytest.raises(PublicationRefused, match="already"):
        runs.ask_for_publication(draft=draft)
    assert Competition.objects.count() == 1


def test_asking_twice_is_one_run(host):
    draft = make_draft(host)
    assert runs.ask_for_check(draft=draft) == runs.ask_for_check(draft=draft)


def test_a_run_whose_worker_died_is_taken_up_and_given_up_after_three(host, settings):
    draft = make_draft(host)
    asked = runs.ask_for_check(draft=draft)
    for _ in range(3):
        assert runs.claim() == asked
        assert runs.claim() is None, "it is under way"
        Run.objects.update(heartbeat_at=asked.asked_at.replace(year=2000))
    assert runs.claim() is None
    asked.refresh_from_db()
    assert asked.state == Run.State.FAILED and "on our side" in sentences(asked)


def test_only_who_may_host_begins(host, settings):
    settings.HOSTING = "staff"
    with pytest.raises(PermissionDenied):
        drafts.begin(owner=host)
    assert drafts.begin(owner=factories.make_user("stan", is_staff=True))


def test_a_free_address_is_suggested_without_telling_what_is_there(host):
    factories.make_competition(factories.make_user("olga"), slug="cats")
    suggested = drafts.free_slug("Cats")
    assert suggested != "cats" and suggested.startswith("cats-")
    assert drafts.free_slug("猫") == "competition"


def test_a_deleted_draft_leaves_no_files(host, django_capture_on_commit_callbacks):
    draft = make_draft(host)
    name, storage = draft.files.get().file.name, draft.files.get().file.storage
    with django_capture_on_commit_callbacks(execute=True):
        drafts.delete(draft=draft)
    assert not storage.exists(name) and not Draft.objects.exists()
