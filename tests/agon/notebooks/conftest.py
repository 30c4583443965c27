from __future__ import annotations

import pytest
from notebook_files import upload

from agon.notebooks import queries, services
from agon.notebooks.services import About


@pytest.fixture(autouse=True)
def _forget_what_was_rendered():
    queries._rendered.cache_clear()


@pytest.fixture
def publish(cast):
    """Publishes as Paula, unless somebody else is named."""

    def make(user=None, content=None, title="Work", **about):
        return services.publish(
            user=user or cast.paula,
            competition=cast.competition,
            upload=upload(content),
            about=About(title=title, **about),
        )

    return make
