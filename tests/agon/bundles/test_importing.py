"""A folder that somebody wrote comes in by the same checks as one of the site's own."""

from __future__ import annotations

import io
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from bundle_archives import export
from competition_folders import write_folder
from django.core.management import CommandError, call_command

from agon.bundles.errors import BundleRefused
from agon.bundles.services.importing import import_file, import_folder
from agon.bundles.services.restoring import Restored, Wishes
from agon.competitions.models import Competition, Verb

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = write_folder(tmp_path / "flowers")
    subprocess.run([sys.executable, str(home / "prepare.py")], check=True, capture_output=True)
    return home


def packed(folder: Path, *, inside: str = "") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, inside + path.relative_to(folder).as_posix())
    return stream.getvalue()


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return stream.getvalue()


def bring_in(content: bytes, host, **options) -> Restored:
    wishes = Wishes(host=host, slug=options.pop("slug", ""))
    return import_file(stream=io.BytesIO(content), wishes=wishes, **options)


@pytest.mark.parametrize("inside", ["", "flowers/"])
def test_a_zip_file_of_a_folder_becomes_a_competition(folder, cast, inside):
    made = bring_in(packed(folder, inside=inside), cast.sam).competition
    assert (made.slug, made.host) == ("flowers", cast.sam)
    assert made.phases.get().solutions.count() == 1
    assert made.is_prepared
    assert made.host_actions.get().verb == Verb.IMPORTED


def test_what_file_managers_add_is_left_out(folder, cast):
    (folder / "__MACOSX").mkdir()
    (folder / "__MACOSX" / "._overview.md").write_bytes(b"\0")
    assert bring_in(packed(folder), cast.sam).competition.slug == "flowers"


def test_it_can_be_given_another_address(folder, cast):
    assert bring_in(packed(folder), cast.sam, slug="roses").competition.slug == "roses"


def test_its_prepare_is_never_run(tmp_path, cast):
    home = write_folder(tmp_path / "flowers", prepare="open('/tmp/was-run', 'w')")
    with pytest.raises(BundleRefused, match=r"never run here.*prepared/"):
        bring_in(packed(home), cast.sam)


def test_all_faults_of_a_definition_are_told_with_their_lines(folder, cast):
    text = (folder / "competition.yaml").read_text()
    text = text.replace("version: 1", "version: 1\nunheard: of").replace("title:", "titel:")
    (folder / "competition.yaml").write_text(text)
    with pytest.raises(BundleRefused) as refused:
        bring_in(packed(folder), cast.sam)
    assert len(refused.value.sentences) == 3
    assert "unheard" in str(refused.value) and "titel" in str(refused.value)


def test_an_address_of_somebody_else_is_refused_without_a_word_about_it(folder, cast):
    with pytest.raises(BundleRefused, match="is not free") as refused:
        bring_in(packed(folder), cast.sam, slug="other")
    assert "Other" not in str(refused.value)


def test_ones_own_is_brought_up_to_date_only_when_that_is_said(folder, cast):
    made = bring_in(packed(folder), cast.sam).competition
    (folder / "overview.md").write_text("# New\n")
    with pytest.raises(BundleRefused, match="brought up to date"):
        bring_in(packed(folder), cast.sam)
    assert bring_in(packed(folder), cast.sam, update=True).competition == made
    assert made.pages.get(name="overview").text == "# New\n"


def link(name: str, kind: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (kind | 0o777) << 16
    return entry


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([("../outside.txt", b"x")], "leads out of the folder"),
        ([("/etc/outside", b"x")], "leads out of the folder"),
        ([("a/../../outside", b"x")], "leads out of the folder"),
        ([("C:\\outside", b"x")], "leads out of the folder"),
        ([(link("link", stat.S_IFLNK), b"/etc/passwd")], "is a link"),
        ([(link("pipe", stat.S_IFIFO), b"")], "is a link or a device"),
        ([("a\nb", b"x")], "has a name"),
        ([("readme.txt", b"x")], "no competition.yaml"),
    ],
)
def test_a_zip_file_that_is_no_folder_is_refused_in_words(cast, entries, said):
    with pytest.raises(BundleRefused, match=said):
        bring_in(zipped(*entries), cast.sam)


def test_a_name_that_is_there_twice_is_refused(cast):
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = zipped(("a", b"1"), ("a", b"2"))
    with pytest.raises(BundleRefused, match="is there twice"):
        bring_in(content, cast.sam)


def test_a_bomb_is_not_unpacked(cast):
    with pytest.raises(BundleRefused, match="would unpack to"):
        bring_in(zipped(("competition.yaml", bytes(300 * 1024**2))), cast.sam)


def test_a_size_that_lies_is_noticed(cast):
    content = bytearray(zipped(("competition.yaml", b"version: 1\n" * 1000)))
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = (5).to_bytes(4, "little")
    with pytest.raises(BundleRefused):
        bring_in(bytes(content), cast.sam)


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 cut off"])
def test_what_is_no_zip_file_is_refused(cast, content):
    with pytest.raises(BundleRefused, match="not a zip file"):
        bring_in(content, cast.sam)


def test_a_cut_zip_file_is_refused(folder, cast):
    content = packed(folder)
    with pytest.raises(BundleRefused):
        bring_in(content[: len(content) // 2], cast.sam)


def test_a_damaged_byte_is_noticed(folder, cast):
    content = packed(folder)
    at = content.index(b"# overview")
    with pytest.raises(BundleRefused, match="is damaged"):
        bring_in(content[:at] + b"!" + content[at + 1 :], cast.sam)


def test_the_command_takes_a_folder_a_zip_file_and_an_archive(
    folder, lived, tmp_path, cast, capsys
):
    call_command("import_competition", str(folder), "--host", "sam")
    (tmp_path / "a.zip").write_bytes(packed(folder))
    call_command("import_competition", str(tmp_path / "a.zip"), "--slug", "roses")
    (tmp_path / "b.zip").write_bytes(export(lived))
    call_command("import_competition", str(tmp_path / "b.zip"), "--slug", "again")
    assert Competition.objects.filter(slug__in=["flowers", "roses", "again"]).count() == 3
    assert Competition.objects.get(slug="again").teams.count() == 2


def test_the_command_says_what_the_page_says(folder, cast):
    (folder / "rules.md").unlink()
    with pytest.raises(BundleRefused) as page:
        import_folder(folder=folder, wishes=Wishes(host=cast.sam))
    with pytest.raises(CommandError) as command:
        call_command("import_competition", str(folder), "--host", "sam")
    assert str(command.value) == "\n".join(page.value.sentences)


def test_the_command_writes_an_archive(lived, tmp_path, cast, capsys):
    call_command("export_competition", "digits", str(tmp_path / "digits.zip"))
    call_command("import_competition", str(tmp_path / "digits.zip"), "--slug", "again")
    assert Competition.objects.get(slug="again").host == cast.hanna
