"""A competition in which everything has happened that an archive could lose."""

from __future__ import annotations

import pytest
from bundle_archives import make_lived

from agon.competitions.models import Competition


@pytest.fixture
def lived(cast) -> Competition:
    return make_lived(cast)
