import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from launcher import install

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of the locks alone, as a fresh clone has them."""
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    for name in ("requirements.txt", "requirements-torch.txt"):
        shutil.copy(ROOT / name, tmp_path)
    monkeypatch.setattr(install, "ROOT", tmp_path)
    monkeypatch.setattr(install, "VENV", tmp_path / ".venv")
    return tmp_path


def test_it_is_done_again_when_a_lock_changed(folder):
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    assert not install.is_installed("serve")
    install.stamp_file("serve").write_text(install.stamp_of("serve"))
    assert install.is_installed("serve")
    with (folder / "requirements.txt").open("a") as lock:
        lock.write("# changed\n")
    assert not install.is_installed("serve")


def test_a_virtual_environment_is_made_and_mended(folder):
    install.make_venv(sys.executable)
    assert install.venv_works()
    (folder / ".venv" / "bin" / "python").unlink()
    assert not install.venv_works()
    install.make_venv(sys.executable)
    assert install.venv_works()


def test_a_full_disk_is_one_sentence(folder, monkeypatch):
    usage = namedtuple("usage", "total used free")(100, 99, 1)
    monkeypatch.setattr(install.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(
        install.CannotInstall, match="free some disk space and run the same command again"
    ):
        install.check_disk("serve")


def test_an_old_python_is_one_sentence(monkeypatch):
    monkeypatch.setattr(install, "OLDEST", (99, 0))
    monkeypatch.setattr(install.shutil, "which", lambda _: None)
    with pytest.raises(
        install.CannotInstall, match=r"Agon needs Python 99\.0 or newer, and this is 3\."
    ):
        install.find_python()


def test_a_missing_venv_module_is_one_sentence(folder):
    broken = folder / "python"
    broken.write_text("#!/bin/sh\necho 'ensurepip is not available' >&2\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(install.CannotInstall, match="sudo apt install python3-venv"):
        install.make_venv(str(broken))


def test_uv_hears_what_pip_was_told(monkeypatch):
    for name in ("UV_FIND_LINKS", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    listing = "global.find-links='/wheels /more'\nglobal.extra-index-url='file:///gone https://index.example'\n"
    done = subprocess.CompletedProcess([], 0, stdout=listing + ":env:.find-links='/wheels'\n")
    monkeypatch.setattr(install.subprocess, "run", lambda *_, **__: done)
    environment = install.uv_environment("python")
    assert environment["UV_FIND_LINKS"] == "/wheels"
    assert environment["UV_EXTRA_INDEX_URL"] == "https://index.example"
    assert "UV_DEFAULT_INDEX" not in environment


def test_what_uv_was_told_itself_stays(monkeypatch):
    monkeypatch.setenv("UV_FIND_LINKS", "/mine")
    assert install.uv_environment(sys.executable)["UV_FIND_LINKS"] == "/mine"


def test_nothing_that_serving_needs_brings_torch():
    names = {
        line.partition("==")[0]
        for line in (ROOT / "requirements.txt").read_text().splitlines()
        if "==" in line
    }
    assert "django" in names
    assert not [name for name in names if name.startswith(("torch", "nvidia"))]
