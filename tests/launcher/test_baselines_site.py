"""The site that notebooks are run against: its own, whole, and gone afterwards."""

from __future__ import annotations

import urllib.request

import psutil
import pytest

from launcher.baselines_site import OwnSite
from launcher.console import Console
from launcher.environment import State
from launcher.errors import CannotStart

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def status_of(site, path):
    request = urllib.request.Request(
        site.address + path, headers={"Authorization": f"Bearer {site.token}"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.status


def test_a_site_of_its_own_forgets_the_last_run_and_leaves_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    state = State(tmp_path / "site")
    state.make()
    (state.folder / "agon.sqlite3").write_text("of the last run")
    with OwnSite(state, Console()) as site:
        assert site.load("digits") is None
        assert status_of(site, "/api/competitions/digits/leaderboard/") == 200
        assert "no-such-folder" in (site.load("no-such-folder") or "")
        with pytest.raises(CannotStart, match="already runs"), OwnSite(state, Console()):
            pass
    assert psutil.Process().children(recursive=True) == []
    assert "✓ Competition digits" in capsys.readouterr().out
