"""Publishing notebooks, and taking them away."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import factories
import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from notebook_files import markdown, notebook

from agon.notebooks import services
from agon.notebooks.errors import NotebookRefused
from agon.notebooks.models import Licence, Notebook, NotebookVersion
from agon.notebooks.services import About
from agon.submissions.models import State

pytestmark = pytest.mark.django_db

OTHER = notebook(markdown("# Other"))


def upload(content=OTHER):
    return ContentFile(content, name="other.ipynb")


@pytest.fixture
def stored(settings):
    def count():
        root = Path(settings.STORAGES["default"]["OPTIONS"]["location"]) / "notebooks"
        return sum(path.is_file() for path in root.rglob("*"))

    return count


def test_a_published_notebook_has_one_version(cast, publish, stored):
    made = publish(title="My  CNN!", licence=Licence.MIT, model="CNN")
    assert (made.slug, made.author, made.licence, made.is_official) == (
        "my-cnn", cast.paula, "MIT", False,
    )  # fmt: skip
    version = made.versions.get()
    assert version.number == 1 and len(version.sha256) == 64
    with version.file.open("rb") as kept:
        assert len(kept.read()) == version.size
    assert stored() == 1


@pytest.mark.parametrize("who", ["stranger", "other host", "anonymous"])
def test_only_those_who_take_part_and_hosts_publish(cast, publish, stored, who):
    with pytest.raises(NotebookRefused) as refusal:
        publish(cast.people()[who])
    assert refusal.value.code in {"not_joined", "signed_out"}
    assert stored() == 0
    for allowed in (cast.hanna, cast.carl, cast.stan, cast.ron):
        assert publish(allowed).author == allowed


def test_what_is_no_notebook_leaves_nothing_behind(cast, publish, stored):
    with pytest.raises(NotebookRefused):
        publish(content=b"id,label\n")
    assert not Notebook.objects.exists() and stored() == 0


def test_each_notebook_has_an_address_of_its_own(publish):
    slugs = [
        publish(title=title).slug for title in ["CNN", "cnn", "Publish", "卷积", "卷积", "-" * 90]
    ]
    assert slugs == ["cnn", "cnn-2", "publish-2", "notebook", "notebook-2", "notebook-3"]


def test_a_new_file_is_a_new_version_and_the_same_one_is_not(cast, publish, stored):
    made = publish()
    about = About(title="Better")
    for content in (OTHER, OTHER):
        made = services.revise(user=cast.paula, notebook=made, about=about, upload=upload(content))
    assert [version.number for version in made.versions.all()] == [2, 1]
    assert made.title == "Better" and made.updated_at == made.versions.first().created_at
    assert stored() == 2


def test_a_notebook_may_name_only_a_good_submission_of_its_own_team(cast, publish):
    mine = factories.make_submission(cast.team, cast.phase, state=State.SCORED, public=0.5)
    theirs = factories.make_submission(cast.rivals, cast.phase, state=State.SCORED, public=0.6)
    waiting = factories.make_submission(cast.team, cast.phase)
    rejected = factories.make_submission(cast.team, cast.phase, state=State.REJECTED)
    for right in (mine, waiting):
        assert publish(submission=right).submission == right
    for wrong in (theirs, rejected):
        with pytest.raises(NotebookRefused) as refusal:
            publish(submission=wrong)
        assert refusal.value.code == "wrong_submission"
    made = publish()
    with pytest.raises(NotebookRefused):
        services.revise(user=cast.paula, notebook=made, about=About("x", submission=theirs))
    assert Notebook.objects.get(pk=made.pk).submission is None


def test_a_day_has_an_end(cast, publish, monkeypatch):
    monkeypatch.setattr(services, "VERSIONS_A_DAY", 2)
    first, _second = publish(), publish()
    with pytest.raises(NotebookRefused, match="2 versions") as refusal:
        publish()
    assert refusal.value.code == "too_many"
    with pytest.raises(NotebookRefused):
        services.revise(user=cast.paula, notebook=first, about=About("x"), upload=upload())
    publish(cast.ron)
    NotebookVersion.objects.update(created_at=timezone.now() - timedelta(days=1, seconds=1))
    publish()


def test_deleting_takes_the_files_along(cast, publish, stored, django_capture_on_commit_callbacks):
    made = publish()
    services.revise(user=cast.paula, notebook=made, about=About("x"), upload=upload())
    assert stored() == 2
    with django_capture_on_commit_callbacks(execute=True):
        services.delete(notebook=made)
    assert stored() == 0 and not NotebookVersion.objects.exists()


def test_a_hidden_notebook_is_no_longer_pinned_and_may_come_back(publish):
    made = publish()
    services.pin(notebook=made, pinned=True)
    services.hide(notebook=made, reason="It holds the answers.")
    made.refresh_from_db()
    assert made.is_hidden and made.hidden_reason and not made.is_official
    services.show(notebook=made)
    made.refresh_from_db()
    assert not made.is_hidden and not made.hidden_reason


def test_a_deleted_submission_leaves_the_notebook(cast, publish):
    mine = factories.make_submission(cast.team, cast.phase, state=State.SCORED, public=0.5)
    made = publish(submission=mine)
    mine.delete()
    made.refresh_from_db()
    assert made.submission is None
