"""The command that publishes the baselines' notebooks."""

from __future__ import annotations

from io import StringIO

import factories
import pytest
from django.core.management import CommandError, call_command
from notebook_files import markdown, notebook

from agon.notebooks.models import Notebook
from agon.submissions.models import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "cnn.ipynb"
    path.write_bytes(notebook(markdown("# CNN")))
    return path


def run(path, *arguments, competition="digits"):
    out = StringIO()
    call_command("publish_notebook", competition, str(path), *arguments, stdout=out)
    return out.getvalue().strip()


def test_a_baseline_is_published_with_what_is_known_of_it(cast, path):
    team = factories.make_team(cast.competition, name="CNN", is_host_baseline=True)
    submission = factories.make_submission(team, cast.phase, state=State.SCORED, public=0.9)
    said = run(
        path, "--title", "Convolutional network", "--model", "CNN, Adam", "--official",
        "--submission", str(submission.pk), "--seconds", "61.4",
    )  # fmt: skip
    assert said == "/competitions/digits/code/cnn/ version 1"
    made = Notebook.objects.get()
    assert (made.title, made.model, made.seconds, made.submission) == (
        "Convolutional network", "CNN, Adam", 61, submission,
    )  # fmt: skip
    assert made.is_official and made.origin == "cnn" and made.author == cast.hanna


def test_doing_it_again_changes_nothing_and_new_bytes_are_a_new_version(cast, path):
    run(path, "--title", "CNN", "--seconds", "5")
    assert run(path, "--title", "CNN").endswith("version 1")
    assert Notebook.objects.get().seconds == 5
    path.write_bytes(notebook(markdown("# CNN, better")))
    assert run(path, "--title", "A better one", "--official").endswith("version 2")
    made = Notebook.objects.get()
    assert made.title == "A better one" and made.is_official


def test_a_participants_notebook_of_that_address_stays_theirs(cast, publish, path):
    theirs = publish(title="CNN")
    assert run(path, "--title", "CNN") == "/competitions/digits/code/cnn-2/ version 1"
    assert run(path, "--title", "CNN").endswith("cnn-2/ version 1")
    assert theirs.versions.count() == 1


def test_a_submission_may_be_named_later_and_stays(cast, path):
    team = factories.make_team(cast.competition, name="CNN", is_host_baseline=True)
    submission = factories.make_submission(team, cast.phase, state=State.SCORED, public=0.9)
    run(path, "--title", "CNN")
    run(path, "--title", "CNN", "--submission", str(submission.pk))
    run(path, "--title", "CNN")
    assert Notebook.objects.get().submission == submission


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--submission", "4711"], "no submission 4711"),
        (["--author", "nobody"], "no user"),
        (["--author", "paula"], "does not host"),
    ],
)
def test_what_is_wrong_is_said(cast, path, arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        run(path, "--title", "CNN", *arguments)
    assert not Notebook.objects.exists()


def test_a_missing_competition_or_file_and_a_bad_file_are_said(cast, path):
    with pytest.raises(CommandError, match="no competition"):
        run(path, "--title", "CNN", competition="nothing")
    with pytest.raises(CommandError, match="no file"):
        run(path.with_name("other.ipynb"), "--title", "CNN")
    path.write_text("id,label")
    with pytest.raises(CommandError, match="not a Jupyter notebook"):
        run(path, "--title", "CNN")
