"""A process that has given files and the network up does not get them back."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from scoring.isolation import landlock

SCRIPT = """
import json, os, socket, sys
from pathlib import Path
from scoring.isolation.landlock import restrict
readable, writable, secret, port, abstract = sys.argv[1:]
was_restricted = restrict(readable=[Path(readable), Path("/absent")], writable=[Path(writable)])
def works(act):
    try:
        act()
    except OSError:
        return False
    return True
def connects(family, address):
    with socket.socket(family) as one:
        one.settimeout(2)
        one.connect(address)
print(json.dumps({
    "restricted": was_restricted,
    "read": works(lambda: Path(readable, "file").read_text()),
    "write what is readable": works(lambda: Path(readable, "file").write_text("x")),
    "write": works(lambda: Path(writable, "new").write_text("x")),
    "make and remove": works(lambda: (Path(writable, "a").mkdir(), Path(writable, "a").rmdir())),
    "rename": works(lambda: Path(writable, "new").rename(Path(writable, "newer"))),
    "read a secret": works(lambda: Path(secret).read_text()),
    "list a secret folder": works(lambda: os.listdir(Path(secret).parent)),
    "link a secret": works(lambda: os.link(secret, Path(writable, "linked"))),
    "connect": works(lambda: connects(socket.AF_INET, ("127.0.0.1", int(port)))),
    "connect by name": works(lambda: connects(socket.AF_UNIX, "\\0" + abstract)),
    "signal its parent": works(lambda: os.kill(os.getppid(), 0)),
}))
"""


@pytest.fixture
def found(tmp_path):
    for name in ("readable", "writable", "secret"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    abstract = f"agon-landlock-{tmp_path.name}"
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as local:
        local.bind("\0" + abstract)
        local.listen()
        arguments = [tmp_path / "readable", tmp_path / "writable", tmp_path / "secret" / "file"]
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                SCRIPT,
                *map(str, arguments),
                str(tcp.getsockname()[1]),
                abstract,
            ],
            cwd=Path(landlock.__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        )
    return json.loads(done.stdout)


def test_it_keeps_a_process_to_its_folders(found):
    if not found["restricted"]:
        pytest.fail("this kernel has no Landlock: run the tests where it is")
    kept = {name for name, works in found.items() if works}
    assert kept >= {"restricted", "read", "write", "make and remove", "rename"}
    assert not kept & {
        "write what is readable",
        "read a secret",
        "list a secret folder",
        "link a secret",
    }


def test_it_keeps_it_off_the_network_on_kernels_that_can(found):
    version = landlock._call(landlock._CREATE, None, 0, landlock._ASK_VERSION)
    assert found["connect"] == (version < landlock._WITH_NETWORK)
    assert found["connect by name"] == (version < landlock._WITH_SCOPES)
    assert found["signal its parent"] == (version < landlock._WITH_SCOPES)


def test_an_old_kernel_does_without(monkeypatch, tmp_path):
    monkeypatch.setattr(landlock, "_call", lambda *_: -1)
    assert not landlock.restrict(readable=[], writable=[])
    assert (tmp_path / "still").write_text("works")
