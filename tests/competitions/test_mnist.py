"""MNIST: its four files from a mirror, over HTTP and from a folder."""

from __future__ import annotations

import pytest
from competitions.conftest import copy_of, prepare
from competitions.folders import hashes

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path):
    return copy_of("mnist", tmp_path)


def test_preparing_again_gives_the_same_bytes_and_fetches_nothing(mnist, mirror, tmp_path):
    first = hashes(mnist)
    assert prepare(mnist, "--mirror", str(tmp_path / "gone")).returncode == 0
    assert hashes(mnist) == first


def test_the_command_line_names_a_mirror_too(folder, mirror):
    finished = prepare(folder, "--mirror", "/nowhere", "--mirror", str(mirror))
    assert finished.returncode == 0, finished.stderr
    kept = sorted(path.name for path in (folder / "prepared" / "downloads").iterdir())
    assert kept == [
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
    ]


def test_a_folder_that_holds_nothing_is_named(folder, tmp_path):
    finished = prepare(folder, "--mirror", str(tmp_path / "empty"))
    assert finished.returncode == 3
    assert f"{tmp_path}/empty/mnist/" in finished.stderr
    assert "there is no such file" in finished.stderr
    assert "Traceback" not in finished.stderr
