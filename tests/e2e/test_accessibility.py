"""Every page, light and dark, wide and narrow: axe finds nothing serious, and nothing sticks out."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.e2e.gallery import THEMES, WIDTHS, Gallery
from tests.e2e.website import Website

pytestmark = pytest.mark.browser

SERIOUS = {"serious", "critical"}
# Other colours can break no other rules, so the dark pages need not be asked about the rest again.
AXE_OPTIONS: dict[str, dict[str, Any]] = {
    "light": {"resultTypes": ["violations"]},
    "dark": {
        "resultTypes": ["violations"],
        "runOnly": ["color-contrast", "link-in-text-block"],
    },
}


@pytest.fixture(scope="module")
def gallery(website: Website) -> Gallery:
    return Gallery(website)


def violations(page: Page, theme: str = "light") -> list[str]:
    found: list[dict[str, Any]] = Axe().run(page, options=AXE_OPTIONS[theme]).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:300]}"
        for violation in found
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]


def overflow(page: Page) -> list[str]:
    """How far the page can be pushed sideways, and what sticks out."""
    extra = page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
    return [f"sticks out by {extra} pixels"] if extra > 0 else []


def test_axe_really_looks(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content("<title>No language</title><img src='data:,'><p style='color: #eee'>Pale</p>")
    found = " ".join(violations(page))
    page.close()
    for rule in ("html-has-lang", "image-alt", "color-contrast"):
        assert rule in found


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_serious(
    gallery: Gallery, chromium: Browser, theme: str, width: int
) -> None:
    found = {}
    with gallery.visits(
        chromium,
        bypass_csp=True,  # axe runs inside the page; the other tests keep the policy
        color_scheme=theme,
        reduced_motion="reduce",
        viewport={"width": width, "height": WIDTHS[width]},
    ) as pages:
        for name, page in pages:
            if problems := violations(page, theme):
                found[name] = problems
    assert found == {}


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("width", [390, 768])
def test_nothing_sticks_out_of_the_screen(
    gallery: Gallery, chromium: Browser, locale: str, width: int
) -> None:
    found = {}
    language = re.split("-", locale)[0]
    viewport = {"width": width, "height": 844}
    with gallery.visits(chromium, locale=locale, viewport=viewport) as pages:
        for name, page in pages:
            shown = page.locator("html").get_attribute("lang") or ""
            assert shown.startswith(language), f"{name} is in {shown}"
            if problems := overflow(page):
                found[name] = problems
    assert found == {}
