"""What the runners refuse by themselves, and that the other payloads really bite.

Without a sandbox on purpose: each marker that is written here must not be written there.
"""

from __future__ import annotations

import pytest

from tests.security.formats.evil import EVIL, Fate

REFUSED = [name for name, evil in EVIL.items() if evil.fate is Fate.REFUSED]
BITING = [name for name, evil in EVIL.items() if evil.works_bare]


@pytest.fixture
def send(run_bare, tmp_path):
    def sent(name):
        evil = EVIL[name]
        marker = tmp_path / "marker"
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        asked = {**evil.request, "scratch": str(scratch)}
        return run_bare(evil.runtime, evil.files(marker), asked), marker.exists()

    return sent


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_before_any_of_it_runs(send, name):
    said, has_escaped = send(name)
    assert said.fault is not None, said
    assert said.fault[0] in EVIL[name].codes
    assert not has_escaped
    assert not said.arrays and "predictions.csv" not in said.files


@pytest.mark.parametrize("name", BITING)
def test_without_a_sandbox_it_would_get_out(send, name):
    _, has_escaped = send(name)
    assert has_escaped


@pytest.mark.parametrize("name", [name for name in EVIL if name not in {*REFUSED, *BITING}])
def test_every_other_file_can_be_made(name, tmp_path):
    files = EVIL[name].files(tmp_path / "marker")
    assert files["model"] and not (tmp_path / "marker").exists()
