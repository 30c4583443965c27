"""`make serve` with folders whose data is not made yet: what is live, what waits, and what makes it go on."""

from __future__ import annotations

import re
import shutil
import signal
import sqlite3
import subprocess
from pathlib import Path

import psutil
import pytest
from competition_folders import PREPARE, write_folder
from served_site import ROOT, Site, all_gone, interrupt

from launcher.broker import free_port
from launcher.processes import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
COMPETITIONS = ROOT / "competitions"
MIRROR = ROOT.parent / "shared" / "data"
PREPARED_SECONDS = 600
NOWHERE = "http://127.0.0.1:9"
"""A proxy that is not there: as without a network, whatever this machine has."""

SLOW = """\
import json, pathlib, time
seen = pathlib.Path(__file__).with_name("starts.txt")
with seen.open("a") as file:
    file.write("started\\n")
count = 600 if len(seen.read_text().split()) == 1 else 3
for done in range(count):
    print(json.dumps({"step": "Downloading photos", "done": done, "total": count}), flush=True)
    time.sleep(0.1)
"""


class Shelf(Site):
    """A site with competitions of its own, where neither this machine's network nor a mirror is used."""

    mirror = ""

    @property
    def competitions(self) -> Path:
        return self.state.parent / "competitions"

    def environment(self) -> dict[str, str]:
        network = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), NOWHERE)
        return {
            **super().environment(),
            **network,
            "COMPETITIONS_DIR": str(self.competitions),
            "AGON_DATA_MIRROR": self.mirror,
            "PREPARATION_LEASE_SECONDS": "4",
            "no_proxy": "127.0.0.1,localhost",
        }

    def states(self) -> dict[str, str]:
        with sqlite3.connect(self.state / "agon.sqlite3") as database:
            rows = database.execute("SELECT folder, state FROM competitions_preparation")
            return dict(rows.fetchall())

    def page(self, path: str) -> str:
        fetched = subprocess.run(
            ["curl", "--silent", "--noproxy", "*", f"http://127.0.0.1:{self.port}{path}"],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        return fetched.stdout

    def wait_for(self, *states: str) -> dict[str, str]:
        """Until every competition is in one of these states."""
        for _ in wait_until(PREPARED_SECONDS, pause=0.5):
            if set(self.states().values()) <= set(states):
                return self.states()
        raise AssertionError(f"still {self.states()}")


@pytest.fixture
def site(tmp_path):
    site = Shelf(tmp_path / "var", free_port())
    site.competitions.mkdir()
    yield site
    for running in site.started:
        if running.poll() is None:
            interrupt(running)


def copy_real_folders(place: Path) -> set[str]:
    """As in a fresh clone."""
    for path in COMPETITIONS.glob("*.py"):
        shutil.copy(path, place)
    slugs = {path.parent.name for path in COMPETITIONS.glob("*/competition.yaml")}
    for slug in slugs:
        ignored = shutil.ignore_patterns("prepared", "__pycache__", ".*")
        shutil.copytree(COMPETITIONS / slug, place / slug, ignore=ignored)
    return slugs


def test_without_a_network_digits_is_live_and_with_the_mirror_all_of_them(site):
    if not MIRROR.is_dir():
        pytest.skip(f"the mirror {MIRROR} is not there, and tests fetch nothing from outside")
    slugs = copy_real_folders(site.competitions)
    running = site.start()
    assert "✓ Competition digits" in site.output.read_text()
    assert set(site.states()) == slugs
    assert site.states()["digits"] == "ready"
    catalogue = site.page("/competitions/")
    assert all(f'href="/competitions/{slug}/"' in catalogue for slug in slugs)
    assert "Not yet prepared" in site.page("/competitions/mnist/")
    states = site.wait_for("ready", "failed")
    # What ships its data needs no network.
    assert {slug for slug, state in states.items() if state == "failed"} >= {"mnist"}
    page = site.page("/competitions/mnist/")
    assert "could not be downloaded" in page
    assert "ossci" not in page
    assert all_gone(interrupt(running))

    site.mirror = str(MIRROR)
    running = site.start()
    assert set(site.wait_for("ready", "failed").values()) == {"ready"}
    assert "Not yet prepared" not in site.page("/competitions/")
    assert "train.npz" in site.page("/competitions/mnist/data/")
    assert all_gone(interrupt(running))


def test_a_preparation_that_is_killed_midway_is_taken_up_again(site):
    write_folder(site.competitions / "digits")
    write_folder(site.competitions / "photos", prepare=SLOW + PREPARE)
    running = site.start()
    assert site.states()["digits"] == "ready"
    for _ in wait_until(30, pause=0.2):
        if re.search(r"Downloading photos: \d+ %", site.page("/competitions/photos/")):
            break
    else:
        raise AssertionError(site.page("/competitions/photos/"))
    worker = worker_of(running)
    programs = worker.children(recursive=True)
    worker.send_signal(signal.SIGKILL)
    assert all_gone(programs)
    assert site.wait_for("ready")["photos"] == "ready"
    assert (site.competitions / "photos/starts.txt").read_text() == "started\nstarted\n"
    assert all_gone(interrupt(running))


def test_ctrl_c_ends_a_preparation_and_the_next_start_goes_on(site):
    write_folder(site.competitions / "digits")
    write_folder(site.competitions / "photos", prepare=SLOW + PREPARE)
    running = site.start()
    for _ in wait_until(30, pause=0.2):
        if site.states()["photos"] == "running":
            break
    assert all_gone(interrupt(running))
    assert site.states()["photos"] == "waiting"
    running = site.start()
    assert site.wait_for("ready")["photos"] == "ready"
    assert all_gone(interrupt(running))


def worker_of(running: subprocess.Popen[str]) -> psutil.Process:
    return next(
        process
        for process in psutil.Process(running.pid).children(recursive=True)
        if "--queues=preparation" in process.cmdline()
    )
