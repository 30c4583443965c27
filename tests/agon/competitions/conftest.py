"""A folder of competitions for the site."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def shelf(tmp_path: Path, settings: Any) -> Path:
    """An empty folder of competitions, which is the site's."""
    settings.COMPETITIONS_DIR = tmp_path / "competitions"
    settings.COMPETITIONS_DIR.mkdir()
    return Path(settings.COMPETITIONS_DIR)
