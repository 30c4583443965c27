"""Other platforms' bundles are taken in like a folder of our own, and say what did not come along."""

import io
import zipfile

import factories
import foreign_bundles
import pytest

from agon.bundles.errors import BundleRefused
from agon.bundles.services.importing import import_file
from agon.bundles.services.restoring import Wishes

pytestmark = pytest.mark.django_db


def packed(folder, inside=""):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, f"{inside}{path.relative_to(folder)}")
    stream.seek(0)
    return stream


@pytest.mark.parametrize("inside", ["", "bundle/"])
def test_a_codabench_bundle_becomes_a_private_competition_with_notes(tmp_path, inside):
    host = factories.make_user("host")
    bundle = foreign_bundles.codabench(tmp_path / "bundle")
    made = import_file(stream=packed(bundle, inside), wishes=Wishes(host=host))
    assert (made.competition.slug, made.competition.visibility) == ("name-the-animal", "private")
    assert [phase.name for phase in made.competition.phases.all()] == ["Development", "Final"]
    assert made.competition.phases.first().scoring_program.command.startswith("python3")
    assert any("ingestion program" in note for note in made.notes)
    assert any("fact_sheet" in note for note in made.notes)


def test_a_hugging_face_repository_and_a_codalab_bundle_come_in_too(tmp_path):
    host = factories.make_user("host")
    for make, name in (
        (foreign_bundles.hugging_face, "ones"),
        (foreign_bundles.codalab, "animals"),
    ):
        made = import_file(stream=packed(make(tmp_path / name)), wishes=Wishes(host=host))
        assert made.competition.host == host
        assert made.notes


def test_a_bundle_without_anything_to_score_is_refused_in_words(tmp_path):
    foreign_bundles.written(tmp_path / "bundle", {"competition.yaml": "version: 2\ntitle: Empty\n"})
    with pytest.raises(BundleRefused, match="no phase"):
        import_file(
            stream=packed(tmp_path / "bundle"), wishes=Wishes(host=factories.make_user("host"))
        )
