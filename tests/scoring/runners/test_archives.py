"""Zip files that were made to break out, or to fill the disk."""

from __future__ import annotations

import io
import stat
import zipfile

import pytest

from scoring.runners.archives import ArchiveFault, unpack


def archive(tmp_path, *entries, mode=0o644):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(info, content)
    return path


def unpacked(tmp_path, path, max_entries=10, max_bytes=1000):
    folder = tmp_path / "out"
    folder.mkdir(exist_ok=True)
    unpack(path, folder, max_entries=max_entries, max_bytes=max_bytes)
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_files_and_folders_come_out_as_they_went_in(tmp_path):
    path = archive(tmp_path, ("a/", b""), ("a/b.txt", b"one"), ("c.txt", b""))
    assert unpacked(tmp_path, path) == {"a/b.txt": b"one", "c.txt": b""}


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/evil", "a/../../evil", "a\\..\\evil", "a\nb", "x" * 500]
)
def test_a_path_that_leads_out_is_refused(tmp_path, name):
    with pytest.raises(ArchiveFault, match="path"):
        unpacked(tmp_path, archive(tmp_path, ("fine", b"1"), (name, b"2")))
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFBLK, stat.S_IFSOCK])
def test_links_and_devices_are_refused(tmp_path, kind):
    path = archive(tmp_path, ("a", b"/etc/passwd"), mode=kind | 0o777)
    with pytest.raises(ArchiveFault, match="link or a device"):
        unpacked(tmp_path, path)


def test_a_name_that_is_there_twice_is_refused(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate"):
        path = archive(tmp_path, ("a", b"1"), ("a", b"2"))
    with pytest.raises(ArchiveFault, match="twice"):
        unpacked(tmp_path, path)


def test_a_file_where_a_folder_should_be_is_refused(tmp_path):
    with pytest.raises(ArchiveFault):
        unpacked(tmp_path, archive(tmp_path, ("a", b"1"), ("a/b", b"2")))


def test_too_many_entries_and_too_many_bytes_are_refused(tmp_path):
    with pytest.raises(ArchiveFault, match="11 entries"):
        unpacked(tmp_path, archive(tmp_path, *((f"{n}", b"") for n in range(11))))
    with pytest.raises(ArchiveFault, match="more than 1000 bytes"):
        unpacked(tmp_path, archive(tmp_path, ("a", bytes(600)), ("b", bytes(600))))


def test_an_entry_that_lies_about_its_size_is_refused(tmp_path):
    path = archive(tmp_path, ("a", bytes(1_000_000)))
    content = path.read_bytes().replace(
        (1_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little")
    )
    path.write_bytes(content)
    with pytest.raises(ArchiveFault):
        unpacked(tmp_path, path)


def test_entries_that_share_their_bytes_are_refused(tmp_path):
    """Ten names for one entry's bytes: a small file that would unpack to ten times as much."""
    whole = archive(tmp_path, ("0", bytes(90))).read_bytes()
    start = whole.index(b"PK\x01\x02")
    end = whole.index(b"PK\x05\x06")
    entry = whole[start:end]
    directory = b"".join(entry[:-1] + str(number).encode() for number in range(10))
    tail = bytearray(whole[end:])
    tail[8:12] = (10).to_bytes(2, "little") * 2
    tail[12:16] = len(directory).to_bytes(4, "little")
    path = tmp_path / "overlap.zip"
    path.write_bytes(whole[:start] + directory + bytes(tail))
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as file:
        assert len(file.infolist()) == 10
    with pytest.raises(ArchiveFault, match="overlap"):
        unpacked(tmp_path, path)
