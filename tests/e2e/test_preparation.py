"""A competition whose data is being made: the page keeps itself up to date, and says when it is there."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import NewContext
from tests.e2e.website import Website

pytestmark = pytest.mark.browser

LIVE = {"timeout": 20_000}


@pytest.fixture
def photos(website: Website) -> Iterator[Website]:
    yield website
    change(website, "state='running', token='-', done=43, prepared_at=None")


def change(website: Website, fields: str) -> None:
    """As the preparation worker does."""
    website.stack.manage(
        "shell", "--no-imports", "-c",
        "from django.utils import timezone\n"
        "from agon.competitions.models import Preparation\n"
        f"Preparation.objects.filter(folder='photos').update({fields})",
    )  # fmt: skip


def test_progress_goes_on_under_ones_eyes_until_the_data_is_there(
    photos: Website, new_context: NewContext
) -> None:
    page = new_context().new_page()
    page.goto("/competitions/photos/")
    notice = page.get_by_label("Preparation of the data")
    expect(notice).to_contain_text("Downloading photos.tar.gz: 43 %")
    change(photos, "done=77")
    expect(notice).to_contain_text("77 %", **LIVE)
    expect(notice.get_by_role("progressbar")).to_have_attribute("value", "77")
    change(photos, "state='ready', token='', prepared_at=timezone.now()")
    expect(notice).to_contain_text("The data is ready now.", **LIVE)
    notice.get_by_role("link", name="Go to the data").click()
    expect(page.get_by_label("Preparation of the data")).to_have_count(0)


def test_the_data_pages_linked_data_is_read_and_not_run(
    website: Website, new_context: NewContext
) -> None:
    """The policy would refuse a script here; what `watch` hears of that fails this test."""
    page = new_context().new_page()
    page.goto("/competitions/digits/data/")
    (block,) = page.locator('script[type="application/ld+json"]').all_text_contents()
    assert json.loads(block)["@type"] == "Dataset"
    with page.expect_response("**/croissant.json") as answer:
        page.evaluate("fetch('/competitions/digits/croissant.json')")
    assert answer.value.headers["content-type"] == "application/ld+json"
