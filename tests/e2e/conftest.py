"""A real site and a real Chromium for the browser tests.

Nothing here touches Django in this process: Playwright keeps an event loop running in it, beside
which Django's ORM refuses to work. The browser ends with each module, so that later tests may.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.chromium import open_chromium, sign_in
from tests.e2e.watch import Watch
from tests.e2e.website import Person, Website, open_website

NewContext = Callable[..., BrowserContext]


@pytest.fixture(scope="session")
def website(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Website]:
    with open_website(tmp_path_factory.mktemp("website")) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_chromium() as browser:
        yield browser


@pytest.fixture
def watch(website: Website) -> Iterator[Watch]:
    """Fails the test for whatever the browser complained of."""
    watching = Watch(website.url)
    yield watching
    watching.check()


@pytest.fixture
def new_context(chromium: Browser, website: Website, watch: Watch) -> Iterator[NewContext]:
    """Opens a browser with no memory, signed in as `person` if one is given."""
    opened: list[BrowserContext] = []

    def make(person: Person | None = None, **options: Any) -> BrowserContext:
        context = chromium.new_context(base_url=website.url, **{"locale": "en-US", **options})
        context.set_default_timeout(5_000)
        watch.follow(context)
        if person is not None:
            sign_in(context, website.url, person)
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def page(new_context: NewContext) -> Page:
    """A stranger's browser."""
    return new_context().new_page()


@pytest.fixture
def participant(website: Website) -> Person:
    return website.participant()


@pytest.fixture
def desk(new_context: NewContext, participant: Person) -> Page:
    """The browser of a participant who has submitted nothing yet."""
    return new_context(participant).new_page()
