"""Debian's Chromium, driven by Playwright."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from launcher.prepare_tests import browser as find_browser
from tests.e2e.website import Person

ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=5_000)


@contextmanager
def open_chromium() -> Iterator[Browser]:
    program = find_browser()
    assert program, "The browser tests need Chromium: sudo apt install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


def sign_in(context: BrowserContext, url: str, person: Person) -> None:
    context.add_cookies([{"name": "sessionid", "value": person.session, "url": url}])
